package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/session"
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
	x := newRig(t, defaults()).granted()
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
// window repeats the key, however busy the machine is.
func TestTapIsOneWrite(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET, 0) // which keeps writes apart
	if err != nil {
		t.Fatal(err)
	}
	kernel := os.NewFile(uintptr(fds[1]), "kernel")
	defer func() { _ = kernel.Close() }() // it has been read
	g := &guest{}
	k := &keyboard{node: os.NewFile(uintptr(fds[0]), "uinput"), user: g}
	defer k.close()
	if err := k.set(g, keyA, 1, 0); err != nil {
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
	if len(k.held()) > 0 {
		t.Errorf("%v are down", k.held())
	}
}

// TestHoldIsTold: with its length, whatever time it took to tell.
func TestHoldIsTold(t *testing.T) {
	x := newRig(t, defaults()).hello()
	began := time.Now().Add(-3 * time.Second)
	events := <-x.events
	x.events <- events
	events <- key.Event{Down: true, At: began}
	first := next[helperproto.Hold](x)
	events <- key.Event{At: began.Add(2 * time.Second), Cause: key.Gone}
	second := next[helperproto.Hold](x)
	if d := second.At - first.At - 2*time.Second; d.Abs() > 5*time.Millisecond || !first.Down || second.Down || second.Cause != key.Gone {
		t.Errorf("told %+v and %+v", first, second)
	}
	if first.Serial != x.serial {
		t.Errorf("of serial %d, want %d", first.Serial, x.serial)
	}
}

// TestNotReady: when typing is refused, and why.
func TestNotReady(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*rig)
		want error
	}{
		{"no hold", func(*rig) {}, helperproto.NoHold},
		{"still held", func(x *rig) { x.event(true, time.Now()) }, helperproto.NoHold},
		{"too long ago", func(x *rig) { x.event(true, time.Now().Add(-lifetime)); x.event(false, time.Now().Add(-lifetime)) }, helperproto.NoHold},
		{"locked", func(x *rig) { x.held(time.Second); x.become(session.State{Why: "locked"}) }, helperproto.Locked},
		{"inactive", func(x *rig) { x.held(time.Second); x.become(session.State{Why: "inactive"}) }, helperproto.Inactive},
		{"asleep", func(x *rig) { x.held(time.Second); x.become(session.State{Why: "asleep"}) }, helperproto.Asleep},
		{"no session", func(x *rig) { x.held(time.Second); x.become(session.State{Why: "no session"}) }, helperproto.NoSession},
		{"logind gone", func(x *rig) { x.held(time.Second); x.users.follow(nil) }, helperproto.NoSession},
		{"no keyboard", func(x *rig) { x.held(time.Second); x.keyboard.close() }, helperproto.NoKeyboard},
		{"another user types", func(x *rig) { x.held(time.Second); x.keyboard.take(&guest{}) }, helperproto.Busy},
		{"a key stays down", func(x *rig) { x.held(time.Second); x.touch(keyA) }, helperproto.KeysDown},
		{"well", func(x *rig) { x.held(time.Second) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := newRig(t, defaults()).hello()
			tt.do(x)
			x.want(tt.want, ready)
		})
	}
}

// TestStopped: what ends the permission while a key is down. That key is up
// then, and the daemon may release it as if nothing had been.
func TestStopped(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*rig)
		want error
	}{
		{"locked", func(x *rig) { x.become(session.State{Why: "locked"}) }, helperproto.Locked},
		{"another session", func(x *rig) { x.become(session.State{Why: "inactive"}) }, helperproto.Inactive},
		{"a physical key", func(x *rig) { x.touch(keyA) }, helperproto.Touched},
		{"the bound key", func(x *rig) { x.event(true, time.Now()) }, helperproto.Touched},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := newRig(t, defaults()).granted()
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

// TestOutOfTurn: what is not legal ends the connection, and presses nothing.
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
			x := newRig(t, defaults())
			tt.before(x)
			if _, err := x.daemon.Write(tt.raw); err != nil {
				t.Fatal(err)
			}
			for {
				if _, err := x.hear(); err != nil {
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

// over reports whether an error is that of a connection that has been ended.
func over(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET)
}

func TestOtherVersion(t *testing.T) {
	x := newRig(t, defaults())
	x.want(helperproto.OtherVersion, helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version + 1})
	if err := x.ask(ready); !over(err) {
		t.Errorf("it is served: %v", err)
	}
}

// TestForbiddenKeys: they are refused, and end the typing as any refusal does: the
// daemon may let go of what it does not know to be up, and ask to type again.
func TestForbiddenKeys(t *testing.T) {
	x := newRig(t, defaults()).granted()
	for c := range key.Code(768) {
		if !slices.Contains(x.rules.keys(), c) {
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

// paidBack waits until the rate of requests is forgotten.
func (x *rig) paidBack() { time.Sleep(rateBurst / 2) }

// TestFlood: who asks without pause is thrown out, having pressed nothing.
func TestFlood(t *testing.T) {
	x := newRig(t, defaults()).hello()
	var err error
	n := 0
	for ; n < 10000; n++ {
		if err = x.ask(ready); !errors.Is(err, helperproto.NoHold) {
			break
		}
	}
	if n == 10000 || !errors.Is(x.finish(), errTooMany) {
		t.Errorf("after %d requests: %v", n, err)
	}
	if presses, _ := x.read(); presses != 0 {
		t.Errorf("%d presses", presses)
	}
}

// TestWorth: a hold is worth so many keys, and modifiers cost nothing.
func TestWorth(t *testing.T) {
	x := newRig(t, defaults()).hello()
	x.held(0)
	x.want(nil, ready)
	for i := range perHold {
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

// TestRemoteTrigger: only where the owner of the machine has it so.
func TestRemoteTrigger(t *testing.T) {
	r := defaults()
	r.RemoteTrigger = true
	x := newRig(t, r).hello()
	x.want(nil, ready)
	x.want(nil, down(keyA))
	x.become(session.State{Why: "locked"})
	x.want(helperproto.Locked, down(keyB))
}

// TestBindings: the state tells which are refused, and those admitted keep the
// numbers the daemon gave them.
func TestBindings(t *testing.T) {
	x := newRig(t, defaults())
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
		t.Errorf("told %+v", h)
	}
}

// TestLeave: who leaves holding the key is told that it is over, and hears
// nothing until back.
func TestLeave(t *testing.T) {
	x := newRig(t, defaults()).hello()
	x.event(true, time.Now())
	x.become(session.State{Why: "locked"})
	if h := next[helperproto.Hold](x); h.Down || h.Cause != key.Ceded {
		t.Errorf("told %+v", h)
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

// TestOneGuest: a user has one, and another user another.
func TestOneGuest(t *testing.T) {
	x := newRig(t, defaults())
	if x.users.enter(&guest{uid: alice}) {
		t.Error("a second guest of the same user is let in")
	}
	if !x.users.enter(&guest{uid: alice + 1}) {
		t.Error("another user is not let in")
	}
}

// TestRandom makes requests and has things happen in any order. Whatever they
// are, no key goes down without a hold that is not used up, no key is pressed
// twice, and all are up at the end.
func TestRandom(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { random(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func FuzzGuest(f *testing.F) {
	f.Add([]byte{0, 1, 2, 5, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(t *testing.T, script []byte) { play(t, script[:min(len(script), 200)]) })
}

func random(t *testing.T, r *rand.Rand) {
	script := make([]byte, 60)
	for i := range script {
		script[i] = byte(r.UintN(256))
	}
	play(t, append([]byte{0, 1, 2}, script...))
}

// play carries out one step for each byte: the lower half says which, the upper
// half which key.
func play(t *testing.T, script []byte) {
	x := newRig(t, defaults())
	codes := []key.Code{keyA, keyB, leftShift, rightAlt, 28, 1}
	worth, paid, away := 0, 0, false
	bound := false
	for _, b := range script {
		c := codes[int(b>>4)%len(codes)]
		var err error
		switch b % 16 {
		case 0:
			err = x.ask(helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version})
		case 1:
			x.serial++
			err = x.ask(helperproto.Request{Kind: helperproto.Bind, Serial: x.serial, Bindings: []helperproto.Binding{{Keys: []key.Code{rightCtrl}}}})
			bound = err == nil
		case 2:
			if bound && !away {
				x.held(0)
				worth += perHold
			}
		case 3, 4, 5:
			err = x.ask(ready)
		case 6, 7, 8, 9:
			if b%16 < 8 {
				err = x.ask(down(c))
			} else {
				err = x.ask(tapped(c))
			}
			if err == nil && (worth == 0 || away) {
				t.Errorf("key %d went down without a hold (away: %v)", c, away)
			}
			if err == nil {
				paid++
			}
		case 10, 11, 12:
			err = x.ask(up(c))
		case 13:
			err = x.ask(end)
		case 14:
			away = !away
			x.become(session.State{InUse: !away, Why: "locked"})
			want := helperproto.None
			if away {
				want = helperproto.Locked
			}
			for bound && next[helperproto.State](x).Session != want {
			}
		case 15:
			_, _ = x.daemon.Write([]byte{b}) // it ends the connection
			err = io.EOF
		}
		var reason helperproto.Reason
		if err != nil && !errors.As(err, &reason) {
			break // the connection is over
		}
	}
	_ = x.finish() // that it was thrown out is as likely as not
	if presses, down := x.read(); down != 0 || presses != paid {
		t.Errorf("%d presses, %d granted, %d keys down", presses, paid, down)
	}
}
