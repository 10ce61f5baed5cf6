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

	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/linux/ioctl"
)

// A host is the machine: system, or a fake in tests.
type host interface {
	folder() string                        // of the nodes
	nodes() ([]string, error)              // names of all event nodes
	describe(node string) (Device, error)  // without Links and Err; fs.ErrNotExist if gone
	open(d Device, keys Set) (node, error) // masked to keys; fs.ErrNotExist if d is gone or its node belongs to a different device
	resolve(path string) (string, error)   // the node a link leads to
	watch() (watcher, error)               // changes of the folder of nodes
	now() time.Duration                    // CLOCK_MONOTONIC, which is also the clock of events
}

// A node is an open device.
type node interface {
	held() (Set, error)         // all keys down; discards the key events not yet read
	grab() error                // keep the device from all other programs
	ungrab()                    // undo that, now and not when the reader has closed it
	Read(b []byte) (int, error) // whole events; waits for one
	interrupt()                 // make Read return an error, now or when it is next called
	Close() error
}

// A watcher reports the changes in folders, as an fsnotify.Watcher does.
type watcher struct {
	events      <-chan fsnotify.Event
	errors      <-chan error
	add, remove func(dir string) error // add returns fs.ErrNotExist if there is no such folder
	close       func() error
}

// system is the real machine.
type system struct {
	dir   string // /dev/input
	class string // /sys/class/input
}

// Folders made by udev and the kernel.
const (
	defaultDir = "/dev/input"
	sysClass   = "/sys/class/input"
)

func newSystem(dir string) system {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // what links are resolved to
	}
	return system{dir: dir, class: sysClass}
}

// Devices returns the input devices in the order of their nodes, without Links.
// It opens none, unless there is no sysfs. If a device cannot be described, its
// Err says why.
func Devices() ([]Device, error) {
	s := newSystem(defaultDir)
	names, err := s.nodes()
	if err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	var all []Device
	for _, name := range names {
		if d, err := s.describe(name); !gone(err) {
			d.Err = err
			all = append(all, d)
		}
	}
	return all, nil
}

func (s system) folder() string { return s.dir }

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

func (s system) now() time.Duration { return clock.Monotonic() }

func (s system) watch() (watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return watcher{}, fmt.Errorf("watch %s: %w", s.dir, err)
	}
	return watcher{w.Events, w.Errors, w.Add, w.Remove, w.Close}, nil
}

// nonblock has Go wait for a device with its poller. So waiting takes no thread,
// and interrupt works.
const nonblock = unix.O_NONBLOCK

// open opens the node of d for reading, and has the kernel deliver nothing but keys.
// The caller must call held next, which discards the events that were queued before.
//
// The kernel reuses node names within a fraction of a second, but never a Sysname. So
// open reads the link with the Sysname after opening, to see whether it has opened d.
func (s system) open(d Device, keys Set) (node, error) {
	f, err := os.OpenFile(d.Path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err
	}
	link, err := os.Readlink(filepath.Join(s.class, filepath.Base(d.Path), "device"))
	if d.Sysname != "" && (err != nil || filepath.Base(link) != d.Sysname) {
		return nil, errors.Join(&fs.PathError{Op: "open", Path: d.Path, Err: fs.ErrNotExist}, f.Close())
	}
	n := file{f}
	id := int32(unix.CLOCK_MONOTONIC)
	err = ioctl.Pointer(f, "set clock", eviocsclockid, unsafe.Pointer(&id))
	if err == nil {
		err = n.mask(keys)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return n, nil
}

// A file is a node of the real machine. go-evdev does not export its file, and
// calls Fd, which makes the file blocking. So the ioctls are made here, on a file
// that stays with the poller.
type file struct{ *os.File }

// Requests of linux/input.h.
var (
	eviocgkey     = ioctl.Read('E', 0x18, setSize)
	eviocgrab     = ioctl.Write('E', 0x90, unsafe.Sizeof(int32(0)))
	eviocsmask    = ioctl.Write('E', 0x93, unsafe.Sizeof(goevdev.InputMask{}))
	eviocsclockid = ioctl.Write('E', 0xa0, unsafe.Sizeof(int32(0)))
)

// mask masks all types but keys, then all keys but those given (EVIOCSMASK; SYN
// events cannot be masked).
func (f file) mask(keys Set) error {
	types := uint64(1<<goevdev.EV_SYN | 1<<goevdev.EV_KEY)
	if err := f.setMask(0, &types, unsafe.Sizeof(types)); err != nil {
		return err
	}
	return f.setMask(goevdev.EV_KEY, &keys[0], setSize)
}

// setMask passes the address of codes inside a struct, where neither the garbage
// collector nor a growing stack would update it. So it pins codes.
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

func (f file) ungrab() {
	_ = ioctl.Int(f.File, "release", eviocgrab, 0) // it may not be grabbed, or be gone
}

func (f file) interrupt() {
	// A deadline in the past is reached at once. An error means that the file is
	// closed already, or cannot be polled, which open would have found.
	_ = f.SetReadDeadline(time.Unix(1, 0))
}

// gone reports whether an error says that a device is no longer there.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO)
}

// remappers are programs that are known to grab keyboards, by the first 15 bytes
// of their name. The kernel keeps no more (proc_pid_comm(5)).
var remappers = []string{
	"keyd", "kanata", "input-remapper-", "key-mapper-serv", "evsieve", "xremap", "kmonad", "interception",
	"udevmon", "intercept", "hawkd", "makima", "xkeysnail", "logid", "houmer", "ktrl", "evremap", "evscript",
}

// knownGrabbers returns the running programs that are known to grab keyboards, as
// far as proc, which is /proc, may be read.
func knownGrabbers(proc string) []string {
	comms, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "comm")) // the pattern is valid
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
