package evdev

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// An allKeysRun is a RunAll at work.
type allKeysRun struct {
	t       *testing.T
	changes chan KeyChange
}

// runAll starts RunAll and waits until it has tried to open what is there.
func runAll(t *testing.T, r rig, own string) allKeysRun {
	t.Helper()
	ready := make(chan struct{}, 1000)
	l := New(Config{Bindings: []Binding{bind(f13)}, Own: func() string { return own }, Changed: func(Status) { ready <- struct{}{} }})
	l.host = r.machine()
	a := allKeysRun{t, make(chan KeyChange, 1000)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- l.RunAll(ctx, func(k KeyChange) { a.changes <- k }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("RunAll: %v", err)
		}
	})
	<-ready
	return a
}

// wants compares the next key changes of the device of a name.
func (a allKeysRun) wants(device string, want ...KeyChange) {
	a.t.Helper()
	for i := 0; i < len(want); {
		select {
		case k := <-a.changes:
			if k.Device.Name != device {
				a.t.Logf("%q was pressed on this machine", k.Device.Name)
				continue
			}
			if k.Code != want[i].Code || k.Down != want[i].Down || k.Lost != want[i].Lost {
				a.t.Errorf("change %d: %v %v, lost %v, want %+v", i, k.Code, k.Down, k.Lost, want[i])
			}
			i++
		case <-time.After(limit):
			a.t.Fatalf("change %d: none, want %+v", i, want[i])
		}
	}
}

func down(c key.Code) KeyChange { return KeyChange{Code: c, Down: true} }
func up(c key.Code) KeyChange   { return KeyChange{Code: c} }

// All keys are delivered, also while another Listener listens.
func TestRunAll(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		d := r.make(pad("test pad", f14, keyA))
		s := listen(t, r, only(f14))
		s.listens("test pad", true)
		a := runAll(t, r, "")
		d.press(f14, keyA)
		d.release(f14)
		a.wants("test pad", down(f14), down(keyA), up(f14))
	})
}

func TestRunAllKeys(t *testing.T) {
	lost := KeyChange{Lost: true}
	for name, tt := range map[string]struct {
		keys []key.Code
		do   func(d *fakeDevice)
		want []KeyChange
	}{
		"a key, not its repeats":   {[]key.Code{f13}, func(d *fakeDevice) { d.press(f13); d.repeat(f13); d.release(f13) }, []KeyChange{down(f13), up(f13)}},
		"one that was down before": {[]key.Code{enter}, func(d *fakeDevice) { d.release(enter); d.press(enter) }, []KeyChange{up(enter), down(enter)}},
		"not a finger on the pad": {
			[]key.Code{goevdev.BTN_TOUCH, goevdev.BTN_SIDE},
			func(d *fakeDevice) {
				d.press(goevdev.BTN_TOUCH)
				d.release(goevdev.BTN_TOUCH)
				d.press(goevdev.BTN_SIDE)
			},
			[]KeyChange{down(goevdev.BTN_SIDE)},
		},
		"the end of the device": {[]key.Code{f13}, func(d *fakeDevice) { d.press(f13); synctest.Wait(); d.unplug() }, []KeyChange{down(f13), lost}},
		"lost changes": {[]key.Code{f13, f14}, func(d *fakeDevice) {
			d.f.mu.Lock()
			n := d.clients[0]
			d.f.mu.Unlock()
			d.drop(n, func(d *fakeDevice) { d.press(f13) })
			synctest.Wait()
			d.press(f14)
		}, []KeyChange{lost, down(f14)}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, f *fake) {
				d := f.plug(pad("test pad", tt.keys...), nil)
				d.press(enter)
				a := runAll(t, f, "")
				tt.do(d)
				a.wants("test pad", tt.want...)
			})
		})
	}
}

// A device that is plugged in is listened to once it is readable; the own
// device never is.
func TestRunAllFollowsPlugging(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		own := f.plug(pad("our keyboard", f13), nil)
		a := runAll(t, f, own.sysname())
		d := f.plug(pad("test pad", f14), denied("/dev/input/event1"))
		time.Sleep(time.Second)
		d.allow(true)
		synctest.Wait()
		own.press(f13)
		own.release(f13)
		d.press(f14)
		a.wants("test pad", down(f14))
		synctest.Wait()
		if k := len(a.changes); k > 0 {
			t.Errorf("%d more", k)
		}
	})
}

// Devices returns all devices in the order of their nodes.
func TestDevices(t *testing.T) {
	u := needUinput(t)
	v := appears(t, u, pad("devices test", f13))
	all, err := Devices()
	if err != nil || !slices.ContainsFunc(all, func(d Device) bool { return d.Sysname == v.sysname() && d.Err == nil }) {
		t.Errorf("%v, %v", all, err)
	}
	if !slices.IsSortedFunc(all, func(a, b Device) int { return byNumber(a.Path, b.Path) }) {
		t.Errorf("not sorted: %v", all)
	}
}
