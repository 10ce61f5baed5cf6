package evdev

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// learning runs Learn beside a test. It returns once Learn listens or ends.
func learning(t *testing.T, r rig, own string) (heard func() (Heard, error)) {
	t.Helper()
	var h Heard
	var err error
	ready, done := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	go func() {
		defer close(done)
		h, err = learn(ctx, r.machine(), defaultDir, own, func(int) { close(ready) })
	}()
	select {
	case <-ready:
	case <-done:
	}
	return func() (Heard, error) {
		<-done
		cancel()
		return h, err
	}
}

func TestLearnOneKey(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		d := r.make(pad("test pad", f14, keyA))
		s := listen(t, r, only(f14))
		s.hears("test pad", true)
		heard := learning(t, r, "")
		d.press(f14)
		d.release(f14)
		h, err := heard()
		if err != nil || h.Device.Name != "test pad" || !slices.Equal(h.Keys, []key.Code{f14}) {
			t.Errorf("%v of %q, %v, want F14 of the pad", h.Keys, h.Device.Name, err)
		}
	})
}

func TestLearn(t *testing.T) {
	tests := map[string]struct {
		keys []key.Code
		do   func(d *fakeDevice)
		want []key.Code
	}{
		"a key":                   {[]key.Code{f13, keyA}, func(d *fakeDevice) { d.press(f13); d.repeat(f13); d.release(f13) }, []key.Code{f13}},
		"a chord":                 {[]key.Code{ctrl, alt}, func(d *fakeDevice) { d.press(alt, ctrl); d.release(alt) }, []key.Code{alt, ctrl}},
		"not the enter before it": {[]key.Code{enter, f13}, func(d *fakeDevice) { d.release(enter); d.press(f13); d.release(f13) }, []key.Code{f13}},
		"not a finger on the pad": {
			[]key.Code{goevdev.BTN_TOUCH, goevdev.BTN_SIDE},
			func(d *fakeDevice) {
				d.press(goevdev.BTN_TOUCH)
				d.release(goevdev.BTN_TOUCH)
				d.press(goevdev.BTN_SIDE)
				d.release(goevdev.BTN_SIDE)
			},
			[]key.Code{goevdev.BTN_SIDE},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, f *fake) {
				d := f.plug(pad("test pad", tt.keys...), nil)
				d.press(enter)
				heard := learning(t, f, "")
				tt.do(d)
				h, err := heard()
				if err != nil || h.Device.Name != "test pad" || !slices.Equal(h.Keys, tt.want) {
					t.Errorf("%v of %q, %v, want %v", h.Keys, h.Device.Name, err, tt.want)
				}
			})
		})
	}
}

func TestLearnFollowsPlugging(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		own := f.plug(pad("our keyboard", f13), nil)
		heard := learning(t, f, own.sysname())
		d := f.plug(pad("test pad", f14), denied("/dev/input/event1"))
		time.Sleep(time.Second)
		d.allow(true)
		synctest.Wait()
		own.press(f13)
		own.release(f13)
		d.press(f14)
		d.release(f14)
		if h, err := heard(); err != nil || h.Device.Name != "test pad" {
			t.Errorf("%q, %v", h.Device.Name, err)
		}
	})
}

func TestLearnWithoutPermission(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		f.plug(pad("test pad", f14), denied("/dev/input/event0"))
		heard := learning(t, f, "")
		if _, err := heard(); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%v, want no permission", err)
		}
	})
}

func TestLearnGivesUp(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		heard := learning(t, f, "")
		if _, err := heard(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the deadline", err)
		}
	})
}
