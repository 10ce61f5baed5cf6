package desktop

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// lights returns the locks that the lights of the keyboards show, as the keymap says what
// they show. Compositors switch them. A keyboard without lights shows nothing, and neither
// does a light that the keymap or the kernel uses for something else: then the locks count
// as off. The error is errOtherLock. Source: docs.kernel.org/leds/leds-class.html.
func lights(root string, m *keymap.Map) (keymap.Locks, string, error) {
	dir := rooted(root, "sys/class/leds")
	caps, some := lit(dir, "capslock")
	num, more := lit(dir, "numlock")
	if !some && !more {
		return keymap.Locks{}, "no keyboard has lights", nil
	}
	real, ok := m.Lights(caps, num)
	if !ok {
		return keymap.Locks{}, "the lights of the keyboard show something else", nil
	}
	l, ok := m.Locked(real)
	if !ok {
		return keymap.Locks{}, "", errOtherLock
	}
	return l, "/sys/class/leds", nil
}

// lit reports whether a light is on at some keyboard, and whether any has it.
func lit(dir, light string) (on, any bool) {
	folders, _ := filepath.Glob(filepath.Join(dir, "*::"+light)) // the pattern is good
	for _, folder := range folders {
		value, err := os.ReadFile(filepath.Join(folder, "brightness"))
		if err != nil || !ofKeyboard(folder, light) {
			continue // the keyboard went away, or the light shows something else
		}
		any = true
		on = on || !bytes.Equal(bytes.TrimSpace(value), []byte("0"))
	}
	return on, any
}

// ofKeyboard reports whether the state of a keyboard switches a light. Its file trigger has
// all triggers, the one in use in brackets: that of the console, or none.
func ofKeyboard(folder, light string) bool {
	text, err := os.ReadFile(filepath.Join(folder, "trigger"))
	_, rest, found := strings.Cut(string(text), "[")
	trigger, _, _ := strings.Cut(rest, "]")
	return err != nil || !found || trigger == "none" || trigger == "kbd-"+light
}
