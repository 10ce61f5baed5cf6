package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/linux/session"
	"github.com/arealicehole/vocoder/internal/test/accept"
)

// stateWith returns the first State that a test accepts.
func (x *rig) stateWith(ok func(helperproto.State) bool) {
	x.t.Helper()
	for !ok(next[helperproto.State](x)) {
	}
}

// TestCannotListen: the daemon learns that its keys are missing, and the helper tries the devices
// again. Until then, neither the session nor another Bind tries them.
func TestCannotListen(t *testing.T) {
	x := newRig(t, defaultPolicy())
	log := &bytes.Buffer{}
	x.log = slog.New(slog.NewTextHandler(log, nil))
	works, attempts := x.listen, make(chan time.Time, 100)
	x.listen = func(ctx context.Context, c evdev.Config, events chan<- key.Event) error {
		attempts <- time.Now()
		if len(attempts) == 1 {
			return errors.New("watch /dev/input: too many open files")
		}
		c.Changed(evdev.Status{Devices: []evdev.Device{{}}})
		return works(ctx, c, events)
	}
	x.hello()
	x.stateWith(func(s helperproto.State) bool { return s.Missing == 1 })
	x.become(session.State{Why: session.Locked})
	x.become(session.State{InUse: true})
	x.bind(rightCtrl, 119)
	x.stateWith(func(s helperproto.State) bool { return s.Serial == x.serial && s.Missing == 0b11 })
	x.stateWith(func(s helperproto.State) bool { return s.Missing == 0 && s.Devices == 1 })
	if first, second := <-attempts, <-attempts; second.Sub(first) < minListenPause {
		t.Errorf("tried again after %v", second.Sub(first))
	}
	x.held(time.Second)
	x.want(nil, ready)
	_ = x.finish() // nothing more is tested, and nothing more is logged
	if n := strings.Count(log.String(), "cannot listen"); n != 1 || !strings.Contains(log.String(), "too many open files") {
		t.Errorf("the log has\n%s", log)
	}
}

// TestListenerFailsWhileHeld: the hold ends, and permits to type.
func TestListenerFailsWhileHeld(t *testing.T) {
	x := newRig(t, defaultPolicy())
	fail := make(chan struct{})
	x.listen = func(_ context.Context, _ evdev.Config, events chan<- key.Event) error {
		x.events <- events
		<-fail
		<-x.events
		return errors.New("watch /dev/input: gone")
	}
	x.hello()
	x.event(true, time.Now())
	close(fail)
	if h := next[helperproto.Hold](x); h.Down || h.Cause != key.Gone {
		t.Errorf("reported %+v", h)
	}
	x.want(nil, ready)
	x.want(nil, tapped(keyA))
}

func TestNextPause(t *testing.T) {
	for _, tt := range []struct{ last, ran, want time.Duration }{
		{0, 0, time.Second},
		{time.Second, 0, 2 * time.Second},
		{32 * time.Second, 10 * time.Second, time.Minute},
		{time.Minute, time.Minute, time.Minute},
		{time.Minute, time.Minute + 1, time.Second},
	} {
		if got := clock.NextPause(tt.last, tt.ran, minListenPause, maxListenPause); got != tt.want {
			t.Errorf("after %v and %v: %v, want %v", tt.last, tt.ran, got, tt.want)
		}
	}
}

// TestShortAbsence: the user was away, and is back before the client has checked. The hold
// and the permission to type have ended nevertheless.
func TestShortAbsence(t *testing.T) {
	for _, why := range []session.Why{session.Locked, session.Asleep, session.Inactive} {
		t.Run(string(why), func(t *testing.T) {
			x := newRig(t, defaultPolicy()).granted()
			x.event(true, time.Now())
			x.presence.mu.Lock() // the client's loop waits, as on a busy machine
			all := x.presence.state
			x.presence.mu.Unlock()
			x.become(session.State{Why: why})
			x.presence.update(all)
			if h := next[helperproto.Hold](x); h.Down || h.Cause != key.Ceded {
				t.Errorf("reported %+v", h)
			}
			if err := x.ask(tapped(keyA)); err == nil {
				t.Error("it may still type")
			}
			x.want(nil, end)
			x.held(time.Second)
			x.want(nil, ready)
		})
	}
}

// TestReleaseWhileAway: it is not reported itself, but the hold is over when the user is
// back.
func TestReleaseWhileAway(t *testing.T) {
	x := newRig(t, defaultPolicy()).hello()
	x.event(true, time.Now())
	c := x.presence.all()[0]
	events := <-x.events
	x.presence.mu.Lock()
	x.presence.state = func(int) session.State { return session.State{Why: session.Locked} } // not checked yet
	c.missed = helperproto.Locked
	x.presence.mu.Unlock()
	events <- key.Event{At: time.Now()}
	c.probes <- struct{}{} // after that
	x.events <- events
	x.become(session.State{InUse: true})
	if h := next[helperproto.Hold](x); h.Down || h.Cause != key.Ceded {
		t.Errorf("reported %+v", h)
	}
	x.want(nil, end) // the devices are open again
	x.held(time.Second)
	x.want(nil, ready)
	x.want(nil, tapped(keyA))
}

// TestLeftWhileWaiting: the permission is refused if the session changed while the helper
// waited for the keys. It can be had later.
func TestLeftWhileWaiting(t *testing.T) {
	x := newRig(t, defaultPolicy())
	wait, waiting := make(chan struct{}), make(chan struct{})
	var once sync.Once
	x.openKeys = func(string) (physicalKeys, error) {
		once.Do(func() { close(waiting) })
		<-wait
		return x, nil
	}
	x.hello()
	x.held(time.Second)
	if _, err := x.daemon.Write(ready.Append(nil)); err != nil {
		t.Fatal(err)
	}
	<-waiting
	x.become(session.State{Why: session.Locked})
	x.stateWith(func(s helperproto.State) bool { return s.Session == helperproto.Locked })
	close(wait)
	if a := next[helperproto.Answer](x); a.Reason != helperproto.Locked {
		t.Errorf("answer %v", a.Reason)
	}
	x.become(session.State{InUse: true}) // and the client may ask again
	x.held(time.Second)
	x.want(nil, ready)
	if presses, _ := x.read(); presses != 0 {
		t.Errorf("%d presses", presses)
	}
}

// TestKeysUnknown: without a keyboard that may be read there is none to wait for. If the
// keyboards cannot be opened for another reason, a key may be down: nothing is typed.
func TestKeysUnknown(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want error
	}{
		{&fs.PathError{Op: "open", Path: "/dev/input/event3", Err: unix.EACCES}, nil},
		{fs.ErrPermission, nil},
		{unix.EMFILE, helperproto.KeysDown},
		{unix.EIO, helperproto.KeysDown},
	} {
		x := newRig(t, defaultPolicy())
		x.openKeys = func(string) (physicalKeys, error) { return nil, tt.err }
		x.hello()
		x.held(time.Second)
		x.want(tt.want, ready)
	}
}

// TestSuspended: the time in which the machine was suspended counts, so that yesterday's
// hold permits nothing.
func TestSuspended(t *testing.T) {
	for _, tt := range []struct {
		suspended time.Duration
		want      error
	}{
		{grantLifetime / 2, nil},
		{grantLifetime, helperproto.NoHold},
		{8 * time.Hour, helperproto.NoHold},
	} {
		x := newRig(t, defaultPolicy())
		before := make(chan time.Duration, 1)
		before <- time.Hour // of earlier days
		x.suspended = func() time.Duration { d := <-before; before <- d; return d }
		x.hello()
		x.held(time.Second)
		before <- <-before + tt.suspended
		x.want(tt.want, ready)
	}
}

// TestFull: clients of users who are not at the machine do not keep out one who is.
func TestFull(t *testing.T) {
	x := newRig(t, defaultPolicy()).hello()
	var absent []*client
	for uid := alice + 1; len(absent) < maxClients-1; uid++ {
		c := newClient(x.server, nil, uid)
		if !x.presence.add(c) {
			t.Fatalf("%d clients, and no room for another", len(absent)+1)
		}
		absent = append(absent, c)
	}
	if x.presence.add(newClient(x.server, nil, 5000)) {
		t.Error("a user who is not at the machine gets the place of another")
	}
	const bob = 6000
	x.presence.update(func(uid int) session.State { return session.State{InUse: uid == alice || uid == bob} })
	if !x.presence.add(newClient(x.server, nil, bob)) {
		t.Fatal("no room for a user at the machine")
	}
	n := 0
	for _, c := range absent {
		select {
		case <-c.evicted:
			n++
			x.presence.remove(c) // as when it ends
		default:
		}
	}
	if all := x.presence.all(); n != 1 || len(all) != maxClients {
		t.Errorf("%d had to leave, %d are served", n, len(all))
	}
	x.held(time.Second) // alice still is
	x.want(nil, ready)
}

// TestEvicted: a client that has to leave ends.
func TestEvicted(t *testing.T) {
	x := newRig(t, defaultPolicy()).hello()
	close(x.presence.all()[0].evicted)
	select {
	case err := <-x.done:
		if !errors.Is(err, errEvicted) {
			t.Error(err)
		}
		x.ended = true
	case <-time.After(waitLimit):
		t.Fatal("it does not end")
	}
}

// TestAcceptFails: the helper goes on, and says once that no client can be accepted.
func TestAcceptFails(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	name := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Net: "unixpacket", Name: name})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := newServer(defaultPolicy(), newKeyboard(nil), slog.New(slog.NewTextHandler(&log, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx, &accept.Failing{UnixListener: l}) }()
	conn, err := net.DialUnix("unixpacket", nil, l.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	x := &rig{t: t, daemon: conn}
	x.want(nil, helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version})
	_ = conn.Close() // nothing was written
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(waitLimit):
		t.Fatal("it does not end")
	}
	if n := strings.Count(log.String(), "too many open files"); n != 1 {
		t.Errorf("the log has it %d times, want once:\n%s", n, &log)
	}
}
