// Package learn finds the key that a user wants to hold to speak, and lists the
// input devices. Only programs that the user runs import it: the helper, which
// may open all devices, must not be able to deliver every key.
package learn

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/key"
)

// A Chord is what Learn returns: keys that were pressed together, and where.
type Chord struct {
	Device evdev.Device // with Links
	Keys   []key.Code   // in the order pressed

	// Reaches reports whether applications get the keys too, as far as can be
	// known: udev's database (udev(7)) says which devices libinput uses. Why
	// explains it to the user.
	Reaches bool
	Why     string
}

// Learn listens to all devices, and to those plugged in meanwhile. It returns
// the first key or chord that is pressed on one of them and released. The caller
// decides with evdev.Bindable whether the keys are a good choice, and must not
// show keys that are not. Learn calls ready with the number of devices when it
// listens to them, which is when to ask the user for the key.
//
// Every key is delivered to this process meanwhile: call Learn only while the
// user waits for it in the foreground. If ctx is done first, the error is that
// of ctx. If no device may be read at all, it is fs.ErrPermission.
func Learn(ctx context.Context, ready func(devices int)) (Chord, error) {
	c, err := learn(ctx, listen, ready)
	if err != nil {
		return c, err
	}
	c.Device.Links = links("/dev/input")[c.Device.Path]
	c.Reaches, c.Why = reaches(c.Keys, properties(c.Device.Path))
	return c, nil
}

// listen runs a Listener for all keys.
func listen(ctx context.Context, status func(evdev.Status), changed func(evdev.KeyChange)) error {
	return evdev.New(evdev.Config{Changed: status}).RunAll(ctx, changed)
}

// learn is Learn with listen or a fake.
func learn(ctx context.Context, listen func(context.Context, func(evdev.Status), func(evdev.KeyChange)) error, ready func(int)) (Chord, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var denied error
	var begun bool
	status := func(st evdev.Status) {
		switch {
		case begun: // a device plugged in later is denied at first
		case len(st.Devices) == 0 && len(st.Denied) > 0:
			denied = st.Denied[0].Err
			cancel()
		default:
			ready(len(st.Devices))
		}
		begun = true
	}
	var l learner
	changed := func(k evdev.KeyChange) {
		if l.change(k) {
			cancel()
		}
	}
	if err := listen(ctx, status, changed); err != nil {
		return Chord{}, err
	}
	switch {
	case len(l.chord.Keys) > 0:
		return l.chord, nil
	case denied != nil:
		return Chord{}, fmt.Errorf("listen for a key: %w", denied)
	}
	return Chord{}, fmt.Errorf("listen for a key: %w", ctx.Err())
}

// A learner records the first chord that is released.
type learner struct {
	pressed map[string][]key.Code // by the path of the device, in the order pressed
	chord   Chord
}

// change records a key change. It reports whether the chord is known.
func (l *learner) change(k evdev.KeyChange) bool {
	if l.pressed == nil {
		l.pressed = map[string][]key.Code{}
	}
	keys := l.pressed[k.Device.Path]
	i := slices.Index(keys, k.Code)
	switch {
	case k.Lost:
		delete(l.pressed, k.Device.Path)
	case k.Down && i < 0:
		l.pressed[k.Device.Path] = append(keys, k.Code)
	case !k.Down && i >= 0 && len(l.chord.Keys) == 0:
		l.chord = Chord{Device: k.Device, Keys: keys}
	}
	return len(l.chord.Keys) > 0
}

// reaches returns whether keys of a device with these properties in udev's
// database reach applications, and why.
func reaches(keys []key.Code, udev map[string]string) (bool, string) {
	if udev["LIBINPUT_IGNORE_DEVICE"] == "1" {
		return false, "udev hides the device from applications (LIBINPUT_IGNORE_DEVICE)"
	}
	var used bool
	for _, kind := range []string{"KEYBOARD", "KEY", "MOUSE", "TOUCHPAD", "TABLET", "TABLET_PAD", "POINTINGSTICK", "SWITCH"} {
		used = used || udev["ID_INPUT_"+kind] == "1"
	}
	if len(udev) > 0 && !used {
		return false, "udev sees neither a keyboard nor a pointer in the device, so desktops do not use it"
	}
	for _, c := range keys {
		if c <= lastX11 || evdev.IsButton(c) {
			return true, "applications get the key too; grab the device if it has no other use"
		}
	}
	return true, "applications of X11 cannot see the key (its code is above 247), those of Wayland may"
}

// lastX11 is the last key for which X11 has a keycode. Keycodes are 8 higher and
// fit in a byte.
const lastX11 = 255 - 8

// properties returns what udev's database has for a node, nothing if it cannot
// be read. The database has "E:" before each property, as udevadm(8) info
// --export-db prints it.
func properties(path string) map[string]string {
	all := map[string]string{}
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return all
	}
	number := strconv.Itoa(int(unix.Major(st.Rdev))) + ":" + strconv.Itoa(int(unix.Minor(st.Rdev)))
	f, err := os.Open(filepath.Join("/run/udev/data", "c"+number))
	if err != nil {
		return all
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if p, ok := strings.CutPrefix(in.Text(), "E:"); ok {
			name, value, _ := strings.Cut(p, "=")
			all[name] = value
		}
	}
	return all
}
