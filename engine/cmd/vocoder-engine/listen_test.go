package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestListenOnlyHere(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "10.0.2.2:8771", "nonsense", "127.0.0.1", "127.0.0.1:99999"} {
		if l, err := listen(t.Context(), addr); err == nil {
			t.Errorf("%s: listens on %v", addr, l.Addr())
			_ = l.Close()
		}
	}
	for _, addr := range []string{"127.0.0.1:0", "127.1.2.3:0", "localhost:0"} {
		l, err := listen(t.Context(), addr)
		if err != nil {
			t.Errorf("%s: %v", addr, err)
			continue
		}
		_ = l.Close()
	}
}

func TestListenUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.sock")
	l, err := listen(t.Context(), "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, want mode 0600", info.Mode(), err)
	}
	if l, err := listen(t.Context(), "unix:"+path); err == nil {
		t.Error("took the socket of one that listens")
		_ = l.Close()
	}
}

// TestListenUnixLeftOver: the socket of a dead process is replaced, and no other file is.
func TestListenUnixLeftOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.sock")
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	_ = old.Close()
	l, err := listen(t.Context(), "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()

	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := listen(t.Context(), "unix:"+path); err == nil {
		t.Error("listens in place of a file")
		_ = l.Close()
	}
	if b, _ := os.ReadFile(path); !strings.Contains(string(b), "precious") {
		t.Error("removed a file")
	}
}

// activated starts the engine with sockets, as systemd does.
func activated(t *testing.T, sockets ...*os.File) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The process must have its own number in its environment: sd_listen_fds(3).
	c := exec.CommandContext(t.Context(), "/bin/sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=$1 exec "$0" serve --models "$2"`,
		self, strconv.Itoa(len(sockets)), t.TempDir())
	c.ExtraFiles = sockets
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, &said
}

// handOver returns the file of a listener, and closes the listener.
func handOver[L interface {
	net.Listener
	File() (*os.File, error)
}](t *testing.T, l L, err error) *os.File {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	f, err := l.File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close(); _ = l.Close() })
	return f
}

// The engine serves all sockets of vocoder-engine.socket until it gets the signal to
// end.
func TestHandedSockets(t *testing.T) {
	tcp, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	first := handOver(t, tcp, err)
	path := filepath.Join(t.TempDir(), "engine.sock")
	unix, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	second := handOver(t, unix, err)
	c, said := activated(t, first, second)
	for _, where := range []net.Addr{tcp.Addr(), unix.Addr()} {
		client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, where.Network(), where.String())
		}}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://engine/", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(request)
		if err != nil {
			t.Fatalf("%v: %v", where, err)
		}
		_ = answer.Body.Close()
		client.CloseIdleConnections()
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}

// The engine refuses a socket that other machines can reach, also from systemd.
func TestHandedSocketOutside(t *testing.T) {
	tcp, err := net.ListenTCP("tcp4", &net.TCPAddr{})
	c, said := activated(t, handOver(t, tcp, err))
	if err := c.Wait(); err == nil || !strings.Contains(said.String(), "loopback") {
		t.Errorf("%v, want it refused\n%s", err, said)
	}
}
