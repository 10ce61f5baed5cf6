package legend

import (
	"testing"

	"github.com/arealicehole/vocoder/internal/key"
)

func TestOf(t *testing.T) {
	for _, test := range []struct{ chord, of, andName string }{
		{"KEY_RIGHTCTRL", "Right Ctrl", "Right Ctrl (KEY_RIGHTCTRL)"},
		{"KEY_F13", "F13", "F13 (KEY_F13)"},
		{"KEY_LEFTCTRL+KEY_SPACE", "Left Ctrl+Space", "Left Ctrl+Space (KEY_LEFTCTRL+KEY_SPACE)"},
		{"KEY_FN", "KEY_FN", "KEY_FN"},
		{"KEY_LEFTMETA+KEY_MICMUTE", "Left Super+KEY_MICMUTE", "Left Super+KEY_MICMUTE (KEY_LEFTMETA+KEY_MICMUTE)"},
		{"KEY_F13, KEY_LEFTCTRL+KEY_F1", "F13, Left Ctrl+F1", "F13, Left Ctrl+F1 (KEY_F13, KEY_LEFTCTRL+KEY_F1)"},
		{"KEY_F", "F", "F (KEY_F)"},
		{"", "", ""},
	} {
		if of, andName := Of(test.chord), AndName(test.chord); of != test.of || andName != test.andName {
			t.Errorf("%s: %q and %q, want %q and %q", test.chord, of, andName, test.of, test.andName)
		}
	}
	for name := range legends {
		if _, err := key.Parse(name); err != nil {
			t.Error(err)
		}
	}
}
