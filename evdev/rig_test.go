package evdev

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goevdev "github.com/holoplot/go-evdev"
	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/key"
)

// A rig is a machine that a test plugs devices into: a fake, or this one.
type rig interface {
	machine() host
	make(d Device) device
}

// A device is one of a rig.
type device interface {
	press(codes ...key.Code)
	release(codes ...key.Code)
	unplug()
	sysname() string
}

func (f *fake) machine() host        { return f }
func (f *fake) make(d Device) device { return f.plug(d, nil) }

// onEach runs a test on the fake, in a bubble of its own time, and on real
// devices made with uinput.
func onEach(t *testing.T, body func(t *testing.T, r rig)) {
	t.Run("fake", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { body(t, newFake(t)) })
	})
	t.Run("uinput", func(t *testing.T) { body(t, needUinput(t)) })
}

// uinput is this machine, with devices made through /dev/uinput.
type uinput struct{ t *testing.T }

// needUinput skips the test where there is no uinput, or fails it if there
// should be.
func needUinput(t *testing.T) uinput {
	f, err := os.OpenFile("/dev/uinput", os.O_WRONLY, 0)
	if err == nil {
		err = unix.Access("/dev/input", unix.R_OK)
		f.Close()
	}
	if err != nil && os.Getenv("VOCODER_DEVICES") == "1" {
		t.Fatalf("VOCODER_DEVICES=1: %v", err)
	}
	if err != nil {
		t.Skipf("needs real devices: %v", err)
	}
	return uinput{t}
}

func (u uinput) machine() host { return newSystem(defaultDir) }

func (u uinput) make(d Device) device {
	u.t.Helper()
	var codes []goevdev.EvCode
	for c := range d.Keys.All() {
		codes = append(codes, goevdev.EvCode(c))
	}
	id := goevdev.InputID{BusType: max(d.Bus, goevdev.BUS_USB), Vendor: d.Vendor, Product: d.Product, Version: 1}
	in, err := goevdev.CreateDevice(d.Name, id, map[goevdev.EvType][]goevdev.EvCode{goevdev.EV_KEY: codes})
	if err != nil {
		u.t.Fatal(err)
	}
	v := &virtual{t: u.t, in: in, name: d.Name}
	u.t.Cleanup(v.unplug)
	return v
}

// virtual is a real device made with uinput.
type virtual struct {
	t    *testing.T
	in   *goevdev.InputDevice
	name string
	gone bool
}

func (v *virtual) press(codes ...key.Code)   { v.send(1, codes) }
func (v *virtual) release(codes ...key.Code) { v.send(0, codes) }

func (v *virtual) send(value int32, codes []key.Code) {
	v.t.Helper()
	for _, c := range codes {
		for _, e := range []goevdev.InputEvent{
			{Type: goevdev.EV_KEY, Code: goevdev.EvCode(c), Value: value},
			{Type: goevdev.EV_SYN, Code: goevdev.SYN_REPORT},
		} {
			if err := v.in.WriteOne(&e); err != nil {
				v.t.Fatal(err)
			}
		}
	}
}

func (v *virtual) unplug() {
	if v.gone {
		return
	}
	v.gone = true
	if err := v.in.Close(); err != nil { // the last closing destroys it
		v.t.Error(err)
	}
}

// sysname finds the device by its name, which the test must have made unique.
func (v *virtual) sysname() string {
	all, err := Devices()
	if err != nil {
		v.t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(d Device) bool { return d.Name == v.name })
	if i < 0 {
		v.t.Fatalf("no device %q", v.name)
	}
	return all[i].Sysname
}

// A session is a running Listener.
type session struct {
	t        *testing.T
	listener *Listener
	events   chan key.Event
	changed  chan struct{}
	cancel   context.CancelFunc
	done     chan error

	mu     sync.Mutex
	status Status
}

// current returns the newest Status.
func (s *session) current() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// listen starts a Listener and waits until it has tried to open all devices.
func listen(t *testing.T, r rig, cfg Config) *session {
	t.Helper()
	s := &session{t: t, events: make(chan key.Event), changed: make(chan struct{}, 1), done: make(chan error, 1)}
	also := cfg.Changed
	cfg.Changed = func(st Status) {
		s.mu.Lock()
		s.status = st
		s.mu.Unlock()
		if also != nil {
			also(st)
		}
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
	s.listener = New(cfg)
	s.listener.host = r.machine()
	ctx, cancel := context.WithCancel(t.Context())
	s.cancel = cancel
	go func() { s.done <- s.listener.Run(ctx, s.events) }()
	t.Cleanup(s.stop)
	<-s.changed
	return s
}

func (s *session) stop() {
	s.t.Helper()
	s.cancel()
	if err := <-s.done; err != nil {
		s.t.Errorf("Run: %v", err)
	}
	s.done <- nil
}

// limit is how long a test waits for something that should happen at once.
const limit = time.Minute

// until waits for a Status.
func (s *session) until(what string, ok func(Status) bool) {
	s.t.Helper()
	late := time.After(limit)
	for !ok(s.current()) {
		select {
		case <-s.changed:
		case <-late:
			s.t.Fatalf("not %s: %+v", what, s.current())
		}
	}
}

// listens waits until the Listener listens to a device, or not any more.
func (s *session) listens(name string, want bool) {
	s.t.Helper()
	s.until(fmt.Sprintf("listening to %q: %v", name, want), func(st Status) bool {
		return want == slices.ContainsFunc(st.Devices, func(d Device) bool { return d.Name == name })
	})
}

// plug makes a device and waits until it is listened to.
func (s *session) plug(r rig, d Device) device {
	s.t.Helper()
	dev := r.make(d)
	s.listens(d.Name, true)
	return dev
}

// wants compares the next events with "0 down", "0 up gone" and so on. Without a
// cause, up is physical.
func (s *session) wants(all ...string) {
	s.t.Helper()
	for i, want := range all {
		select {
		case e := <-s.events:
			if got := say(e.Binding, e.Down, e.Cause); got != want {
				s.t.Fatalf("event %d: %q, want %q", i, got, want)
			}
		case <-time.After(limit):
			s.t.Fatalf("event %d: none, want %q", i, want)
		}
	}
}

func say(binding int, down bool, cause key.Cause) string {
	text := fmt.Sprintf("%d up", binding)
	if down {
		text = fmt.Sprintf("%d down", binding)
	}
	if cause != key.Physical {
		text += " " + cause.String()
	}
	return text
}

// Keys used in tests.
const (
	f13   = goevdev.KEY_F13
	f14   = goevdev.KEY_F14
	f15   = goevdev.KEY_F15
	f16   = goevdev.KEY_F16
	ctrl  = goevdev.KEY_RIGHTCTRL
	alt   = goevdev.KEY_LEFTALT
	keyA  = goevdev.KEY_A
	space = goevdev.KEY_SPACE
	enter = goevdev.KEY_ENTER
)

func bind(codes ...key.Code) Binding { return Binding{Keys: codes} }

func only(codes ...key.Code) Config { return Config{Bindings: []Binding{bind(codes...)}} }
