package evdev

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/fsnotify/fsnotify"
	goevdev "github.com/holoplot/go-evdev"
	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/ioctl"
)

// A host is the machine as this package needs it: system, or a fake in tests.
type host interface {
	nodes() ([]string, error)             // names of the event nodes there are
	describe(node string) (Device, error) // without Links and Err; fs.ErrNotExist if gone
	open(d Device) (node, error)          // fs.ErrNotExist if d is gone or another is in its place
	resolve(path string) (string, error)  // the node a link leads to
	watch() (watcher, error)              // changes of the folder of nodes
	now() time.Duration                   // CLOCK_MONOTONIC, which stamps the events
}

// A node is an open device.
type node interface {
	mask(keys Set) error        // let only these keys through, and nothing that is no key
	held() (Set, error)         // all keys down; discards the key events not yet read
	grab() error                // keep the device from all others
	Read(b []byte) (int, error) // whole events; waits for one
	interrupt()                 // make a waiting Read return an error, now or later
	Close() error
}

// A watcher tells what changes in a folder.
type watcher interface {
	events() <-chan fsnotify.Event
	errors() <-chan error
	add(dir string) error // fs.ErrNotExist if there is none
	remove(dir string) error
	close() error
}

// system is the real machine.
type system struct {
	dir   string // /dev/input
	class string // /sys/class/input
}

// Folders of the kernel's and udev's making.
const (
	defaultDir = "/dev/input"
	sysClass   = "/sys/class/input"
)

func newSystem(dir string) system {
	if dir == "" {
		dir = defaultDir
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // what links are resolved to
	}
	return system{dir: dir, class: sysClass}
}

func (s system) nodes() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	var names []string
	for _, e := range entries {
		if isNode(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, byNumber)
	return names, err
}

// byNumber orders event2 before event10.
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// isNode reports whether a file of /dev/input is an evdev node, and no other
// kind of node (mice, js0) or folder.
func isNode(name string) bool { return strings.HasPrefix(name, "event") }

func (s system) resolve(path string) (string, error) { return filepath.EvalSymlinks(path) }

func (s system) now() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		panic("evdev: no monotonic clock: " + err.Error())
	}
	return time.Duration(t.Nano())
}

func (s system) watch() (watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", s.dir, err)
	}
	return watch{w}, nil
}

// A watch is a watcher of inotify(7).
type watch struct{ w *fsnotify.Watcher }

func (w watch) events() <-chan fsnotify.Event { return w.w.Events }
func (w watch) errors() <-chan error          { return w.w.Errors }
func (w watch) add(dir string) error          { return w.w.Add(dir) }
func (w watch) remove(dir string) error       { return w.w.Remove(dir) }
func (w watch) close() error                  { return w.w.Close() }

// nonblock makes Go wait for a device with its poller: no thread is spent on
// it, and interrupt works.
const nonblock = unix.O_NONBLOCK

// open opens the node of d for reading. A node name says nothing about the
// device behind it, for names are used again within a fraction of a second;
// a Sysname never is. The link read after opening therefore tells whether it
// was d that was opened.
func (s system) open(d Device) (node, error) {
	f, err := os.OpenFile(d.Path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err
	}
	link, err := os.Readlink(filepath.Join(s.class, filepath.Base(d.Path), "device"))
	if d.Sysname != "" && (err != nil || filepath.Base(link) != d.Sysname) {
		return nil, errors.Join(&fs.PathError{Op: "open", Path: d.Path, Err: fs.ErrNotExist}, f.Close())
	}
	n := file{f}
	clock := int32(unix.CLOCK_MONOTONIC)
	if err := ioctl.Pointer(f, "set clock", eviocsclockid, unsafe.Pointer(&clock)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return n, nil
}

// A file is a node of the real machine. go-evdev keeps its file to itself and
// asks for everything through Fd, so the ioctls it lacks are made here, on a
// file that stays with the poller.
type file struct{ *os.File }

// Requests of linux/input.h.
var (
	eviocgkey     = ioctl.Read('E', 0x18, setSize)
	eviocgrab     = ioctl.Write('E', 0x90, unsafe.Sizeof(int32(0)))
	eviocsmask    = ioctl.Write('E', 0x93, unsafe.Sizeof(goevdev.InputMask{}))
	eviocsclockid = ioctl.Write('E', 0xa0, unsafe.Sizeof(int32(0)))
)

// mask first shuts all types but keys, then all keys but those given
// (EVIOCSMASK; SYN events cannot be shut out). Anything queued before is
// discarded by the held that must follow.
func (f file) mask(keys Set) error {
	types := uint64(1<<goevdev.EV_SYN | 1<<goevdev.EV_KEY)
	if err := f.setMask(0, &types, unsafe.Sizeof(types)); err != nil {
		return err
	}
	return f.setMask(goevdev.EV_KEY, &keys[0], setSize)
}

// setMask passes the address of codes inside a struct, out of sight of the
// garbage collector and of a growing stack; hence the pin.
func (f file) setMask(typ uint32, codes *uint64, size uintptr) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(codes)
	m := goevdev.InputMask{Type: typ, CodesSize: uint32(size), CodesPtr: uint64(uintptr(unsafe.Pointer(codes)))}
	return ioctl.Pointer(f.File, "mask", eviocsmask, unsafe.Pointer(&m))
}

func (f file) held() (Set, error) {
	var s Set
	err := ioctl.Pointer(f.File, "ask keys of", eviocgkey, unsafe.Pointer(&s))
	return s, err
}

func (f file) grab() error {
	return ioctl.Int(f.File, "grab", eviocgrab, 1) // the argument says whether to grab or to release
}

func (f file) interrupt() {
	// The past is due at once. Failing means the file is closed already, or
	// that the device cannot be waited for, which open would have shown.
	_ = f.SetReadDeadline(time.Unix(1, 0))
}

// gone reports whether an error says that a device is no longer there.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO)
}

// keyCode turns the library's code into ours.
func keyCode(c goevdev.EvCode) key.Code { return key.Code(c) }

// remappers are the programs known to grab keyboards, by the first 15 bytes of
// their name, which is what the kernel keeps of it (proc_pid_comm(5)).
var remappers = []string{
	"keyd", "kanata", "input-remapper-", "key-mapper-serv", "evsieve", "xremap", "kmonad", "interception",
	"udevmon", "intercept", "hawkd", "makima", "xkeysnail", "logid", "houmer", "ktrl", "evremap", "evscript",
}

// suspects returns the running programs that are known to grab keyboards, as
// far as proc, which is /proc, may be read.
func suspects(proc string) []string {
	comms, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "comm")) // the pattern is right
	var found []string
	for _, path := range comms {
		b, err := os.ReadFile(path)
		name := strings.TrimSuffix(string(b), "\n")
		if err == nil && slices.Contains(remappers, name) && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}
