package evdev

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// These tests need a fake clock, or faults that no real device makes on demand.

func inBubble(t *testing.T, body func(t *testing.T, f *fake)) {
	synctest.Test(t, func(t *testing.T) { body(t, newFake(t)) })
}

func TestTimesAreTheKernels(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, only(f13))
		d := s.plug(f, pad("test pad", f13)).(*fakeDevice)
		pressed := time.Now()
		d.press(f13)
		time.Sleep(3 * time.Second) // the event is not received meanwhile
		for range 20 {
			d.repeat(f13)
		}
		d.release(f13)
		time.Sleep(2 * time.Second)
		for _, want := range []time.Time{pressed, pressed.Add(3 * time.Second)} {
			// An input_event counts microseconds.
			if e := <-s.events; e.At.Sub(want).Abs() > time.Microsecond {
				t.Errorf("%v off", e.At.Sub(want))
			}
		}
	})
}

// A timestamp in the future (no kernel sends one) counts as now.
func TestTimesAreNotInTheFuture(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, only(f13))
		d := s.plug(f, pad("test pad", f13)).(*fakeDevice)
		f.mu.Lock()
		d.clients[0].put(f.now()+time.Hour, goevdev.EV_KEY, uint16(f13), 1)
		f.mu.Unlock()
		if e := <-s.events; e.At.After(time.Now()) {
			t.Errorf("a press at %v, and it is %v", e.At, time.Now())
		}
		d.release(f13)
		s.wants("0 up")
	})
}

func TestBounceIsOneHold(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, only(f13))
		d := s.plug(f, pad("test pad", f13)).(*fakeDevice)
		began := time.Now()
		d.press(f13)
		s.wants("0 down")
		if wait := time.Since(began); wait != 0 {
			t.Errorf("a press was reported after %v", wait)
		}
		for range 3 { // the contact closes
			time.Sleep(3 * time.Millisecond)
			d.release(f13)
			time.Sleep(3 * time.Millisecond)
			d.press(f13)
		}
		time.Sleep(time.Second)
		d.release(f13)
		time.Sleep(19 * time.Millisecond)
		d.press(f13)
		time.Sleep(time.Millisecond)
		lifted := time.Now()
		d.release(f13)
		e := <-s.events
		if e.Down || e.At.Sub(lifted).Abs() > time.Microsecond {
			t.Errorf("%+v, want a release at the last lift", e)
		}
		if wait := time.Since(lifted); wait > bounce+time.Microsecond {
			t.Errorf("the release was reported after %v", wait)
		}
	})
}

// udev sets the mode of a node a second after it appeared. The notice comes before
// or after that, or not at all (seen on Debian 12 and 13).
func TestNodeBecomesReadable(t *testing.T) {
	for name, tell := range map[string]bool{"told": true, "not told": false} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, f *fake) {
				s := listen(t, f, only(f13))
				d := f.plug(pad("test pad", f13), denied("/dev/input/event0"))
				s.until("denied", func(st Status) bool { return len(st.Denied) == 1 })
				if st := s.current(); len(st.Missing) != 1 || !os.IsPermission(st.Denied[0].Err) {
					t.Errorf("%+v, want one missing binding and one device without permission", st)
				}
				time.Sleep(1310 * time.Millisecond)
				if f.tell(fsnotify.Chmod, d.info.Path); !tell {
					time.Sleep(time.Millisecond) // too early
				}
				d.allow(tell)
				began := time.Now()
				s.listens("test pad", true)
				if wait := time.Since(began); wait > time.Second || tell && wait > 0 {
					t.Errorf("opened after %v", wait)
				}
				if st := s.current(); len(st.Denied)+len(st.Missing) != 0 {
					t.Errorf("%+v, want nothing denied or missing", st)
				}
			})
		})
	}
}

func TestDeniedDeviceIsUnplugged(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, only(f13))
		d := f.plug(pad("test pad", f13), denied("/dev/input/event0"))
		s.until("denied", func(st Status) bool { return len(st.Denied) == 1 })
		time.Sleep(time.Minute) // it is tried no more
		d.unplug()
		s.until("forgotten", func(st Status) bool { return len(st.Denied) == 0 })
	})
}

func denied(path string) error {
	return &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
}

func TestIdleIsIdle(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		f.plug(pad("test keyboard", keyA), nil)
		f.plug(pad("denied pad", f13), denied("/dev/input/event1"))
		s := listen(t, f, only(f13))
		s.plug(f, pad("test pad", f13))
		time.Sleep(time.Minute)
		f.mu.Lock()
		before := f.described
		f.mu.Unlock()
		time.Sleep(24 * time.Hour)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.described != before {
			t.Errorf("asked for devices %d times in a day without a change", f.described-before)
		}
		if got := strings.Join(f.opened, ", "); got != "test pad" {
			t.Errorf("opened %s, want only the pad that has the key", got)
		}
	})
}

func TestNothingElseIsDelivered(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		d := f.plug(pad("test keyboard", keyA, f13, f14), nil)
		s := listen(t, f, only(f13))
		f.mu.Lock()
		n := d.clients[0]
		f.mu.Unlock()
		d.press(keyA, f13, f14)
		s.wants("0 down")
		d.release(keyA, f14, f13)
		s.wants("0 up")
		f.mu.Lock()
		defer f.mu.Unlock()
		if n.codes != SetOf(f13) {
			t.Errorf("%d keys were delivered, want the bound one", n.codes.Len())
		}
	})
}

// The kernel reuses names of nodes at once. The folder may report the new device
// before the reader reports the end of the old one.
func TestNodeIsAnotherDeviceNow(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, only(f13))
		old := s.plug(f, pad("old pad", f13)).(*fakeDevice)
		old.press(f13)
		s.wants("0 down")
		f.mu.Lock()
		delete(f.devices, old.name) // without an error of its reader
		f.mu.Unlock()
		s.plug(f, pad("new pad", f13)).press(f13)
		s.wants("0 up gone", "0 down")
		s.listens("old pad", false)
	})
}

func TestAccessIsRevokedAndReturns(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, only(f13))
		d := s.plug(f, pad("test pad", f13)).(*fakeDevice)
		d.press(f13)
		s.wants("0 down")
		d.revoke()
		s.wants("0 up gone")
		s.listens("test pad", true)
		d.release(f13)
		d.press(f13)
		s.wants("0 down")
	})
}

func TestLostEventsAreMadeGood(t *testing.T) {
	tests := map[string]struct {
		before, lost func(d *fakeDevice)
		want         []string
	}{
		"release lost": {
			func(d *fakeDevice) { d.press(f13) },
			func(d *fakeDevice) { d.release(f13) },
			[]string{"0 down", "0 up resync"},
		},
		"press lost": {
			func(*fakeDevice) {},
			func(d *fakeDevice) { d.press(f13) },
			[]string{"0 down"},
		},
		"still held": {
			func(d *fakeDevice) { d.press(f13) },
			func(d *fakeDevice) { d.release(f13); d.press(f13) },
			[]string{"0 down"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, f *fake) {
				d := f.plug(pad("test pad", f13, f14), nil)
				s := listen(t, f, Config{Bindings: []Binding{bind(f13), bind(f14)}})
				tt.before(d)
				synctest.Wait()
				f.mu.Lock()
				n := d.clients[0]
				f.mu.Unlock()
				d.drop(n, tt.lost)
				s.wants(tt.want...)
				time.Sleep(time.Second)
				d.press(f14)
				s.wants("1 down")
			})
		})
	}
}

// drop makes a client lose what happens meanwhile.
func (d *fakeDevice) drop(n *fakeNode, what func(d *fakeDevice)) {
	d.f.mu.Lock()
	clients := d.clients
	d.clients = nil
	d.f.mu.Unlock()
	what(d)
	d.f.mu.Lock()
	d.clients = clients
	n.queue = input(d.f.now(), 0, 3, 0)
	n.put(d.f.now(), 1, uint16(f13), 0) // the newest event is void
	d.f.mu.Unlock()
}

func TestLinkComesLast(t *testing.T) {
	const link = "/dev/input/by-id/usb-test-event-kbd"
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, Config{Bindings: []Binding{{Keys: []key.Code{f13}, Device: link}}})
		f.plug(pad("other pad", f13), nil)
		d := f.plug(pad("test pad", f13), nil)
		time.Sleep(time.Minute) // udev takes its time
		f.mu.Lock()
		f.links[link] = d.info.Path
		f.mu.Unlock()
		f.tell(fsnotify.Create, filepath.Dir(link))
		s.listens("test pad", true)
		if n := len(s.current().Devices); n != 1 {
			t.Errorf("%d devices, want the one with the link", n)
		}
		d.press(f13)
		s.wants("0 down")
	})
}

func TestLinkElsewhereIsTriedFor(t *testing.T) {
	const link = "/dev/talk"
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, Config{Bindings: []Binding{{Keys: []key.Code{f13}, Device: link}}})
		d := f.plug(pad("test pad", f13), nil)
		time.Sleep(2 * time.Second)
		f.mu.Lock()
		f.links[link] = d.info.Path
		f.mu.Unlock()
		s.listens("test pad", true)
	})
}

func TestFolderOverflows(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, only(f13))
		f.silently(pad("test pad", f13), nil)
		f.lost <- fsnotify.ErrEventOverflow
		s.listens("test pad", true)
	})
}

func TestGrabWaitsForKeysToBeUp(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		d := f.plug(pad("test pad", f13, f14), nil)
		d.press(f14)
		s := listen(t, f, Config{Bindings: []Binding{{Keys: []key.Code{f13}, Grab: true}}})
		grabbed := func() bool {
			synctest.Wait()
			f.mu.Lock()
			defer f.mu.Unlock()
			return d.grabber != nil
		}
		if grabbed() || errOf(s.current(), "test pad") != errHeld {
			t.Error("grabbed with a key down")
		}
		d.press(f13)
		s.wants("0 down")
		d.release(f13)
		s.wants("0 up")
		if grabbed() {
			t.Error("grabbed with the other key still down")
		}
		d.release(f14)
		d.press(f13)
		s.wants("0 down")
		d.release(f13)
		s.wants("0 up")
		if !grabbed() || errOf(s.current(), "test pad") != nil {
			t.Error("not grabbed with all keys up")
		}
	})
}

// TestGrabbedAgain: a device that is opened again, for one more binding, is grabbed again,
// though its reader has not ended yet.
func TestGrabbedAgain(t *testing.T) {
	const link = "/dev/talk"
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, Config{Bindings: []Binding{{Keys: []key.Code{f13}, Grab: true}, {Keys: []key.Code{f14}, Device: link}}})
		d := f.plug(pad("test pad", f13, f14), nil)
		s.listens("test pad", true)
		f.mu.Lock()
		first := d.grabber
		f.links[link] = d.info.Path
		f.mu.Unlock()
		f.tell(fsnotify.Chmod, d.info.Path)
		d.waitsFor(t, func() bool { return d.grabber != nil && d.grabber != first })
		s.until("grabbed", func(st Status) bool { return len(st.Missing) == 0 && errOf(st, "test pad") == nil })
		d.press(f14)
		s.wants("1 down")
	})
}

// waitsFor waits until something is so of a device.
func (d *fakeDevice) waitsFor(t *testing.T, so func() bool) {
	t.Helper()
	for range 100 {
		d.f.mu.Lock()
		ok := so()
		d.f.mu.Unlock()
		if ok {
			return
		}
		time.Sleep(100 * time.Millisecond) // virtual
	}
	t.Error("it does not come to be so")
}

func TestNoKeyIsLogged(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		var log strings.Builder
		cfg := only(f13)
		cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		s := listen(t, f, cfg)
		d := s.plug(f, pad("test pad", f13, keyA))
		d.press(keyA, f13)
		s.wants("0 down")
		d.unplug()
		s.wants("0 up gone")
		s.stop()
		got := log.String()
		if !strings.Contains(got, "device came") || !strings.Contains(got, "device went") {
			t.Errorf("log %q, want the coming and going", got)
		}
		for _, no := range []string{"KEY_", "183", "key", "30"} {
			if strings.Contains(strings.ReplaceAll(got, "2000-01-01T00:00:00", ""), no) {
				t.Errorf("log tells of a key: %q", got)
			}
		}
	})
}

func TestRunRefusesBadBindings(t *testing.T) {
	for name, b := range map[string]Binding{
		"no key": {}, "no such key": bind(0x300), "key 0": bind(0), "one twice": bind(f13, f13),
	} {
		if err := New(Config{Bindings: []Binding{b}}).Run(t.Context(), nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRunAgainAfterAHold(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		s := listen(t, f, only(f13))
		d := s.plug(f, pad("test pad", f13)).(*fakeDevice)
		d.press(f13)
		s.stop()
		f.mu.Lock()
		if n := len(d.clients); n > 0 {
			t.Errorf("Run returned and left %d devices open", n)
		}
		f.mu.Unlock()
		again := listen(t, f, only(f13))
		d.release(f13)
		d.press(f13)
		again.wants("0 down")
	})
}
