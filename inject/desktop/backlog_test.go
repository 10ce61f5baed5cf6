package desktop

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// A client that does not read holds up the typing until it does; one that did
// not read before, or reads all, does not.
func TestDrain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wayland-0")
	server, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	join := func() (client, at net.Conn) {
		t.Helper()
		client, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		at, err = server.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = client.Close(), at.Close() })
		return client, at
	}
	send := func(to net.Conn, n int) {
		t.Helper()
		if _, err := to.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
	}
	_, asleep := join()
	send(asleep, 3*maxUnread)
	d := drain{path: path}
	d.begin()
	if len(d.before) != 1 {
		t.Fatalf("%d clients, want one: %v", len(d.before), d.before)
	}

	client, at := join()
	send(at, maxUnread)
	if err := d.wait(t.Context()); err != nil {
		t.Error(err)
	}
	send(at, 1)
	short, cancel := context.WithTimeout(t.Context(), 5*lookInterval)
	defer cancel()
	if err := d.wait(short); err == nil {
		t.Error("it did not wait for a client that does not read")
	}
	waited := make(chan error, 1)
	go func() { waited <- d.wait(t.Context()) }()
	if _, err := io.ReadFull(client, make([]byte, maxUnread+1)); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-waited:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(stoppedClient / 2):
		t.Error("it waits for a client that has read all")
	}
}
