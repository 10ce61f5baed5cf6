package control

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var discard = slog.New(slog.DiscardHandler)

func place(t *testing.T) string { return filepath.Join(t.TempDir(), "vocoder.sock") }

func listen(t *testing.T, path string) *Socket {
	t.Helper()
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// foreign listens at path without the lock, as systemd does.
func foreign(t *testing.T, path string) *net.UnixListener {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestMode(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	path := place(t)
	listen(t, path)
	for _, name := range []string{path, strings.TrimSuffix(path, ".sock") + ".lock"} {
		info, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", name, info.Mode())
		}
	}
}

func TestOnePlace(t *testing.T) {
	path := place(t)
	first := listen(t, path)
	_, err := Listen(path)
	if !errors.Is(err, ErrRunning) || !strings.Contains(err.Error(), "process ") {
		t.Errorf("second: %v", err)
	}
	if _, err := net.Dial("unix", path); err != nil {
		t.Errorf("the first lost its socket: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	listen(t, path)
}

func TestDeadSocketIsReplaced(t *testing.T) {
	path := place(t)
	if err := foreign(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err)
	}
	listen(t, path)
	if _, err := net.Dial("unix", path); err != nil {
		t.Error(err)
	}
}

// The daemon neither replaces nor connects to a socket that systemd holds. A connection
// would start the service.
func TestLiveSocketIsLeft(t *testing.T) {
	path := place(t)
	l := foreign(t, path)
	if _, err := Listen(path); !errors.Is(err, ErrRunning) {
		t.Errorf("got %v", err)
	}
	raw, err := l.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	fd := []unix.PollFd{{Events: unix.POLLIN}}
	if err := raw.Control(func(f uintptr) { fd[0].Fd = int32(f) }); err != nil {
		t.Fatal(err)
	}
	if n, err := unix.Poll(fd, 0); n != 0 || err != nil {
		t.Errorf("a connection waits: %d, %v", n, err)
	}
	// The lock is free again.
	l.SetUnlinkOnClose(true)
	a, err := Adopt(l)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path); !errors.Is(err, ErrRunning) {
		t.Errorf("next to an adopted one: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the socket of the service manager is gone: %v", err)
	}
}

func TestNoPlace(t *testing.T) {
	file := place(t)
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(file); err == nil || errors.Is(err, ErrRunning) {
		t.Errorf("a file: %v", err)
	}
	if b, err := os.ReadFile(file); string(b) != "mine" {
		t.Errorf("the file is now %q, %v", b, err)
	}
	linked := place(t)
	if err := os.Symlink(file, strings.TrimSuffix(linked, ".sock")+".lock"); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(linked); err == nil {
		t.Error("a lock that is a link was used")
	}
	if _, err := Listen(filepath.Join(t.TempDir(), "none", "vocoder.sock")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tcp.Close() }()
	if _, err := Adopt(tcp); err == nil {
		t.Error("a TCP socket was adopted")
	}
}

func TestServeAdopted(t *testing.T) {
	path := place(t)
	l := foreign(t, path)
	// A client that connects before the daemon starts gets its answer afterwards.
	f := &fake{}
	first := make(chan error, 1)
	go func() { _, err := Client{path}.Status(t.Context()); first <- err }()
	a, err := Adopt(l)
	if err != nil {
		t.Fatal(err)
	}
	f.server = &Server{Daemon: f, Log: discard}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.server.Run(ctx, a) }()
	if err := <-first; err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestNotRunning(t *testing.T) {
	absent, dead, rude := place(t), place(t), place(t)
	_ = foreign(t, dead).Close()
	l := foreign(t, rude)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	for _, path := range []string{absent, dead, rude} {
		c := Client{path}
		if _, err := c.Status(t.Context()); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: Status: %v", path, err)
		}
		if err := c.Watch(t.Context(), func(Status) error { return nil }); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: Watch: %v", path, err)
		}
	}
}

func TestClientStops(t *testing.T) {
	path := place(t)
	foreign(t, path) // accepts, and never answers
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := (Client{path}).Status(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	enough := errors.New("enough")
	if err := serve(t, &fake{}).Watch(t.Context(), func(Status) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}

func TestAwait(t *testing.T) {
	path := place(t)
	c := Client{path}
	here := make(chan error, 1)
	go func() { here <- c.Await(t.Context()) }()
	select {
	case err := <-here:
		t.Fatalf("there is no daemon: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	listen(t, path)
	if err := <-here; err != nil {
		t.Error(err)
	}
	if err := c.Await(t.Context()); err != nil {
		t.Errorf("there is a daemon: %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	go func() { here <- Client{place(t)}.Await(ctx) }()
	cancel()
	if err := <-here; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := (Client{filepath.Join(t.TempDir(), "none", "x.sock")}).Await(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

func TestPath(t *testing.T) {
	if got, want := Path("/run/user/7"), "/run/user/7/vocoder.sock"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := Path(""); !strings.HasPrefix(got, "/run/user/") {
		t.Errorf("got %s", got)
	}
}
