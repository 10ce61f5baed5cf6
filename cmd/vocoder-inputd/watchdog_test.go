package main

import (
	"net"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"

	"github.com/arealicehole/vocoder/internal/linux/session"
)

// TestWatchdog blocks each essential part of the helper in turn. The helper
// does not notify the service manager until that part runs again.
func TestWatchdog(t *testing.T) {
	for _, tt := range []struct {
		name  string
		block func(x *rig) (free func())
	}{
		{"the loop of a client", func(x *rig) func() {
			x.hello()
			events := <-x.events                         // the listener does not end now
			x.become(session.State{Why: session.Locked}) // and the loop waits for that
			<-x.leaving
			return func() { x.events <- events }
		}},
		{"the keyboard", func(x *rig) func() {
			x.keyboard.mu.Lock()
			return x.keyboard.mu.Unlock
		}},
		{"the presence", func(x *rig) func() {
			x.presence.mu.Lock()
			return x.presence.mu.Unlock
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			socket := manager(t)
			x := newRig(t, defaultPolicy())
			go x.watchdog(t.Context())
			notified := func() error { return receive(socket, sd.SdNotifyWatchdog, time.Now().Add(waitLimit)) }
			if err := notified(); err != nil {
				t.Fatal(err)
			}
			free := tt.block(x)
			for sent := 0; receive(socket, sd.SdNotifyWatchdog, time.Now().Add(3*watchdogLimit)) == nil; sent++ {
				if sent > 0 { // the probes of the first may have been received before
					t.Error("it is blocked, and notifies the manager")
					break
				}
			}
			free()
			if err := notified(); err != nil {
				t.Errorf("it runs again: %v", err)
			}
		})
	}
}

// watchdogLimit is the time within which the manager expects each notification.
const watchdogLimit = 300 * time.Millisecond

// manager is a service manager that expects notifications.
func manager(t *testing.T) *net.UnixConn {
	name := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() }) // nothing is written to it
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", strconv.FormatInt(watchdogLimit.Microseconds(), 10))
	return socket
}

// receive waits until the manager receives a notification.
func receive(socket *net.UnixConn, what string, end time.Time) error {
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
