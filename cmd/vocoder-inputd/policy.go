package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// A policy is what the owner of the machine allows. The settings of a user can
// choose from it, but cannot extend it.
type policy struct {
	Bindings []allowedBinding `yaml:"bindings"`

	Paste         bool `yaml:"paste"`                // Insert, for Shift+Insert
	ControlPaste  bool `yaml:"paste_with_ctrl"`      // Ctrl, for Ctrl+V
	Enter         bool `yaml:"enter"`                // Enter
	RemoteTrigger bool `yaml:"allow_remote_trigger"` // type without a hold
}

// An allowedBinding is a key or chord that clients may listen for.
type allowedBinding struct {
	Key    string `yaml:"key"`    // KEY_F13, or a chord: KEY_LEFTMETA+KEY_F9
	Device string `yaml:"device"` // "" allows any
	Grab   bool   `yaml:"grab"`   // clients may grab the device

	keys []key.Code
}

// defaultPolicy is for a machine without a file. It allows keys that write
// nothing and have little other use.
func defaultPolicy() policy {
	p := policy{Paste: true}
	for _, c := range []key.Code{97, 119, 70} { // right Ctrl, Pause, Scroll Lock
		p.Bindings = append(p.Bindings, allowedBinding{Key: c.String(), Grab: true})
	}
	for c := key.Code(183); c <= 194; c++ { // F13 to F24
		p.Bindings = append(p.Bindings, allowedBinding{Key: c.String(), Grab: true})
	}
	return p
}

// A settingsError is an error of the file.
type settingsError struct{ err error }

func (e *settingsError) Error() string { return "read " + helperproto.Settings + ": " + e.err.Error() }
func (e *settingsError) Unwrap() error { return e.err }

func readPolicy(name string) (policy, error) {
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return policy{}, &settingsError{err}
	}
	p, err := parsePolicy(text)
	if err != nil {
		return policy{}, &settingsError{err}
	}
	return p, nil
}

// parsePolicy returns the default policy with the changes in text.
func parsePolicy(text []byte) (policy, error) {
	p := defaultPolicy()
	if len(strings.TrimSpace(string(text))) > 0 {
		if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict()); err != nil {
			return policy{}, err
		}
	}
	for i := range p.Bindings {
		b := &p.Bindings[i]
		for name := range strings.SplitSeq(b.Key, "+") {
			c, err := key.Parse(strings.TrimSpace(name))
			if err != nil {
				return policy{}, fmt.Errorf("binding %d: %w", i+1, err)
			}
			b.keys = append(b.keys, c)
		}
		if err := evdev.Bindable(b.keys...); err != nil {
			return policy{}, fmt.Errorf("binding %d: %w", i+1, err)
		}
	}
	return p, nil
}

// allow returns a requested binding within the devices and the grab that the policy
// allows, and whether it allows the binding. The owner and the user may name one device
// differently, so a device is chosen that both names select.
func (p policy) allow(b helperproto.Binding) (evdev.Binding, bool) {
	got := evdev.Binding{Keys: b.Keys, Device: b.Device, Grab: b.Grab}
	for _, a := range p.Bindings {
		same := len(a.keys) == len(b.Keys) && !slices.ContainsFunc(b.Keys, func(c key.Code) bool { return !slices.Contains(a.keys, c) })
		switch {
		case !same, isForeignPath(b.Device) && a.Device != b.Device:
		case a.Device == "" || b.Device == "" || strings.EqualFold(a.Device, b.Device):
			return evdev.Binding{Keys: b.Keys, Device: cmp.Or(a.Device, b.Device), Grab: a.Grab && b.Grab}, true
		default:
			got.Within, got.Grab = append(got.Within, a.Device), got.Grab && a.Grab
		}
	}
	return got, got.Within != nil
}

// isForeignPath reports whether a client selects a device by a path that is neither in
// /dev itself nor below /dev/input. Only root makes links there. To follow a link of a
// user can take for ever, on a file system of the network.
func isForeignPath(device string) bool {
	path := filepath.Clean(device)
	return filepath.IsAbs(path) && filepath.Dir(path) != "/dev" && !strings.HasPrefix(path, "/dev/input/")
}

// Codes of docs.kernel.org/input/event-codes.html.
const (
	enter      key.Code = 28
	leftCtrl   key.Code = 29
	leftShift  key.Code = 42
	rightShift key.Code = 54
	keypad0    key.Code = 82
	level3     key.Code = 84 // unnamed; xkeyboard-config has it as <LVL3>
	rightCtrl  key.Code = 97
	rightAlt   key.Code = 100
	insert     key.Code = 110
	level5     key.Code = 195 // unnamed; xkeyboard-config has it as <MDSW>
	unknown    key.Code = 240 // no layout maps it; the daemon presses it to make this keyboard the last one used
)

// isModifier reports whether a key writes nothing on its own.
func isModifier(c key.Code) bool {
	return slices.Contains([]key.Code{leftCtrl, rightCtrl, leftShift, rightShift, level3, rightAlt, level5, unknown}, c)
}

// keys returns the keys of the virtual keyboard. The kernel drops all others. Unless the
// policy allows them, there is no Ctrl, Enter or Insert, nor the 0 of the keypad, which is
// Insert while Num Lock is off. There never is a left Alt, Meta, Caps Lock, SysRq, Power,
// Tab, Escape or function key. Where a layout has its Ctrl on another key, as with the
// option ctrl:swapcaps, the right Ctrl is left.
func (p policy) keys() []key.Code {
	paste := p.Paste || p.ControlPaste
	chosen := map[key.Code]bool{insert: paste, keypad0: paste, leftCtrl: p.ControlPaste, rightCtrl: p.ControlPaste, enter: p.Enter, unknown: true}
	var all []key.Code
	for c := range unknown + 1 {
		if on, is := chosen[c]; on || !is && c.IsText() {
			all = append(all, c)
		}
	}
	return all
}
