package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
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

// TestNotifiesInTime: while all is well the manager gets two notifications within its limit,
// and another if one of them is lost. Of a client that is blocked the log has lines.
func TestNotifiesInTime(t *testing.T) {
	for _, tt := range []struct {
		name    string
		blocked bool
		want    int // notifications in three times the limit, at least
	}{{"all is well", false, 9}, {"a client is blocked", true, 0}} {
		t.Run(tt.name, func(t *testing.T) {
			socket := manager(t)
			log := &bytes.Buffer{}
			s := newServer(defaultPolicy(), newKeyboard(nil), slog.New(slog.NewTextHandler(log, nil)))
			newPaper(t, s.keyboard)
			if tt.blocked {
				s.presence.add(&client{uid: alice})
			}
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 3*watchdogLimit+watchdogLimit/10)
				defer cancel()
				s.watchdog(ctx)
			})
			n := 0
			for receive(socket, sd.SdNotifyWatchdog, time.Now().Add(time.Millisecond)) == nil {
				n++
			}
			if n < tt.want || tt.blocked && n > 0 {
				t.Errorf("%d notifications, want %d", n, tt.want)
			}
			if n := strings.Count(log.String(), "blocked"); n < 3 && tt.blocked || n > 0 && !tt.blocked {
				t.Errorf("the log has %q", log)
			}
		})
	}
}

// TestNoKeyboard: the log and the manager have each reason for which there is no keyboard
// once.
func TestNoKeyboard(t *testing.T) {
	socket := manager(t)
	log := &bytes.Buffer{}
	s := newServer(defaultPolicy(), newKeyboard(nil), slog.New(slog.NewTextHandler(log, nil)))
	name := filepath.Join(t.TempDir(), "uinput")
	s.keyboard.device = name
	check := func(want string) {
		t.Helper()
		log.Reset()
		for range 3 {
			s.checkKeyboard()
		}
		if got := log.String(); strings.Count(got, "typing unavailable") != 1 || !strings.Contains(got, want) {
			t.Errorf("want %q once, and the log has\n%s", want, got)
		}
	}
	check("no such file")
	if err := receive(socket, "STATUS=typing unavailable: open "+name+": no such file or directory", time.Now().Add(waitLimit)); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	check("inappropriate ioctl")
	newPaper(t, s.keyboard)
	log.Reset()
	if s.checkKeyboard(); log.Len() > 0 {
		t.Errorf("there is a keyboard, and the log has\n%s", log)
	}
	if err := s.keyboard.open(); err != nil {
		t.Errorf("there is a keyboard, and another is made: %v", err)
	}
}

// TestSessionsUnknown: the helper asks logind again and again, with pauses that grow, and
// says once that it gets no answer.
func TestSessionsUnknown(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	log := &bytes.Buffer{}
	s := newServer(defaultPolicy(), newKeyboard(nil), slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s.watchSessions(ctx)
	})
	// After 0, 1, 3, 7, 15, 23 … 55 s.
	if n := strings.Count(log.String(), "sessions are not known"); n != 10 {
		t.Errorf("it asked %d times in a minute, want 10", n)
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors, want 1:\n%s", n, log)
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
