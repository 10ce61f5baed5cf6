package realserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/internal/test/loopback"
	"github.com/arealicehole/vocoder/internal/test/repo"
)

// An Engine is the shipped recognizer, running on the host.
type Engine struct {
	Addr string // HOST:PORT of the host's loopback
	c    *exec.Cmd
}

// The engine's models that the tests speak to, by their names. make engine brings
// the first, make model the second.
const (
	Moonshine = "moonshine-tiny-en" // small, quick, English alone
	Whisper   = "whisper-base"
)

// engineGrace is how long the engine may run after it was asked to end.
const engineGrace = 5 * time.Second

// StartEngine starts the engine on a free port and returns when it listens and has
// loaded the model. The caller must stop it; it ends with ctx at the latest.
func StartEngine(ctx context.Context, model string, log io.Writer) (*Engine, error) {
	top, err := repo.Top()
	if err != nil {
		return nil, err
	}
	program := filepath.Join(top, "bin", "vocoder-engine")
	// Without its model the engine serves too, and says so in each answer.
	if out, err := exec.CommandContext(ctx, program, "models", "verify", model).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("check the engine's model (make engine model brings both): %w: %s", err, bytes.TrimSpace(out))
	}
	addr, err := loopback.FreeAddr()
	if err != nil {
		return nil, err
	}
	// READY=1 arrives on a socket, as a service manager gets it: sd_notify(3).
	dir, err := os.MkdirTemp("", "vocoder-engine-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "notify")
	ready, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	defer ready.Close()

	e := &Engine{Addr: addr, c: exec.CommandContext(ctx, program, "serve", "--preload", "--model", model, "--addr", addr)}
	e.c.Env = append(os.Environ(), "NOTIFY_SOCKET="+path)
	e.c.Stdout, e.c.Stderr = log, log
	e.c.Cancel = func() error { return e.c.Process.Signal(syscall.SIGTERM) }
	e.c.WaitDelay = engineGrace
	if err := e.c.Start(); err != nil {
		return nil, fmt.Errorf("start the engine: %w", err)
	}
	if err := awaitReady(ctx, ready); err != nil {
		return nil, errors.Join(fmt.Errorf("start the engine: %w", err), e.Stop())
	}
	return e, nil
}

// Stop ends the engine. Connections to it are closed.
func (e *Engine) Stop() error {
	if err := e.c.Cancel(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	force := time.AfterFunc(engineGrace, func() { _ = e.c.Process.Kill() }) // it may have ended
	defer force.Stop()
	if err := e.c.Wait(); err != nil {
		return fmt.Errorf("stop the engine: %w", err)
	}
	return nil
}

// engineStart is the longest time to load the model. A few seconds are usual.
const engineStart = time.Minute

func awaitReady(ctx context.Context, ready *net.UnixConn) error {
	if err := ready.SetReadDeadline(time.Now().Add(engineStart)); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = ready.SetReadDeadline(time.Unix(1, 0)) })()
	for b := make([]byte, 4096); ; {
		n, err := ready.Read(b)
		if err != nil {
			return fmt.Errorf("wait until it is ready: %w", err)
		}
		if strings.Contains(string(b[:n]), "READY=1") {
			return nil
		}
	}
}
