package settings

import (
	"errors"
	"testing"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/key"
)

// TestHoldable: a key to hold writes and moves nothing in the application, unless that
// does not get it.
func TestHoldable(t *testing.T) {
	for _, tt := range []struct {
		name string
		grab bool
		keys []string
		want error
	}{
		{"right Ctrl", false, []string{"KEY_RIGHTCTRL"}, nil},
		{"a function key and Super", false, []string{"KEY_LEFTMETA", "KEY_F9"}, nil},
		{"two modifiers", false, []string{"KEY_LEFTCTRL", "KEY_LEFTALT"}, nil},
		{"a key of a Copilot chord", false, []string{"KEY_LEFTMETA", "KEY_LEFTSHIFT", "KEY_F23"}, nil},
		{"Super and a letter", false, []string{"KEY_LEFTMETA", "KEY_H"}, ErrRepeats},
		{"Super and Space", false, []string{"KEY_LEFTMETA", "KEY_SPACE"}, ErrRepeats},
		{"Ctrl, Alt and a digit", false, []string{"KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_1"}, ErrRepeats},
		{"a pedal and a letter", false, []string{"KEY_F13", "KEY_A"}, ErrRepeats},
		{"Page Down", false, []string{"KEY_PAGEDOWN"}, ErrRepeats},
		{"Home", false, []string{"KEY_HOME"}, ErrRepeats},
		{"Ctrl and Left", false, []string{"KEY_LEFTCTRL", "KEY_LEFT"}, ErrRepeats},
		{"Insert", false, []string{"KEY_INSERT"}, ErrRepeats},
		{"Super and Delete", false, []string{"KEY_LEFTMETA", "KEY_DELETE"}, ErrRepeats},
		{"Page Down of a grabbed device", true, []string{"KEY_PAGEDOWN"}, nil},
		{"Super and a letter, grabbed", true, []string{"KEY_LEFTMETA", "KEY_H"}, nil},
		{"a letter, grabbed", true, []string{"KEY_A"}, evdev.ErrWrites},
		{"a letter", false, []string{"KEY_A"}, evdev.ErrWrites},
		{"a click", false, []string{"BTN_LEFT"}, evdev.ErrClicks},
	} {
		var keys []key.Code
		for _, name := range tt.keys {
			c, err := key.Parse(name)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, c)
		}
		if got := Holdable(tt.grab, keys...); !errors.Is(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
