package main

import (
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// waitUp waits until the virtual keyboard has written so many presses, and every key is up.
func (x *rig) waitUp(presses int) {
	x.t.Helper()
	for end := time.Now().Add(waitLimit); ; {
		x.paper.mu.Lock()
		n, pressed, change := len(x.paper.down), x.paper.presses, x.paper.changed
		x.paper.mu.Unlock()
		if n == 0 && pressed >= presses {
			return
		}
		select {
		case <-change:
		case <-time.After(time.Until(end)):
			x.t.Fatalf("%d of %d keys stay down", n, pressed)
		}
	}
}

// TestReleasedAtOnce: when typing has to stop, no key waits for the daemon, which may be
// hung.
func TestReleasedAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*rig)
		want error
	}{
		{"the screen is locked", func(x *rig) { x.become(session.State{Why: session.Locked}) }, helperproto.Locked},
		{"logind is gone", func(x *rig) { x.presence.update(nil) }, helperproto.NoSession},
		{"nothing comes for long", func(*rig) {}, helperproto.Late},
	} {
		for _, held := range [][]key.Code{{keyA}, {leftShift, keyA}, {keyA, keyB}} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				x := newRig(t, defaultPolicy()).granted()
				for _, c := range held {
					x.want(nil, down(c))
				}
				tt.do(x)
				x.waitUp(len(held))
				x.want(tt.want, tapped(keyB))
			})
		}
	}
}

// TestMayThink: a daemon that holds no key that writes may take longer than keyHeldLimit
// for its next request.
func TestMayThink(t *testing.T) {
	for name, requests := range map[string][]helperproto.Request{
		"nothing is down":        {},
		"a modifier":             {down(leftShift)},
		"a modifier, and a key":  {down(leftShift), tapped(keyA)},
		"a key that is up again": {down(keyA), up(keyA)},
		"a key over a modifier":  {down(leftShift), down(keyA), up(keyA)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newRig(t, defaultPolicy()).granted()
			for _, r := range requests {
				x.want(nil, r)
			}
			time.Sleep(keyHeldLimit * 5 / 4) // what is tested
			x.want(nil, tapped(keyB))
		})
	}
}

// TestStateAfterHello: a daemon that binds nothing learns the state of the machine, too.
func TestStateAfterHello(t *testing.T) {
	x := newRig(t, defaultPolicy())
	x.want(nil, helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version})
	if s := next[helperproto.State](x); !s.Keyboard || s.Session != helperproto.None || s.Serial != 0 {
		t.Errorf("state %+v", s)
	}
}

// TestReleaseOrder: the keys go up in the reverse order, so that none writes another
// character than it did.
func TestReleaseOrder(t *testing.T) {
	x := newRig(t, defaultPolicy()).granted()
	for _, c := range []key.Code{leftShift, rightAlt, keyA} {
		x.want(nil, down(c))
	}
	x.want(nil, end)
	x.waitUp(3)
	if want := []key.Code{keyA, rightAlt, leftShift}; !slices.Equal(x.paper.ups(), want) {
		t.Errorf("they go up as %v, want %v", x.paper.ups(), want)
	}
}

// TestSettling: a new keyboard may lose keys, so typing waits, but not for one that was
// made long ago.
func TestSettling(t *testing.T) {
	for _, age := range []time.Duration{0, settling / 2, time.Hour} {
		x := newRig(t, defaultPolicy()).hello()
		x.held(time.Second)
		x.keyboard.mu.Lock()
		x.keyboard.made = time.Now().Add(-age)
		made := x.keyboard.made
		x.keyboard.mu.Unlock()
		x.want(nil, ready)
		if is := time.Since(made); is < settling {
			t.Errorf("typing on a keyboard that was made %v ago", is)
		}
	}
}
