package evdev

import (
	"errors"

	goevdev "github.com/holoplot/go-evdev"
)

// A Device is an evdev node and the hardware or program behind it. Strings that
// the kernel does not know are empty.
type Device struct {
	Path    string   // /dev/input/event5; later it may be another device's
	Sysname string   // input17; the kernel never reuses it before the next boot
	Name    string   // given by its maker
	Phys    string   // where it is plugged in
	Uniq    string   // serial number or Bluetooth address
	Bus     uint16   // BUS_* of linux/input.h: 3 is USB, 5 Bluetooth, 6 virtual
	Vendor  uint16   // with Product, as lsusb shows them
	Product uint16   //
	Virtual bool     // made by a program (uinput), such as a key remapper
	Links   []string // paths that lead to it, such as those in /dev/input/by-id
	Keys    Set      // all keys that it can send
	Err     error    // why it cannot be used as wanted, or nil; may be fs.ErrPermission
}

// A Kind is what a Device probably is, judged by its keys.
type Kind string

// The kinds.
const (
	Keyboard Kind = "keyboard" // has letters, Space and Enter
	Pointer  Kind = "pointer"  // mouse, touchpad, touch screen or tablet
	Gamepad  Kind = "gamepad"
	Buttons  Kind = "buttons" // anything else with keys: pedals, media keys, lids
	Other    Kind = "other"   // has no keys
)

// Kind returns what d probably is. Only Dedicated uses it for a decision: a
// Listener listens to any device that has a bound key.
func (d Device) Kind() Kind {
	switch {
	case d.Keys.Has(goevdev.KEY_SPACE) && d.Keys.Has(goevdev.KEY_ENTER) && !d.Keys.and(letters).empty():
		return Keyboard
	case !d.Keys.and(clicking).empty():
		return Pointer
	case d.Keys.Has(goevdev.BTN_SOUTH) || d.Keys.Has(goevdev.BTN_TRIGGER):
		return Gamepad
	case !d.Keys.empty():
		return Buttons
	}
	return Other
}

// Errors of Dedicated.
var (
	ErrKeyboard = errors.New("it has the keys of a full keyboard, as some foot pedals have too: grabbing it would keep all it writes from every program")
	ErrPointer  = errors.New("it is a pointer: grabbing it would stop the pointer")
)

// Dedicated returns nil if d may be grabbed because it can only be used for its
// few buttons. Otherwise it returns ErrKeyboard or ErrPointer.
func (d Device) Dedicated() error {
	switch d.Kind() {
	case Keyboard:
		return ErrKeyboard
	case Pointer:
		return ErrPointer
	}
	return nil
}
