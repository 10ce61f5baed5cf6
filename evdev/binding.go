package evdev

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Binding is a key, or a chord of several, that the user holds to speak.
type Binding struct {
	// Keys are held together: the hold begins when the last goes down, and ends
	// when any of them goes up. There is at least one. They may be spread over
	// several devices. If one press completes two bindings, and the keys of one
	// are among those of the other, only the larger is meant.
	Keys []key.Code

	// Device selects devices: by name, by vendor:product in hexadecimal
	// (05f3:00ff), by phys or uniq, or by an absolute path such as a link in
	// /dev/input/by-id. "" selects all that have one of the Keys.
	Device string

	// Within are selectors as Device, of which one must select the device too. None
	// means all devices.
	Within []string

	// Grab keeps the keys of the device from all other programs. It is for a
	// device with no other use, such as a pedal or a button box. Devices that
	// Device.Dedicated refuses are not grabbed. The Listener listens to them too.
	Grab bool
}

// Check returns an error if b has no key, a key twice, or one that does not
// exist. It does not judge whether the keys are a good choice; Bindable does.
func (b Binding) Check() error {
	if len(b.Keys) == 0 {
		return errors.New("binding has no key")
	}
	for i, c := range b.Keys {
		if c == goevdev.KEY_RESERVED || c > goevdev.KEY_MAX {
			return fmt.Errorf("binding has no such key: %d", c)
		}
		if slices.Contains(b.Keys[:i], c) {
			return fmt.Errorf("binding has %v twice", c)
		}
	}
	return nil
}

// covers reports whether b has all the keys of o and more.
func (b Binding) covers(o Binding) bool {
	return len(b.Keys) > len(o.Keys) && SetOf(o.Keys...).without(SetOf(b.Keys...)).empty()
}

// Selects reports whether b selects d.
func (b Binding) Selects(d Device) bool {
	return d.selected(b.Device) && (len(b.Within) == 0 || slices.ContainsFunc(b.Within, d.selected))
}

// selected reports whether a selector, such as Binding.Device, selects d.
func (d Device) selected(by string) bool {
	if by == "" {
		return true
	}
	if vendor, product, ok := parseID(by); ok && vendor == d.Vendor && product == d.Product {
		return true
	}
	return slices.Contains([]string{d.Name, d.Phys, d.Uniq, d.Path}, by) || slices.Contains(d.Links, by)
}

// paths returns the selectors of b that are paths.
func (b Binding) paths() []string {
	return slices.DeleteFunc(append([]string{b.Device}, b.Within...), func(by string) bool { return !strings.HasPrefix(by, "/") })
}

var idPattern = regexp.MustCompile(`^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$`)

func parseID(s string) (vendor, product uint16, ok bool) {
	if !idPattern.MatchString(s) {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(s[:4]+s[5:], 16, 32)
	return uint16(n >> 16), uint16(n), err == nil
}

// Errors of Bindable.
var (
	ErrWrites = errors.New("letters, digits and other keys that write text cannot be bound: writing would start a recording")
	ErrClicks = errors.New("the buttons that click cannot be bound: using the pointer would start a recording")
)

// Bindable returns ErrWrites or ErrClicks if the keys are in use for something
// else all day: keys that write, alone or with Shift, and buttons that click. A
// chord with any other key is bindable. The error does not name the keys.
func Bindable(keys ...key.Code) error {
	var writes bool
	for _, c := range keys {
		switch {
		case clicking.Has(c):
			return ErrClicks
		case writing.Has(c):
			writes = true
		case c != goevdev.KEY_LEFTSHIFT && c != goevdev.KEY_RIGHTSHIFT:
			return nil
		}
	}
	if writes {
		return ErrWrites
	}
	return nil
}

// Keys by use; see docs.kernel.org/input/event-codes.html.
var (
	letters = span(goevdev.KEY_Q, goevdev.KEY_P).
		or(span(goevdev.KEY_A, goevdev.KEY_L)).
		or(span(goevdev.KEY_Z, goevdev.KEY_M))

	// writing are the keys that insert or delete characters, on a keyboard of
	// any layout.
	writing = letters.
		or(span(goevdev.KEY_1, goevdev.KEY_TAB)).
		or(span(goevdev.KEY_LEFTBRACE, goevdev.KEY_ENTER)).
		or(span(goevdev.KEY_SEMICOLON, goevdev.KEY_GRAVE)).
		or(span(goevdev.KEY_COMMA, goevdev.KEY_SLASH)).
		or(span(goevdev.KEY_KP7, goevdev.KEY_KPDOT)).
		or(SetOf(goevdev.KEY_BACKSLASH, goevdev.KEY_SPACE, goevdev.KEY_102ND, goevdev.KEY_RO, goevdev.KEY_YEN,
			goevdev.KEY_KPASTERISK, goevdev.KEY_KPENTER, goevdev.KEY_KPSLASH, goevdev.KEY_KPEQUAL,
			goevdev.KEY_KPCOMMA, goevdev.KEY_KPJPCOMMA, goevdev.KEY_DELETE))

	// touching are the states of touchpads, screens and tablets. They are
	// "down" while a finger or pen is near.
	touching = span(goevdev.BTN_TOOL_PEN, goevdev.BTN_TOOL_QUADTAP)

	clicking = touching.or(SetOf(goevdev.BTN_LEFT, goevdev.BTN_RIGHT))
)
