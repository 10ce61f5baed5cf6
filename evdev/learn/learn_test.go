package learn

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"testing"
	"time"

	"testing/synctest"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/key"
)

const (
	f13   = goevdev.KEY_F13
	ctrl  = goevdev.KEY_RIGHTCTRL
	alt   = goevdev.KEY_LEFTALT
	enter = goevdev.KEY_ENTER
)

var pad = evdev.Device{Name: "test pad", Path: "/dev/input/event5"}

// script returns a listen that reports statuses, then key changes, and then
// waits until it is cancelled.
func script(statuses []evdev.Status, changes ...evdev.KeyChange) func(context.Context, func(evdev.Status), func(evdev.KeyChange)) error {
	return func(ctx context.Context, status func(evdev.Status), changed func(evdev.KeyChange)) error {
		for _, s := range statuses {
			status(s)
		}
		for _, k := range changes {
			changed(k)
		}
		<-ctx.Done()
		return nil
	}
}

func down(c key.Code) evdev.KeyChange { return evdev.KeyChange{Device: pad, Code: c, Down: true} }
func up(c key.Code) evdev.KeyChange   { return evdev.KeyChange{Device: pad, Code: c} }

var listening = []evdev.Status{{Devices: []evdev.Device{pad}}}

func TestLearn(t *testing.T) {
	other := down(enter)
	other.Device = evdev.Device{Name: "other", Path: "/dev/input/event6"}
	for name, tt := range map[string]struct {
		changes []evdev.KeyChange
		want    []key.Code
	}{
		"a key":                            {[]evdev.KeyChange{down(f13), up(f13)}, []key.Code{f13}},
		"a chord":                          {[]evdev.KeyChange{down(alt), down(ctrl), up(alt)}, []key.Code{alt, ctrl}},
		"not the enter before it":          {[]evdev.KeyChange{up(enter), down(f13), up(f13)}, []key.Code{f13}},
		"the first":                        {[]evdev.KeyChange{down(f13), up(f13), down(alt), up(alt)}, []key.Code{f13}},
		"not what another device has down": {[]evdev.KeyChange{other, down(f13), up(f13)}, []key.Code{f13}},
		"not what was pressed before changes were lost": {
			[]evdev.KeyChange{down(ctrl), {Device: pad, Lost: true}, down(f13), up(ctrl), up(f13)}, []key.Code{f13},
		},
	} {
		t.Run(name, func(t *testing.T) {
			devices := 0
			c, err := learn(t.Context(), script(listening, tt.changes...), func(n int) { devices = n })
			if err != nil || c.Device.Name != "test pad" || !slices.Equal(c.Keys, tt.want) || devices != 1 {
				t.Errorf("%v of %q, %v, %d devices, want %v", c.Keys, c.Device.Name, err, devices, tt.want)
			}
		})
	}
}

// A device that is plugged in later may be denied at first.
func TestLearnFollowsPlugging(t *testing.T) {
	denied := evdev.Status{Denied: []evdev.Device{{Err: fs.ErrPermission}}}
	statuses := []evdev.Status{{}, denied, listening[0]}
	if c, err := learn(t.Context(), script(statuses, down(f13), up(f13)), func(int) {}); err != nil || c.Device.Name != "test pad" {
		t.Errorf("%q, %v", c.Device.Name, err)
	}
}

func TestLearnWithoutPermission(t *testing.T) {
	denied := []evdev.Status{{Denied: []evdev.Device{{Err: &fs.PathError{Op: "open", Path: "/dev/input/event0", Err: fs.ErrPermission}}}}}
	ready := func(int) { t.Error("ready, without a device") }
	if _, err := learn(t.Context(), script(denied), ready); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v, want no permission", err)
	}
}

func TestLearnGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := learn(ctx, script(listening), func(int) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the deadline", err)
		}
	})
}

func TestLearnCannotListen(t *testing.T) {
	broken := errors.New("no inotify")
	listen := func(context.Context, func(evdev.Status), func(evdev.KeyChange)) error { return broken }
	if _, err := learn(t.Context(), listen, func(int) {}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestReaches(t *testing.T) {
	tests := map[string]struct {
		udev map[string]string
		code key.Code
		want bool
	}{
		"keyboard":          {map[string]string{"ID_INPUT_KEYBOARD": "1"}, f13, true},
		"hidden":            {map[string]string{"ID_INPUT_KEYBOARD": "1", "LIBINPUT_IGNORE_DEVICE": "1"}, f13, false},
		"not used":          {map[string]string{"ID_INPUT": "1", "ID_INPUT_JOYSTICK": "1"}, f13, false},
		"nothing known":     {nil, f13, true},
		"mouse":             {map[string]string{"ID_INPUT_MOUSE": "1"}, goevdev.BTN_SIDE, true},
		"beyond X11, still": {map[string]string{"ID_INPUT_KEY": "1"}, goevdev.KEY_MICMUTE, true},
	}
	for name, tt := range tests {
		if got, why := reaches([]key.Code{tt.code}, tt.udev); got != tt.want || why == "" {
			t.Errorf("%s: %v because %q, want %v", name, got, why, tt.want)
		}
	}
}
