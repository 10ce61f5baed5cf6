package evdev

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

func pad(name string, codes ...key.Code) Device { return Device{Name: name, Keys: SetOf(codes...)} }

func TestOneHold(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		s := listen(t, r, only(f13))
		d := s.plug(r, pad("test pad", f13))
		for range 3 {
			d.press(f13)
			s.wants("0 down")
			d.release(f13)
			s.wants("0 up")
		}
	})
}

func TestOtherKeysAreNotDelivered(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		d := r.make(pad("test keyboard", keyA, f13))
		s := listen(t, r, only(f13))
		s.listens("test keyboard", true)
		for range 2000 { // more than any queue holds
			d.press(keyA)
			d.release(keyA)
		}
		d.press(f13)
		s.wants("0 down") // and no resync
		for range 2000 {
			d.press(keyA)
			d.release(keyA)
		}
		d.release(f13)
		s.wants("0 up")
	})
}

func TestUnplugEndsTheHold(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		s := listen(t, r, Config{Bindings: []Binding{bind(f13), bind(f14)}})
		d := s.plug(r, pad("test pad", f13, f14))
		d.press(f13)
		d.press(f14)
		s.wants("0 down", "1 down")
		d.unplug()
		s.ends(0, 1)
		s.listens("test pad", false)
	})
}

// A reader that waits may read the releases that the kernel sends for a device
// that goes, which look physical, before it gets the error.
func (s *session) ends(bindings ...int) {
	s.t.Helper()
	for _, b := range bindings {
		select {
		case e := <-s.events:
			if e.Binding != b || e.Down {
				s.t.Fatalf("event %q, want the end of %d", say(e.Binding, e.Down, e.Cause), b)
			}
		case <-time.After(limit):
			s.t.Fatalf("no end of %d", b)
		}
	}
}

// While the loop is blocked, a reader cannot send what it has read. After that it
// only gets the error that the device is gone.
func TestUnplugEndsTheHoldForALateReader(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		s, busy, free := stalling(t, r, Config{Bindings: []Binding{bind(f13), bind(f14)}})
		d := s.plug(r, pad("test pad", f13))
		fence := r.make(pad("second pad", f14))
		<-busy
		d.press(f13)
		d.unplug()
		free()
		s.listens("test pad", false)
		s.listens("second pad", true)
		fence.press(f14)
		held := false
		for e := range s.events {
			if e.Binding == 1 {
				break
			}
			held = e.Down
		}
		if held {
			t.Error("the hold has no end")
		}
	})
}

// A Listener is not alive while its loop is blocked.
func TestAlive(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		s, busy, free := stalling(t, r, Config{Bindings: []Binding{bind(f13)}})
		if err := s.listener.Alive(t.Context()); err != nil {
			t.Error(err)
		}
		r.make(pad("second pad", f13))
		<-busy
		short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := s.listener.Alive(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stuck: %v", err)
		}
		free()
		if err := s.listener.Alive(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// stalling starts a Listener whose loop blocks when a device "second pad" has come.
// busy is closed then; free ends it.
func stalling(t *testing.T, r rig, cfg Config) (s *session, busy <-chan struct{}, free func()) {
	stuck, open := make(chan struct{}), make(chan struct{})
	free = sync.OnceFunc(func() { close(open) })
	stall := sync.OnceFunc(func() {
		close(stuck)
		<-open
	})
	cfg.Changed = func(st Status) {
		for _, d := range slices.Concat(st.Devices, st.Denied) {
			if d.Name == "second pad" {
				stall()
			}
		}
	}
	s = listen(t, r, cfg)
	t.Cleanup(free) // before the session is stopped
	return s, stuck, free
}

func TestHeldAtOpenCountsForNothing(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		d := r.make(pad("test pad", f13))
		d.press(f13)
		s := listen(t, r, only(f13))
		s.listens("test pad", true)
		d.release(f13)
		d.press(f13)
		s.wants("0 down")
		d.release(f13)
		s.wants("0 up")
	})
}

func TestSecondDeviceJoinsTheHold(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		s := listen(t, r, Config{Bindings: []Binding{bind(f13), bind(f14)}})
		a, b := s.plug(r, pad("pad a", f13)), s.plug(r, pad("pad b", f13, f14))
		a.press(f13)
		s.wants("0 down")
		b.press(f13)
		b.press(f14) // a fence: b's F13 was received before it
		s.wants("1 down")
		a.release(f13)
		b.release(f14)
		s.wants("1 up")
		a.unplug()
		s.listens("pad a", false)
		b.press(f14)
		s.wants("1 down") // the hold of 0 goes on
		b.release(f13)
		s.wants("0 up")
		b.release(f14)
		s.wants("1 up")
	})
}

func TestChordEndsWithAnyPart(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		s := listen(t, r, only(ctrl, alt))
		d := s.plug(r, pad("test keyboard", ctrl, alt, keyA))
		for _, order := range [][4]key.Code{
			{ctrl, alt, ctrl, alt}, {ctrl, alt, alt, ctrl}, {alt, ctrl, ctrl, alt}, {alt, ctrl, alt, ctrl},
		} {
			d.press(order[0], order[1])
			s.wants("0 down")
			d.release(order[2])
			s.wants("0 up")
			d.release(order[3])
		}
	})
}

func TestReplug(t *testing.T) {
	times := 200
	if testing.Short() {
		times = 20
	}
	onEach(t, func(t *testing.T, r rig) {
		s := listen(t, r, only(f13))
		for i := range times {
			// The kernel reuses names of nodes; here sometimes for another device.
			blocker := []device{}
			if i%3 == 1 {
				blocker = append(blocker, r.make(pad("in the way", keyA)))
			}
			d := s.plug(r, pad("test pad", f13))
			d.press(f13)
			s.wants("0 down")
			d.unplug()
			s.ends(0)
			s.listens("test pad", false)
			for _, b := range blocker {
				b.unplug()
			}
		}
	})
}

func TestOthersComeAndGoDuringAHold(t *testing.T) {
	times := 500
	if testing.Short() {
		times = 50
	}
	onEach(t, func(t *testing.T, r rig) {
		s := listen(t, r, only(f13))
		d := s.plug(r, pad("test pad", f13))
		d.press(f13)
		s.wants("0 down")
		for i := range times {
			if i%2 == 0 {
				r.make(pad("passing by", keyA)).unplug()
				continue
			}
			name := fmt.Sprintf("pad %d", i)
			s.plug(r, pad(name, f13)).unplug()
		}
		d.release(f13)
		s.wants("0 up")
	})
}

func TestOwnDeviceIsNotHeard(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		var own string
		said := make(chan string, 1)
		cfg := only(f13)
		cfg.Own = func() string {
			select {
			case own = <-said:
			default:
			}
			return own
		}
		s := listen(t, r, cfg)
		// Own returns its name only after it was opened.
		mine := s.plug(r, pad("our keyboard", f13))
		said <- mine.sysname()
		mine.press(f13)
		mine.release(f13)
		s.listens("our keyboard", false)
		other := s.plug(r, pad("other", f13))
		mine.press(f13)
		other.press(f13)
		s.wants("0 down")
		mine.release(f13)
		other.release(f13)
		s.wants("0 up")
	})
}

func TestDeviceIsSelected(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		pedal := Device{Name: "test pedal", Vendor: 0x05f3, Product: 0x00ff, Keys: SetOf(f14)}
		s := listen(t, r, Config{Bindings: []Binding{
			{Keys: []key.Code{f14}, Device: "05F3:00ff"},
			{Keys: []key.Code{f14}, Device: "test keyboard"},
		}})
		a, b := s.plug(r, pedal), s.plug(r, pad("test keyboard", f14))
		a.press(f14)
		s.wants("0 down")
		a.release(f14)
		s.wants("0 up")
		b.press(f14)
		s.wants("1 down")
		b.release(f14)
		s.wants("1 up")
	})
}

func TestGrab(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		r.make(pad("test pad", f14))
		full := Device{Name: "test keyboard", Keys: letters.or(SetOf(space, enter, f14))}
		r.make(full)
		grabs := Config{Bindings: []Binding{{Keys: []key.Code{f14}, Grab: true}}}
		first, second := listen(t, r, grabs), listen(t, r, grabs)
		first.listens("test pad", true)
		first.until("refusing the keyboard alone", func(st Status) bool {
			return errOf(st, "test pad") == nil && errOf(st, "test keyboard") == ErrKeyboard
		})
		second.until("told that the pad is taken", func(st Status) bool { return errOf(st, "test pad") != nil })
	})
}

func errOf(st Status, name string) error {
	for _, d := range st.Devices {
		if d.Name == name {
			return d.Err
		}
	}
	return nil
}

// A reader is blocked while its device sends more events than the kernel queues.
// It finds that some were dropped, and asks for the state.
func TestFloodIsMadeGood(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		s, busy, free := stalling(t, r, Config{Bindings: []Binding{bind(f13), bind(f14)}})
		d := s.plug(r, pad("test pad", f13, f14))
		d.press(f13)
		s.wants("0 down")
		r.make(pad("second pad", f14))
		<-busy
		for range 2000 {
			d.press(f14)
			d.release(f14)
		}
		d.release(f13)
		for range 100 {
			d.press(f14)
			d.release(f14)
		}
		free()
		s.listens("second pad", true)
		for {
			e := <-s.events
			if e.Binding == 1 {
				continue
			}
			if got := say(e.Binding, e.Down, e.Cause); got != "0 up resync" {
				t.Fatalf("%q, want the release to be found out", got)
			}
			break
		}
	})
}
