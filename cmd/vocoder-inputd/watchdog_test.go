package main

import (
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"

	"github.com/arealicehole/vocoder/internal/session"
)

// TestWatchdog has what a helper cannot do without stand still in turn: the
// service manager is told nothing more until it goes on.
func TestWatchdog(t *testing.T) {
	for _, tt := range []struct {
		name  string
		block func(x *rig) (free func())
	}{
		{"the loop of a guest", func(x *rig) func() {
			x.hello()
			ear := <-x.events                      // it does not end now
			x.become(session.State{Why: "locked"}) // and the loop waits for that
			return func() { x.events <- ear }
		}},
		{"the keyboard", func(x *rig) func() {
			x.keyboard.mu.Lock()
			return x.keyboard.mu.Unlock
		}},
		{"the users", func(x *rig) func() {
			x.users.mu.Lock()
			return x.users.mu.Unlock
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const limit = 300 * time.Millisecond
			socket := manager(t, limit)
			x := newRig(t, defaults())
			go x.beat(t.Context())
			fed := func() error { return told(socket, sd.SdNotifyWatchdog, time.Now().Add(10*time.Second)) }
			if err := fed(); err != nil {
				t.Fatal(err)
			}
			free := tt.block(x)
			_ = told(socket, sd.SdNotifyWatchdog, time.Now().Add(limit)) // the answers may have been given before
			if told(socket, sd.SdNotifyWatchdog, time.Now().Add(2*limit)) == nil {
				t.Error("it stands still, and the watchdog is fed")
			}
			free()
			if err := fed(); err != nil {
				t.Errorf("it goes on: %v", err)
			}
		})
	}
}

// manager is a service manager that wants to be told all is well within limit.
func manager(t *testing.T, limit time.Duration) *net.UnixConn {
	name := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() }) // nothing is written to it
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", strconv.FormatInt(limit.Microseconds(), 10))
	return socket
}

// told waits until the manager is told something.
func told(socket *net.UnixConn, what string, end time.Time) error {
	if err := socket.SetReadDeadline(end); err != nil {
		return err
	}
	for b := make([]byte, 4096); ; {
		n, err := socket.Read(b)
		if err != nil || string(b[:n]) == what {
			return err
		}
	}
}
