package desktop

import (
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// TestSilentBus: a session bus that accepts a connection and says nothing, as systemd's socket
// for a bus that does not start, delays a question for a moment and does not end all of them. Whether there is an input method
// is not known then.
func TestSilentBus(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes displayLimit")
	}
	c := place(t)
	newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("One"))
	serve(t, filepath.Join(c.Runtime, "bus"), func(c *net.UnixConn) { _, _ = io.Copy(io.Discard, c) })
	w := start(t, c)
	known := make(chan State, 1)
	go func() {
		s, _ := w.State(t.Context()) // without a map
		known <- s
	}()
	select {
	case s := <-known:
		if s.Map == nil || s.IME != "unknown" {
			t.Errorf("got %+v", s)
		}
	case <-time.After(time.Minute):
		t.Error("no answer")
	}
}
