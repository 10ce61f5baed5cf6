package evdev

import (
	"errors"

	goevdev "github.com/holoplot/go-evdev"
)

// A Device is an evdev node and the hardware, or program, behind it. Strings
// the kernel does not know are empty.
type Device struct {
	Path    string   // /dev/input/event5; another device may have it tomorrow
	Sysname string   // input17: the device's own, never given twice between boots
	Name    string   // as its maker calls it
	Phys    string   // where it is plugged in
	Uniq    string   // serial number or Bluetooth address
	Bus     uint16   // BUS_* of linux/input.h: 3 is USB, 5 Bluetooth, 6 virtual
	Vendor  uint16   // with Product, as lsusb shows them
	Product uint16   //
	Version uint16   //
	Virtual bool     // made by a program (uinput), such as a key remapper
	Links   []string // paths that lead to it, such as those in /dev/input/by-id
	Keys    Set      // what it can send
	Axes    bool     // moves something: a pointer, a stick
	Err     error    // why it cannot be used as wanted, else nil; may be fs.ErrPermission
}

// A Kind is a guess, from its keys, at what a Device is.
type Kind string

// The kinds there are.
const (
	Keyboard Kind = "keyboard" // writes: letters, Space and Enter
	Pointer  Kind = "pointer"  // mouse, touchpad, touch screen or tablet
	Gamepad  Kind = "gamepad"
	Buttons  Kind = "buttons" // anything else with keys: pedals, media keys, lids
	Other    Kind = "other"   // has no keys
)

// Kind guesses what d is. No decision but that of Dedicated rests on it: any
// device that has a bound key counts.
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
	ErrKeyboard = errors.New("it is a full keyboard: grabbing it would keep all it writes from every program")
	ErrPointer  = errors.New("it is a pointer: grabbing it would stop the pointer")
)

// Dedicated returns nil if d may be grabbed because it can have no use but its
// few buttons, else ErrKeyboard or ErrPointer.
func (d Device) Dedicated() error {
	switch d.Kind() {
	case Keyboard:
		return ErrKeyboard
	case Pointer:
		return ErrPointer
	}
	return nil
}
