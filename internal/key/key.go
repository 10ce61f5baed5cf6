// Package key has the types for keys: codes, the events of a bound key, and the strokes
// of typed text.
package key

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/spell"
)

//go:generate sh -c "go run gen.go < /usr/include/linux/input-event-codes.h | gofmt > names.go"

// A Code is a key or button of an evdev device, KEY_* or BTN_* of
// docs.kernel.org/input/event-codes.html. XKB keycodes are Code + 8.
type Code uint16

// Parse returns the Code with a kernel name such as KEY_F13 or BTN_SIDE. The error of an
// unknown name suggests similar names.
func Parse(name string) (Code, error) {
	if c, ok := codes[name]; ok {
		return c, nil
	}
	if near := nearest(name); len(near) > 0 {
		return 0, fmt.Errorf("unknown key %q: did you mean %s?", name, strings.Join(near, " or "))
	}
	return 0, fmt.Errorf("unknown key %q: want a kernel name such as KEY_RIGHTCTRL or KEY_F13", name)
}

// Names returns the kernel's names of all keys and buttons, sorted.
func Names() []string { return slices.Sorted(maps.Keys(codes)) }

// nearest returns the known names that the user probably meant.
func nearest(name string) []string {
	up := strings.ToUpper(strings.TrimSpace(name))
	for _, guess := range []string{up, "KEY_" + up, "BTN_" + up} {
		if _, ok := codes[guess]; ok {
			return []string{guess}
		}
	}
	if !strings.HasPrefix(up, "KEY_") && !strings.HasPrefix(up, "BTN_") {
		up = "KEY_" + up
	}
	if len(name) < 3 {
		return nil // too many names are similar to a short one
	}
	found := spell.Nearest(up, slices.Collect(maps.Keys(codes)), 3)
	return found[:min(len(found), 3)]
}

// String returns the kernel's name of c, or its number if it has none.
func (c Code) String() string {
	if n, ok := names[c]; ok {
		return n
	}
	return fmt.Sprintf("KEY_%d", uint16(c))
}

// A Cause says why an Event happened.
type Cause uint8

const (
	Physical Cause = iota // the user pressed or released a key
	Gone                  // the device went away, which releases its keys
	Resync                // the kernel dropped events, so the listener asked it for the state
	Ceded                 // the session is locked or not in front, or the machine sleeps
)

func (c Cause) String() string {
	return [...]string{"physical", "gone", "resync", "ceded"}[c]
}

// An Event is the start or the end of a hold. For each binding the first Event is a
// press, and presses and releases alternate.
type Event struct {
	Binding int       // index in the settings
	Down    bool      // true for a press
	At      time.Time // when it happened, by the kernel's clock
	Cause   Cause     // always Physical for a press
}

// A Stroke is one key pressed and released while modifiers are held.
type Stroke struct {
	Mods []Code // held around Code, in pressing order
	Code Code
}
