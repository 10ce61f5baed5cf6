package peercred

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

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
