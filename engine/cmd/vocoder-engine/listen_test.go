package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

// A socket that a dead process left is replaced, another file is not.
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
