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

	"github.com/arealicehole/vocoder/internal/test/isolated"
	"github.com/arealicehole/vocoder/internal/test/loopback"
	"github.com/arealicehole/vocoder/internal/test/repo"
)

// An Engine is the shipped recognizer, running on the host.
type Engine struct {
	Addr string // HOST:PORT of the host's loopback
	c    *exec.Cmd
	home string // its folder, which Stop removes
}

// The names of the engine's models that the tests use. make engine installs the first,
// make model the second.
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
	e := &Engine{}
	if e.Addr, err = loopback.FreeAddr(); err != nil {
		return nil, err
	}
	if e.home, err = os.MkdirTemp("", "vocoder-engine-"); err != nil {
		return nil, err
	}
	if err := e.start(ctx, filepath.Join(top, "bin", "vocoder-engine"), model, log); err != nil {
		return nil, errors.Join(fmt.Errorf("start the engine: %w", err), os.RemoveAll(e.home))
	}
	return e, nil
}

func (e *Engine) start(ctx context.Context, program, model string, log io.Writer) error {
	folder, err := modelFolder()
	if err != nil {
		return err
	}
	// Without the model the engine serves too, and each answer is an error.
	verify := exec.CommandContext(ctx, program, "models", "verify", model, "--models", folder)
	verify.Env = isolated.Environ(e.home)
	if out, err := verify.CombinedOutput(); err != nil {
		return fmt.Errorf("check the model (make engine model installs both): %w: %s", err, bytes.TrimSpace(out))
	}
	// READY=1 arrives on a socket, as a service manager gets it: sd_notify(3).
	path := filepath.Join(e.home, "notify")
	ready, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer ready.Close()

	e.c = exec.CommandContext(ctx, program, "serve", "--preload", "--model", model, "--models", folder, "--addr", e.Addr)
	e.c.Env = isolated.Environ(e.home, "NOTIFY_SOCKET="+path)
	e.c.Stdout, e.c.Stderr = log, log
	e.c.Cancel = func() error { return e.c.Process.Signal(syscall.SIGTERM) }
	e.c.WaitDelay = engineGrace
	if err := e.c.Start(); err != nil {
		return err
	}
	if err := awaitReady(ctx, ready); err != nil {
		return errors.Join(err, e.Stop())
	}
	return nil
}

// modelFolder returns the folder in which make engine and make model install the models:
// the default of the engine, for the user who runs the tests.
func modelFolder() (string, error) {
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "vocoder", "models"), nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share", "vocoder", "models"), err
}

// Stop ends the engine. Connections to it are closed.
func (e *Engine) Stop() error {
	defer func() { _ = os.RemoveAll(e.home) }() // it is in the folder for temporary files
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
const engineStart = 5 * time.Minute

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
