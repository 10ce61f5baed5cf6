package evdev

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"testing"
	"time"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

func TestPressed(t *testing.T) {
	onEach(t, func(t *testing.T, r rig) {
		a := r.make(pad("test keyboard", ctrl, keyA))
		b := r.make(pad("test mouse", goevdev.BTN_LEFT, goevdev.KEY_BACK))
		own := r.make(pad("our keyboard", keyA))
		s := listen(t, r, only(ctrl, keyA, goevdev.KEY_BACK)) // knows when they are there
		for _, name := range []string{"test keyboard", "test mouse", "our keyboard"} {
			s.listens(name, true)
		}
		k, err := openKeyboards(r.machine(), own.sysname())
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		want := func(when string, want ...key.Code) {
			t.Helper()
			if got, err := k.Pressed(); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: %v, %v, want %v", when, got, err, want)
			}
		}
		want("nothing pressed")
		a.press(ctrl)
		b.press(goevdev.BTN_LEFT, goevdev.KEY_BACK)
		own.press(keyA)
		want("two keys, a button, a key of our own", ctrl, goevdev.KEY_BACK)
		b.unplug()
		s.listens("test mouse", false)
		want("the mouse gone", ctrl)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := k.Released(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Released: %v, want it cancelled", err)
		}
		a.release(ctrl)
		if err := k.Released(t.Context()); err != nil {
			t.Errorf("Released: %v", err)
		}
	})
}

func TestReleasedWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		d := f.plug(pad("test keyboard", ctrl), nil)
		d.press(ctrl)
		k, err := openKeyboards(f, "")
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		began := time.Now()
		time.AfterFunc(time.Second, func() { d.release(ctrl) })
		if err := k.Released(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took < time.Second || took > time.Second+pollInterval {
			t.Errorf("noticed after %v", took)
		}
	})
}

func TestKeyboardsDenied(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		f.plug(pad("test keyboard", ctrl), denied("/dev/input/event0"))
		if _, err := openKeyboards(f, ""); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%v, want no permission", err)
		}
		f.plug(pad("test pad", f13), nil)
		k, err := openKeyboards(f, "")
		if err != nil {
			t.Fatalf("%v, though one may be opened", err)
		}
		k.Close()
	})
}
