package peercred

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/test/accept"
)

// Without a free file descriptor Accept waits, says so once, and then accepts the client. It
// says so again the next time.
func TestAccept(t *testing.T) {
	name := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: name})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	for want := 1; want <= 2; want++ {
		client, err := net.Dial("unix", name)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := Accept(t.Context(), &accept.Failing{UnixListener: l}, log)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = client.Close(), conn.Close() // nothing was written
		if n := strings.Count(out.String(), "level=WARN"); n != want {
			t.Errorf("%d warnings, want %d:\n%s", n, want, &out)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if conn, err := Accept(t.Context(), l, log); conn != nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v, %v of a closed listener", conn, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if conn, err := Accept(ctx, full{}, log); conn != nil || !errors.Is(err, unix.EMFILE) {
		t.Errorf("%v, %v when there is no time left", conn, err)
	}
}

// full is a listener of a process without a free file descriptor.
type full struct{}

func (full) AcceptUnix() (*net.UnixConn, error) { return nil, unix.EMFILE }

// Both ends of a socket of this process belong to this process.
func TestRead(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	client, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for _, conn := range []net.Conn{client, server} {
		peer, err := Read(conn.(*net.UnixConn))
		if err != nil || int(peer.Pid) != os.Getpid() || int(peer.Uid) != os.Getuid() || int(peer.Gid) != os.Getgid() {
			t.Errorf("%+v, %v, want this process", peer, err)
		}
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(server.(*net.UnixConn)); err == nil {
		t.Error("no error for a closed connection")
	}
}
