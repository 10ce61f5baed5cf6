package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// Errors of keys that the listener cannot receive.
var (
	ErrNoDevice = hint.New("no device has the bound key", "`vocoder devices` lists what there is; set key to a key that one of them has")
	ErrDenied   = hint.New("permission denied",
		"where vocoder-inputd is installed, the daemon alone hears keys, through it; else `vocoder doctor` shows the udev rule for this user")
	ErrNoInput   = hint.New("there is no input device that can be read", "plug in a keyboard or a pedal; in a container, pass /dev/input into it")
	ErrNoLearner = hint.New("listen for any key: permission denied", // of `vocoder keys --learn`
		"with vocoder-inputd, `vocoder setup` learns a key that all may use; `sudo vocoder keys --learn --print` hears any, which root then allows in "+helperproto.Settings)
)

// Bindings returns the bound keys in the order of the settings. If there is a cancel key,
// it is the last.
func Bindings(cfg config.Config) []evdev.Binding {
	out := make([]evdev.Binding, 0, len(cfg.Bindings)+1)
	for _, b := range cfg.Bindings {
		out = append(out, evdev.Binding{Keys: b.Keys, Device: b.Device, Grab: b.Grab})
	}
	if len(cfg.Cancel) > 0 {
		out = append(out, evdev.Binding{Keys: cfg.Cancel})
	}
	return out
}

// ChordName returns a chord as the settings file has it: KEY_LEFTCTRL+KEY_F1.
func ChordName(keys []key.Code) string {
	var names []string
	for _, k := range keys {
		names = append(names, k.String())
	}
	return strings.Join(names, "+")
}

// KeyNames returns the names of the bound keys, with "or" between them.
func KeyNames(cfg config.Config) string {
	var names []string
	for _, b := range cfg.Bindings {
		names = append(names, ChordName(b.Keys))
	}
	return strings.Join(names, " or ")
}

// ErrRepeats is the error of Holdable.
var ErrRepeats = hint.New("the applications get the key too and would write or move for as long as it is held",
	"take a key that does nothing else, or a chord of such keys: right Ctrl, Super and a function key, a pedal; grab: true keeps the keys of a pedal or a box of buttons from them")

// Holdable is evdev.Bindable for keys that are held. It returns ErrRepeats too, unless the
// device is grabbed, if one of them writes or moves the cursor: applications repeat it, and
// the desktop does not take every chord from them.
func Holdable(grab bool, keys ...key.Code) error {
	const home, insert = 102, 110 // with the arrows and the pages between them
	if err := evdev.Bindable(keys...); err != nil || grab {
		return err
	}
	for _, c := range keys {
		if c >= home && c <= insert || errors.Is(evdev.Bindable(c), evdev.ErrWrites) {
			return ErrRepeats
		}
	}
	return nil
}

// BindKeys returns the changes of settings that make keys those to hold. Keys that may be
// held only on a grabbed device bring grab with them.
func BindKeys(keys []key.Code) [][2]string {
	changes := [][2]string{{"key", ChordName(keys)}}
	if Holdable(false, keys...) != nil {
		changes = append(changes, [2]string{"grab", "true"})
	}
	return changes
}

// CheckDevices returns an error if no device in s that can be read has one of the bound
// keys. The error wraps ErrDenied if this user may not read a device, otherwise
// ErrNoDevice.
func CheckDevices(cfg config.Config, s evdev.Status) error {
	if len(s.Missing) == 0 {
		return nil
	}
	var names []string
	for _, i := range s.Missing {
		names = append(names, ChordName(Bindings(cfg)[i].Keys))
	}
	missing := strings.Join(names, ", ")
	if i := slices.IndexFunc(s.Denied, func(d evdev.Device) bool { return errors.Is(d.Err, fs.ErrPermission) }); i >= 0 {
		return fmt.Errorf("listen for %s on %s: %w", missing, s.Denied[i].Path, ErrDenied)
	}
	return fmt.Errorf("listen for %s: %w", missing, ErrNoDevice)
}

// checkKeys returns an error for each bound key that is in use for something else, as a key
// that writes, and for each chord that does not paste. The cancel key is not held.
func checkKeys(src config.Source, cfg config.Config) error {
	var all []error
	bind := func(err error, at *config.Error) {
		if err != nil {
			at.Err = err
			all = append(all, at)
		}
	}
	for i, b := range cfg.Bindings {
		if err := Holdable(b.Grab, b.Keys...); err != nil {
			bind(err, src.FaultAt("key", i, "bind "+ChordName(b.Keys)+": "+err.Error()))
		}
	}
	if err := evdev.Bindable(cfg.Cancel...); err != nil {
		bind(err, src.Fault("cancel_key", "bind "+ChordName(cfg.Cancel)+": "+err.Error()))
	}
	const paste = "typing.paste_chord"
	if msg := noPaste(cfg.Typing.PasteChord); msg != "" {
		all = append(all, src.Fault(paste, msg))
	}
	for i, a := range cfg.Typing.Applications {
		if msg := noPaste(a.PasteChord); a.PasteChord != nil && msg != "" {
			all = append(all, src.FaultIn("typing.applications", i, paste, msg))
		}
	}
	return errors.Join(all...)
}

// modifiers are the keys that do nothing alone: Ctrl, Shift, Alt and Super, left and right.
// Source: linux/input-event-codes.h.
var modifiers = []key.Code{29, 97, 42, 54, 56, 100, 125, 126}

// noPaste returns why a chord does not paste, or nothing.
func noPaste(chord []key.Code) string {
	const want = "want a chord such as KEY_LEFTSHIFT+KEY_INSERT or KEY_LEFTCTRL+KEY_V"
	switch {
	case len(chord) == 0:
		return want
	case slices.Contains(modifiers, chord[len(chord)-1]):
		return ChordName(chord) + " has no key after the modifiers: " + want
	case evdev.Bindable(chord...) != nil:
		return ChordName(chord) + " writes or clicks: " + want
	}
	return ""
}
