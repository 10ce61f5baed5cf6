package evdev

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	goevdev "github.com/holoplot/go-evdev"
	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/key"
)

// These tests ask the kernel itself, without a Listener.

// raw opens a device made for a test as a Listener does.
func raw(t *testing.T, v device) file {
	t.Helper()
	n, err := newSystem(defaultDir).open(described(t, v), span(0, goevdev.KEY_MAX))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n.(file)
}

// described describes a device made for a test.
func described(t *testing.T, v device) Device {
	t.Helper()
	all, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(d Device) bool { return d.Sysname == v.sysname() })
	if i < 0 {
		t.Fatal("device is not listed")
	}
	return all[i]
}

// appears makes a device and waits until a Listener can open it.
func appears(t *testing.T, r rig, d Device) device {
	t.Helper()
	s := listen(t, r, only(slices.Collect(d.Keys.All())...))
	v := s.plug(r, d)
	s.stop()
	return v
}

func TestKernelMasks(t *testing.T) {
	u := needUinput(t)
	v := appears(t, u, pad("mask test", keyA, f13))
	n := raw(t, v)
	v.press(keyA) // before the mask: must not be delivered either
	if err := n.mask(SetOf(f13)); err != nil {
		t.Fatal(err)
	}
	if down, err := n.held(); err != nil || down != SetOf(keyA) {
		t.Errorf("%v down, %v; the mask is not for states", down, err)
	}
	v.release(keyA)
	v.press(keyA, f13)
	v.release(keyA, f13)
	var in stream
	var got []keyChange
	for len(got) < 2 {
		b := make([]byte, 64*eventSize)
		size, err := n.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < size; i += eventSize {
			if typ := b[i+2*longSize]; typ != goevdev.EV_SYN && typ != goevdev.EV_KEY {
				t.Errorf("an event of type %d", typ)
			}
		}
		changes, lost := in.feed(b[:size])
		if lost {
			t.Error("events were lost")
		}
		got = append(got, changes...)
	}
	for i, s := range got {
		if s.code != f13 || s.down != (i == 0) {
			t.Errorf("keyChange %d: %+v, want F13 alone", i, s)
		}
	}
}

func TestKernelGrabs(t *testing.T) {
	u := needUinput(t)
	v := appears(t, u, pad("grab test", f14))
	app := raw(t, v)
	s := listen(t, u, Config{Bindings: []Binding{{Keys: []key.Code{f14}, Grab: true, Device: "grab test"}}})
	s.until("grabbed", func(st Status) bool { return len(st.Devices) == 1 && st.Devices[0].Err == nil })
	v.press(f14)
	s.wants("0 down")
	v.release(f14)
	s.wants("0 up")
	if err := app.grab(); !errors.Is(err, unix.EBUSY) {
		t.Errorf("a second grab: %v, want EBUSY", err)
	}
	s.stop()
	let := newSystem(defaultDir).now()
	v.press(f14)
	b := make([]byte, eventSize)
	if _, err := app.Read(b); err != nil || timestamp(b) < let.Truncate(1000) {
		t.Errorf("another program read an event of %v, %v; the grab ended at %v", timestamp(b), err, let)
	}
}

func TestKernelDescribes(t *testing.T) {
	u := needUinput(t)
	want := Device{Name: "describe test", Vendor: 0x05f3, Product: 0x00ff, Keys: SetOf(f14, f15, 0x2ff)}
	v := appears(t, u, want)
	d := described(t, v)
	if d.Name != want.Name || d.Vendor != want.Vendor || d.Product != want.Product || d.Bus != goevdev.BUS_USB ||
		d.Keys != want.Keys || !d.Virtual || d.Err != nil {
		t.Errorf("%+v, want %+v", d, want)
	}
	// The same, of the node itself.
	bare := system{dir: defaultDir, class: filepath.Join(t.TempDir(), "none")}
	asked, err := bare.describe(filepath.Base(d.Path))
	asked.Sysname, asked.Virtual, d.Links = d.Sysname, d.Virtual, nil
	if err != nil || !same(asked, d) {
		t.Errorf("without sysfs: %+v, %v, want %+v", asked, err, d)
	}
	v.unplug()
	if _, err := newSystem(defaultDir).open(d, Set{}); !gone(err) {
		t.Errorf("open after unplugging: %v, want it gone", err)
	}
}

// A device that went away while it was not read returns the error and no events.
func TestKernelLetsGo(t *testing.T) {
	u := needUinput(t)
	v := appears(t, u, pad("unplug test", f13))
	n := raw(t, v)
	v.press(f13)
	v.unplug()
	if size, err := n.Read(make([]byte, 64*eventSize)); !gone(err) {
		t.Errorf("read %d bytes, %v; want ENODEV alone", size, err)
	}
	if _, err := n.held(); !gone(err) {
		t.Errorf("held: %v, want ENODEV", err)
	}
}

func TestKernelInterrupts(t *testing.T) {
	u := needUinput(t)
	n := raw(t, appears(t, u, pad("interrupt test", f13)))
	done := make(chan error)
	go func() {
		_, err := n.Read(make([]byte, eventSize))
		done <- err
	}()
	n.interrupt()
	if err := <-done; err == nil {
		t.Error("Read ended without an error")
	}
}

// The clock on the wall may be set while a key is held.
func TestClockIsSetDuringAHold(t *testing.T) {
	u := needUinput(t)
	if os.Getenv("VOCODER_DEVICES") != "1" || os.Getuid() != 0 {
		t.Skip("sets the clock: only for a test machine")
	}
	jump := func(by time.Duration) {
		t.Helper()
		now := unix.NsecToTimeval(time.Now().Add(by).UnixNano())
		if err := unix.Settimeofday(&now); err != nil {
			t.Fatal(err)
		}
	}
	s := listen(t, u, only(f13))
	d := s.plug(u, pad("clock test", f13))
	for _, by := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		began := time.Now()
		d.press(f13)
		down := <-s.events
		jump(by)
		d.release(f13)
		up := <-s.events
		if took := time.Since(began); up.At.Sub(down.At) <= 0 || up.At.Sub(down.At) > took {
			t.Errorf("held for %v within %v", up.At.Sub(down.At), took)
		}
		if off := time.Until(up.At.Round(0)); off.Abs() > limit {
			t.Errorf("the release is %v off the clock on the wall", off)
		}
	}
}
