package main

import (
	"errors"
	"io"
	"os"
	"slices"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

var (
	ready = helperproto.Request{Kind: helperproto.Ready}
	end   = helperproto.Request{Kind: helperproto.End}
)

func down(c key.Code) helperproto.Request {
	return helperproto.Request{Kind: helperproto.Down, Code: c}
}
func up(c key.Code) helperproto.Request { return helperproto.Request{Kind: helperproto.Up, Code: c} }
func tapped(c key.Code) helperproto.Request {
	return helperproto.Request{Kind: helperproto.Tap, Code: c}
}

func TestDictation(t *testing.T) {
	x := newRig(t, defaultPolicy()).granted()
	for _, r := range []helperproto.Request{down(leftShift), tapped(keyA), down(keyB), tapped(keyA), up(keyB), up(leftShift), tapped(keyB), end} {
		x.want(nil, r)
	}
	if err := x.finish(); err != nil {
		t.Error(err)
	}
	if presses, down := x.read(); presses != 5 || down != 0 {
		t.Errorf("%d presses, %d down", presses, down)
	}
}

// TestTapIsOneWrite: nothing can come between a press and its release, so that no
// window repeats the key, even on a busy machine.
func TestTapIsOneWrite(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET, 0) // it keeps writes apart
	if err != nil {
		t.Fatal(err)
	}
	kernel := os.NewFile(uintptr(fds[1]), "kernel")
	defer func() { _ = kernel.Close() }() // it has been read
	c := &client{}
	k := &keyboard{node: os.NewFile(uintptr(fds[0]), "uinput"), owner: c}
	defer k.close()
	if err := k.set(c, keyA, 1, 0); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1024)
	n, err := kernel.Read(b)
	const each = int(unsafe.Sizeof(event{}))
	if err != nil || n != 4*each {
		t.Fatalf("%d bytes at once, want %d (%v)", n, 4*each, err)
	}
	for i, want := range []event{{typ: evKey, code: uint16(keyA), value: 1}, {typ: evSyn}, {typ: evKey, code: uint16(keyA)}, {typ: evSyn}} {
		if got := *(*event)(unsafe.Pointer(&b[i*each])); got != want {
			t.Errorf("event %d is %+v, want %+v", i, got, want)
		}
	}
	if len(k.pressed()) > 0 {
		t.Errorf("%v are down", k.pressed())
	}
}

// TestHoldIsReported: with its length, however long the report took.
func TestHoldIsReported(t *testing.T) {
	x := newRig(t, defaultPolicy()).hello()
	began := time.Now().Add(-3 * time.Second)
	events := <-x.events
	x.events <- events
	events <- key.Event{Down: true, At: began}
	first := next[helperproto.Hold](x)
	events <- key.Event{At: began.Add(2 * time.Second), Cause: key.Gone}
	second := next[helperproto.Hold](x)
	if d := second.At - first.At - 2*time.Second; d.Abs() > time.Second || !first.Down || second.Down || second.Cause != key.Gone {
		t.Errorf("reported %+v and %+v", first, second)
	}
	if first.Serial != x.serial {
		t.Errorf("of serial %d, want %d", first.Serial, x.serial)
	}
}

// TestNotReady: when Ready is refused, and why.
func TestNotReady(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*rig)
		want error
	}{
		{"no hold", func(*rig) {}, helperproto.NoHold},
		{"still held", func(x *rig) { x.event(true, time.Now()) }, helperproto.NoHold},
		{"too long ago", func(x *rig) {
			x.event(true, time.Now().Add(-grantLifetime-tapLimit))
			x.event(false, time.Now().Add(-grantLifetime))
		}, helperproto.NoHold},
		{"a tap too long ago", func(x *rig) {
			x.event(true, time.Now().Add(-tapLifetime))
			x.event(false, time.Now().Add(-tapLifetime))
		}, helperproto.NoHold},
		{"locked", func(x *rig) { x.held(time.Second); x.become(session.State{Why: session.Locked}) }, helperproto.Locked},
		{"inactive", func(x *rig) { x.held(time.Second); x.become(session.State{Why: session.Inactive}) }, helperproto.Inactive},
		{"asleep", func(x *rig) { x.held(time.Second); x.become(session.State{Why: session.Asleep}) }, helperproto.Asleep},
		{"no session", func(x *rig) { x.held(time.Second); x.become(session.State{Why: session.NoSession}) }, helperproto.NoSession},
		{"logind gone", func(x *rig) { x.held(time.Second); x.presence.update(nil) }, helperproto.NoSession},
		{"no keyboard", func(x *rig) { x.held(time.Second); x.keyboard.close() }, helperproto.NoKeyboard},
		{"another user types", func(x *rig) { x.held(time.Second); x.keyboard.acquire(&client{}) }, helperproto.Busy},
		{"a key stays down", func(x *rig) { x.held(time.Second); x.touch(keyA) }, helperproto.KeysDown},
		{"all is well", func(x *rig) { x.held(time.Second) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := newRig(t, defaultPolicy()).hello()
			tt.do(x)
			x.want(tt.want, ready)
		})
	}
}

// TestStopped: what revokes the permission while a key is down. The helper
// releases that key, and the daemon may release it once more.
func TestStopped(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*rig)
		want error
	}{
		{"locked", func(x *rig) { x.become(session.State{Why: session.Locked}) }, helperproto.Locked},
		{"another session", func(x *rig) { x.become(session.State{Why: session.Inactive}) }, helperproto.Inactive},
		{"a physical key", func(x *rig) { x.touch(keyA) }, helperproto.Touched},
		{"the bound key", func(x *rig) { x.event(true, time.Now()) }, helperproto.Touched},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newRig(t, defaultPolicy()).granted()
			x.want(nil, down(leftShift))
			tt.do(x)
			x.want(tt.want, tapped(keyA))
			x.want(tt.want, down(keyB))
			x.want(nil, up(leftShift))
			x.want(nil, end)
			if presses, down := x.read(); presses != 1 || down != 0 {
				t.Errorf("%d presses, %d down", presses, down)
			}
		})
	}
}

// TestOutOfTurn: an illegal request ends the connection, and presses nothing.
func TestOutOfTurn(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(*rig)
		raw    []byte
	}{
		{"no hello", func(*rig) {}, ready.Append(nil)},
		{"hello twice", func(x *rig) { x.hello() }, helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version}.Append(nil)},
		{"down before ready", func(x *rig) { x.hello() }, down(keyA).Append(nil)},
		{"down after end", func(x *rig) { x.granted().want(nil, end) }, down(keyA).Append(nil)},
		{"tap before ready", func(x *rig) { x.hello() }, tapped(keyA).Append(nil)},
		{"tap of what is down", func(x *rig) { x.granted().want(nil, down(keyA)) }, tapped(keyA).Append(nil)},
		{"up of what was tapped", func(x *rig) { x.granted().want(nil, tapped(keyA)) }, up(keyA).Append(nil)},
		{"up of what is up", func(x *rig) { x.granted() }, up(keyA).Append(nil)},
		{"down twice", func(x *rig) { x.granted().want(nil, down(keyA)) }, down(keyA).Append(nil)},
		{"ready with a key down", func(x *rig) { x.granted().want(nil, down(keyA)) }, ready.Append(nil)},
		{"no message", func(x *rig) { x.hello() }, []byte{99}},
		{"too long", func(x *rig) { x.hello() }, append(ready.Append(nil), make([]byte, 4096)...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newRig(t, defaultPolicy())
			tt.before(x)
			if _, err := x.daemon.Write(tt.raw); err != nil {
				t.Fatal(err)
			}
			for {
				if _, err := x.receive(); err != nil {
					if !over(err) {
						t.Errorf("the connection is open: %v", err)
					}
					break
				}
			}
			if _, down := x.read(); down != 0 {
				t.Errorf("%d keys are down", down)
			}
		})
	}
}

// over reports whether an error means that the other side closed the connection.
func over(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET)
}

func TestOtherVersion(t *testing.T) {
	x := newRig(t, defaultPolicy())
	x.want(helperproto.OtherVersion, helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version + 1})
	if err := x.ask(ready); !over(err) {
		t.Errorf("it is served: %v", err)
	}
}

// TestForbiddenKeys: they are refused, which revokes the permission. The daemon may
// release keys that are up already, and send Ready again.
func TestForbiddenKeys(t *testing.T) {
	x := newRig(t, defaultPolicy()).granted()
	for c := range key.Code(768) {
		if !slices.Contains(x.policy.keys(), c) {
			for _, press := range []helperproto.Request{down(c), tapped(c)} {
				x.want(helperproto.NotAllowed, press)
				x.want(nil, up(c))
				x.want(nil, ready)
			}
		}
		if c%80 == 79 {
			x.paidBack()
		}
	}
	x.want(nil, down(keyA))
	x.want(nil, up(keyA))
}

// paidBack waits until the requests so far are within the rate.
func (x *rig) paidBack() { time.Sleep(requestBurst / 2) }

// TestFlood: a client that sends too many requests is disconnected, and nothing is
// pressed.
func TestFlood(t *testing.T) {
	x := newRig(t, defaultPolicy()).hello()
	sent := make(chan error, 1)
	go func() { // does not wait for answers, which would make the rate that of the machine
		var err error
		for err == nil {
			_, err = x.daemon.Write(ready.Append(nil))
		}
		sent <- err
	}()
	n := 0
	for ; n < 1_000_000; n++ {
		if _, err := x.receive(); err != nil {
			break
		}
	}
	if err := x.finish(); !errors.Is(err, errTooMany) {
		t.Errorf("after %d answers: %v, then %v", n, err, <-sent)
	}
	if presses, _ := x.read(); presses != 0 {
		t.Errorf("%d presses", presses)
	}
}

// TestWorth: a hold grants a number of keys, and modifiers cost nothing.
func TestWorth(t *testing.T) {
	x := newRig(t, defaultPolicy()).hello()
	x.held(0)
	x.want(nil, ready)
	for i := range keysPerHold {
		for _, r := range []helperproto.Request{down(leftShift), tapped(keyA), up(leftShift)} {
			x.want(nil, r)
		}
		if i%100 == 99 {
			x.paidBack()
		}
	}
	x.want(helperproto.NoHold, tapped(keyA))
	x.want(nil, end)
	x.want(helperproto.NoHold, ready)
}

// TestRemoteTrigger: typing without a hold, if the policy allows it.
func TestRemoteTrigger(t *testing.T) {
	r := defaultPolicy()
	r.RemoteTrigger = true
	x := newRig(t, r).hello()
	x.want(nil, ready)
	x.want(nil, down(keyA))
	x.become(session.State{Why: session.Locked})
	x.want(helperproto.Locked, down(keyB))
}

// TestBindings: the state says which bindings are refused. Those allowed keep the
// numbers that the daemon gave them.
func TestBindings(t *testing.T) {
	x := newRig(t, defaultPolicy())
	x.want(nil, helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version})
	x.bind(keyA, 1, rightCtrl)
	var s helperproto.State
	for s = next[helperproto.State](x); s.Serial != x.serial; s = next[helperproto.State](x) {
	}
	if s.Refused != 0b011 || s.Session != helperproto.None || !s.Keyboard {
		t.Errorf("state %+v", s)
	}
	events := <-x.events
	x.events <- events
	events <- key.Event{Down: true, At: time.Now()}
	if h := next[helperproto.Hold](x); h.Binding != 2 {
		t.Errorf("reported %+v", h)
	}
}

// TestLeave: when the session is left during a hold, the helper reports its end
// and closes the devices. It opens them when the user is back.
func TestLeave(t *testing.T) {
	x := newRig(t, defaultPolicy()).hello()
	x.event(true, time.Now())
	x.become(session.State{Why: session.Locked})
	if h := next[helperproto.Hold](x); h.Down || h.Cause != key.Ceded {
		t.Errorf("reported %+v", h)
	}
	if s := next[helperproto.State](x); s.Session != helperproto.Locked {
		t.Errorf("state %+v", s)
	}
	if len(x.events) > 0 {
		t.Error("the devices are still open")
	}
	x.become(session.State{InUse: true})
	x.held(time.Second)
	x.want(nil, ready)
}

// TestOneClient: each user has one.
func TestOneClient(t *testing.T) {
	x := newRig(t, defaultPolicy())
	if x.presence.add(&client{uid: alice}) {
		t.Error("a second client of the same user is served")
	}
	if !x.presence.add(&client{uid: alice + 1}) {
		t.Error("another user is not served")
	}
	if err := x.finish(); err != nil {
		t.Error(err)
	}
	x.presence.remove(x.presence.all()[0]) // as serve does
	for _, c := range x.presence.all() {
		x.presence.remove(c)
	}
	if !x.presence.add(&client{uid: alice}) {
		t.Error("the second is not served after the end of the first")
	}
}
