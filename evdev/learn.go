package evdev

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/key"
)

// Heard is what Learn heard: the keys that were pressed together, and where.
type Heard struct {
	Device Device     // with Links
	Keys   []key.Code // in the order pressed

	// Reaches reports whether applications are told of the keys too, as far as
	// can be known: udev's database (udev(7)) says what libinput will take.
	// Why says so in words, for a person.
	Reaches bool
	Why     string
}

// Learn listens to all devices, and to those plugged in meanwhile, until a key
// or a chord is pressed on one of them and let go, and returns it. Touching a
// touchpad or the like is no press. Whether the keys are a good choice is for
// Bindable to say. Dir is the folder of the event nodes, "" for /dev/input; own
// is the Sysname of a device not to listen to, or ""; ready is called with the
// number of devices once they are listened to, when it makes sense to ask the
// user for the key.
//
// Unlike an Ear it lets every key be delivered to this process: call it only
// while the user waits for it in the foreground, and show no key that Bindable
// refuses. The error is that of ctx if nothing was pressed before it was done,
// and fs.ErrPermission if no device may be read at all.
func Learn(ctx context.Context, dir, own string, ready func(devices int)) (Heard, error) {
	s := newSystem(dir)
	h, err := learn(ctx, s, s.dir, own, ready)
	if err != nil {
		return h, err
	}
	h.Device.Links = s.links()[h.Device.Path]
	h.Reaches, h.Why = reaches(h.Keys, s.properties(h.Device.Path))
	return h, nil
}

func learn(ctx context.Context, h host, dir, own string, ready func(devices int)) (Heard, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &pupil{devices: map[int]*lesson{}, learned: cancel}
	var denied error
	var begun bool
	e := New(Config{
		Dir: dir,
		Own: func() string { return own },
		Changed: func(st Status) {
			switch {
			case begun: // what is plugged in later is denied at first
			case len(st.Devices) == 0 && len(st.Denied) > 0:
				denied = st.Denied[0].Err
				cancel()
			default:
				ready(len(st.Devices))
			}
			begun = true
		},
	})
	e.host, e.cfg.Dir = h, dir
	if err := e.listen(ctx, newRoster(h, p, e.cfg.Own, e.cfg.Log), nil); err != nil {
		return Heard{}, err
	}
	if len(p.heard.Keys) > 0 {
		return p.heard, nil
	}
	if denied != nil {
		return Heard{}, fmt.Errorf("listen for a key: %w", denied)
	}
	return Heard{}, fmt.Errorf("listen for a key: %w", ctx.Err())
}

// A pupil is the mind of Learn. It makes no edges.
type pupil struct {
	devices map[int]*lesson
	heard   Heard
	learned func()
}

// A lesson is what one device is saying.
type lesson struct {
	dev  Device
	keys []key.Code
}

func (p *pupil) want(d Device) want {
	return want{keys: d.Keys.without(touching)}
}

func (p *pupil) join(id int, d Device, _ want, _ Set) { p.devices[id] = &lesson{dev: d} }

func (p *pupil) stroke(id int, s stroke) []edge {
	l := p.devices[id]
	switch i := slices.Index(l.keys, s.code); {
	case s.down && i < 0:
		l.keys = append(l.keys, s.code)
	case !s.down && i >= 0 && len(p.heard.Keys) == 0:
		p.heard = Heard{Device: l.dev, Keys: l.keys}
		p.learned()
	}
	return nil
}

// sync forgets what was pressed: some of it was lost.
func (p *pupil) sync(id int, _ Set, _ time.Duration) []edge {
	p.devices[id].keys = nil
	return nil
}

func (p *pupil) leave(id int, _ time.Duration) []edge {
	delete(p.devices, id)
	return nil
}

func (p *pupil) due(time.Duration) []edge    { return nil }
func (p *pupil) next() (time.Duration, bool) { return 0, false }

// reaches tells whether keys of a device with these properties in udev's
// database reach applications.
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
		if c <= lastX11 || buttons.Has(c) {
			return true, "applications get the key too; grab the device if it has no other use"
		}
	}
	return true, "applications of X11 cannot see the key (its code is above 247), those of Wayland may"
}

// lastX11 is the last key X11 has a keycode for: keycodes are 8 more and fill
// a byte.
const lastX11 = 255 - 8

// properties returns what udev's database says of a node, nothing if it cannot
// be read. Its format is an "E:" before each property, as udevadm(8) info
// --export-db prints it.
func (s system) properties(path string) map[string]string {
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
