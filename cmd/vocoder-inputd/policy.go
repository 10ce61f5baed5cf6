package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// Rules are what the owner of the machine allows. The settings of a user choose
// among it and cannot widen it.
type rules struct {
	Bindings []allowed `yaml:"bindings"`

	Paste         bool `yaml:"paste"`                // Insert, for Shift+Insert
	ControlPaste  bool `yaml:"paste_with_ctrl"`      // Ctrl, for Ctrl+V
	Enter         bool `yaml:"enter"`                // Enter
	RemoteTrigger bool `yaml:"allow_remote_trigger"` // type without a hold
}

// An allowed binding is a chord that may be listened for.
type allowed struct {
	Key    string `yaml:"key"`    // KEY_F13, or a chord: KEY_LEFTMETA+KEY_F9
	Device string `yaml:"device"` // only on this one
	Grab   bool   `yaml:"grab"`   // it may be kept from the other programs

	keys []key.Code
}

// defaults are the rules of a machine without a file: keys that write nothing
// and that little else is done with.
func defaults() rules {
	r := rules{Paste: true}
	for _, c := range []key.Code{97, 119, 70} { // right Ctrl, Pause, Scroll Lock
		r.Bindings = append(r.Bindings, allowed{Key: c.String(), Grab: true})
	}
	for c := key.Code(183); c <= 194; c++ { // F13 to F24
		r.Bindings = append(r.Bindings, allowed{Key: c.String(), Grab: true})
	}
	return r
}

// A settingsError says what is wrong with the file.
type settingsError struct{ err error }

func (e *settingsError) Error() string { return "read " + helperproto.Settings + ": " + e.err.Error() }
func (e *settingsError) Unwrap() error { return e.err }

func readRules(name string) (rules, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = nil, nil
	}
	if err != nil {
		return rules{}, &settingsError{err}
	}
	r, err := parseRules(text)
	if err != nil {
		return rules{}, &settingsError{err}
	}
	return r, nil
}

// parseRules returns the defaults with what text says instead.
func parseRules(text []byte) (rules, error) {
	r := defaults()
	if len(strings.TrimSpace(string(text))) > 0 {
		if err := yaml.UnmarshalWithOptions(text, &r, yaml.Strict()); err != nil {
			return rules{}, err
		}
	}
	for i := range r.Bindings {
		b := &r.Bindings[i]
		for name := range strings.SplitSeq(b.Key, "+") {
			c, err := key.Parse(strings.TrimSpace(name))
			if err != nil {
				return rules{}, fmt.Errorf("binding %d: %w", i+1, err)
			}
			b.keys = append(b.keys, c)
		}
		if err := evdev.Bindable(b.keys...); err != nil {
			return rules{}, fmt.Errorf("binding %d: %w", i+1, err)
		}
	}
	return r, nil
}

// admit returns a binding that a user asks for as it may be listened for.
func (r rules) admit(b helperproto.Binding) (evdev.Binding, bool) {
	for _, a := range r.Bindings {
		same := len(a.keys) == len(b.Keys) && !slices.ContainsFunc(b.Keys, func(c key.Code) bool { return !slices.Contains(a.keys, c) })
		if same && (a.Device == "" || b.Device == "" || a.Device == b.Device) {
			device := a.Device
			if device == "" {
				device = b.Device
			}
			return evdev.Binding{Keys: b.Keys, Device: device, Grab: a.Grab && b.Grab}, true
		}
	}
	return evdev.Binding{}, false
}

// Codes of docs.kernel.org/input/event-codes.html that have a meaning here.
const (
	leftCtrl  key.Code = 29
	enter     key.Code = 28
	leftShift key.Code = 42
	level3    key.Code = 84 // unnamed; xkeyboard-config has it as <LVL3>
	rightAlt  key.Code = 100
	insert    key.Code = 110
	level5    key.Code = 195 // unnamed; xkeyboard-config has it as <MDSW>
	unknown   key.Code = 240 // no layout gives it a meaning; the daemon presses it to make this keyboard the last one used
)

// modifier reports whether a key writes nothing by itself.
func modifier(c key.Code) bool {
	return slices.Contains([]key.Code{leftCtrl, leftShift, level3, rightAlt, level5, unknown}, c)
}

// spans of the keys that the 577 layouts of xkeyboard-config 2.35.1 write text
// with: the digits, the letters, what is right of them, the digits' block, and
// the keys that only some countries have.
var spans = [][2]key.Code{
	{2, 13}, {16, 27}, {30, 41}, {42, 53}, {55, 55}, {57, 57}, {71, 84}, {86, 86}, {89, 89}, {98, 98},
	{100, 100}, {117, 118}, {121, 121}, {124, 124}, {179, 180}, {195, 195}, {unknown, unknown},
}

// keys are those of the virtual keyboard. The kernel drops all others. There is
// no Ctrl, left Alt, Meta, SysRq, Power, Enter, Tab, Escape or function key.
func (r rules) keys() []key.Code {
	var all []key.Code
	for _, s := range spans {
		for c := s[0]; c <= s[1]; c++ {
			all = append(all, c)
		}
	}
	for c, on := range map[key.Code]bool{insert: r.Paste || r.ControlPaste, leftCtrl: r.ControlPaste, enter: r.Enter} {
		if on {
			all = append(all, c)
		}
	}
	slices.Sort(all)
	return all
}
