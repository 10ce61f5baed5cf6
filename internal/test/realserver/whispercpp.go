package realserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/internal/test/isolated"
	"github.com/arealicehole/vocoder/internal/test/loopback"
)

// A WhisperCPP is whisper-server with the puppet.
type WhisperCPP struct {
	URL  string // without path
	c    *exec.Cmd
	home string // its folder, which Stop removes
}

// whisperCPPStart is the longest time until the server listens. It loads the model
// first.
const whisperCPPStart = 5 * time.Minute

// StartWhisperCPP starts the program of make whisper-server with additional arguments,
// and returns when it listens. The caller must stop it; it ends with ctx at the latest.
func StartWhisperCPP(ctx context.Context, program string, log io.Writer, args ...string) (*WhisperCPP, error) {
	home, err := os.MkdirTemp("", "whisper-server-")
	if err != nil {
		return nil, err
	}
	s := &WhisperCPP{home: home}
	if err := s.start(ctx, program, log, args); err != nil {
		return nil, errors.Join(fmt.Errorf("start whisper-server (make whisper-server builds it): %w", err), os.RemoveAll(home))
	}
	return s, nil
}

func (s *WhisperCPP) start(ctx context.Context, program string, log io.Writer, args []string) error {
	model := filepath.Join(s.home, "puppet.bin")
	file, err := os.Create(model)
	if err != nil {
		return err
	}
	if err := errors.Join(WriteModel(file), file.Close()); err != nil {
		return err
	}
	addr, err := loopback.FreeAddr()
	if err != nil {
		return err
	}
	host, port, _ := net.SplitHostPort(addr)
	s.URL = "http://" + addr
	s.c = exec.CommandContext(ctx, program, append([]string{"-m", model, "--host", host, "--port", port, "-t", "2"}, args...)...)
	s.c.Stdout, s.c.Stderr = log, log
	s.c.Dir, s.c.Env = s.home, isolated.Environ(s.home)
	if err := s.c.Start(); err != nil {
		return err
	}
	if err := await(ctx, addr); err != nil {
		return errors.Join(err, s.Stop())
	}
	return nil
}

// await waits until the server listens. The server does not report it, because its
// output stays in a buffer.
func await(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, whisperCPPStart)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var d net.Dialer
	for {
		if conn, err := d.DialContext(ctx, "tcp", addr); err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait until it listens: %w", ctx.Err())
		}
	}
}

// Stop ends the server.
func (s *WhisperCPP) Stop() error {
	defer func() { _ = os.RemoveAll(s.home) }() // it is in the folder for temporary files
	_ = s.c.Process.Signal(syscall.SIGKILL)     // it has no data to lose; it may have ended
	var exit *exec.ExitError
	if err := s.c.Wait(); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}
