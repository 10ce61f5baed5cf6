package evdev

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	goevdev "github.com/holoplot/go-evdev"
	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/key"
)

// A fake is a machine with fake devices. Its nodes queue events as the kernel
// does: masked, at most 64, with SYN_DROPPED when full.
type fake struct {
	t       *testing.T
	dir     string
	begin   time.Time
	changes chan fsnotify.Event
	lost    chan error

	mu        sync.Mutex
	devices   map[string]*fakeDevice // by node name
	links     map[string]string
	numbers   int
	described int // how often anything was asked for
	opened    []string
	unwatched error // what watch says
	noRoom    error // what its add says
}

type fakeDevice struct {
	f       *fake
	name    string
	info    Device
	denied  error // what open says
	down    Set
	clients []*fakeNode
	grabber *fakeNode
}

func newFake(t *testing.T) *fake {
	return &fake{
		t: t, dir: defaultDir, begin: time.Now().Add(-time.Hour),
		changes: make(chan fsnotify.Event, 1000), lost: make(chan error, 1),
		devices: map[string]*fakeDevice{}, links: map[string]string{},
	}
}

func (f *fake) folder() string { return f.dir }

func (f *fake) now() time.Duration { return time.Since(f.begin) }

func (f *fake) nodes() ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for name := range f.devices {
		names = append(names, name)
	}
	return names, nil
}

func (f *fake) describe(node string) (Device, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.described++
	if d := f.devices[node]; d != nil {
		return d.info, nil
	}
	return Device{}, fs.ErrNotExist
}

func (f *fake) open(want Device, keys Set) (node, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.devices {
		if d.info.Path != want.Path || d.info.Sysname != want.Sysname {
			continue
		}
		if d.denied != nil {
			return nil, d.denied
		}
		n := &fakeNode{d: d, ready: make(chan struct{}, 1), let: keys}
		d.clients = append(d.clients, n)
		f.opened = append(f.opened, d.info.Name)
		return n, nil
	}
	return nil, fs.ErrNotExist
}

func (f *fake) resolve(path string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if to, ok := f.links[path]; ok {
		return to, nil
	}
	return "", fs.ErrNotExist
}

func (f *fake) watch() (watcher, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.unwatched != nil {
		return watcher{}, f.unwatched
	}
	ignore := func(string) error { return nil }
	add := func(string) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.noRoom
	}
	return watcher{f.changes, f.lost, add, ignore, func() error { return nil }}, nil
}

func (f *fake) tell(op fsnotify.Op, path string) { f.changes <- fsnotify.Event{Name: path, Op: op} }

// plug makes a device under the lowest free node name, as the kernel does.
func (f *fake) plug(d Device, denied error) *fakeDevice {
	dev := f.silently(d, denied)
	f.tell(fsnotify.Create, dev.info.Path)
	return dev
}

// silently makes a device without a notice of the folder.
func (f *fake) silently(d Device, denied error) *fakeDevice {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for f.devices["event"+strconv.Itoa(n)] != nil {
		n++
	}
	f.numbers++
	name := "event" + strconv.Itoa(n)
	d.Path, d.Sysname = f.dir+"/"+name, "input"+strconv.Itoa(f.numbers)
	dev := &fakeDevice{f: f, name: name, info: d, denied: denied}
	f.devices[name] = dev
	return dev
}

// allow makes a denied device readable, with or without a notice.
func (d *fakeDevice) allow(tell bool) {
	d.f.mu.Lock()
	d.denied = nil
	d.f.mu.Unlock()
	if tell {
		d.f.tell(fsnotify.Chmod, d.info.Path)
	}
}

func (d *fakeDevice) sysname() string { return d.info.Sysname }

// unplug removes the device. What its readers have not read yet is lost.
func (d *fakeDevice) unplug() {
	d.f.mu.Lock()
	delete(d.f.devices, d.name)
	for _, n := range d.clients {
		n.queue, n.err = nil, &fs.PathError{Op: "read", Path: d.info.Path, Err: unix.ENODEV}
		n.wake()
	}
	d.f.mu.Unlock()
	d.f.tell(fsnotify.Remove, d.info.Path)
}

// revoke ends the access of all that have the device open.
func (d *fakeDevice) revoke() {
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	for _, n := range d.clients {
		n.queue, n.err = nil, &fs.PathError{Op: "read", Path: d.info.Path, Err: unix.ENODEV}
		n.wake()
	}
	d.clients = nil
}

func (d *fakeDevice) press(codes ...key.Code)   { d.send(1, codes) }
func (d *fakeDevice) release(codes ...key.Code) { d.send(0, codes) }
func (d *fakeDevice) repeat(codes ...key.Code)  { d.send(2, codes) }

func (d *fakeDevice) send(value int32, codes []key.Code) {
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	for _, c := range codes {
		switch value {
		case 1:
			d.down.add(c)
		case 0:
			d.down.remove(c)
		}
		for _, n := range d.clients {
			if n.let.Has(c) && (d.grabber == nil || d.grabber == n) {
				n.put(d.f.now(), goevdev.EV_KEY, uint16(c), value)
			}
		}
	}
}

// fakeNode is one opening of a device. Its fields are the fake's mutex's.
type fakeNode struct {
	d      *fakeDevice
	let    Set
	queue  []byte
	err    error
	closed bool
	codes  Set // delivered
	ready  chan struct{}
}

func (n *fakeNode) wake() {
	select {
	case n.ready <- struct{}{}:
	default:
	}
}

// put queues one event and its SYN_REPORT.
func (n *fakeNode) put(at time.Duration, typ, code uint16, value int32) {
	if len(n.queue) >= 64*eventSize {
		n.queue = input(at, goevdev.EV_SYN, goevdev.SYN_DROPPED, 0)
	}
	n.queue = append(n.queue, input(at, typ, code, value)...)
	n.queue = append(n.queue, input(at, goevdev.EV_SYN, goevdev.SYN_REPORT, 0)...)
	n.wake()
}

// input returns an event as the kernel writes it.
func input(at time.Duration, typ, code uint16, value int32) []byte {
	b := make([]byte, eventSize)
	long := func(b []byte, v time.Duration) {
		if longSize == 4 {
			binary.NativeEndian.PutUint32(b, uint32(v))
		} else {
			binary.NativeEndian.PutUint64(b, uint64(v))
		}
	}
	long(b, at/time.Second)
	long(b[longSize:], at%time.Second/time.Microsecond)
	binary.NativeEndian.PutUint16(b[2*longSize:], typ)
	binary.NativeEndian.PutUint16(b[2*longSize+2:], code)
	binary.NativeEndian.PutUint32(b[2*longSize+4:], uint32(value))
	return b
}

func (n *fakeNode) held() (Set, error) {
	n.d.f.mu.Lock()
	defer n.d.f.mu.Unlock()
	n.queue = nil
	return n.d.down, n.err
}

func (n *fakeNode) ungrab() {
	n.d.f.mu.Lock()
	defer n.d.f.mu.Unlock()
	if n.d.grabber == n {
		n.d.grabber = nil
	}
}

func (n *fakeNode) grab() error {
	n.d.f.mu.Lock()
	defer n.d.f.mu.Unlock()
	if n.d.grabber != nil {
		return unix.EBUSY
	}
	n.d.grabber = n
	return nil
}

func (n *fakeNode) Read(b []byte) (int, error) {
	for range n.ready {
		n.d.f.mu.Lock()
		var got int
		err := n.err
		if err == nil {
			got = copy(b, n.queue)
		}
		for i := 0; i < got; i += eventSize {
			if e := b[i+2*longSize:]; binary.NativeEndian.Uint16(e) == goevdev.EV_KEY {
				n.codes.add(key.Code(binary.NativeEndian.Uint16(e[2:])))
			}
		}
		n.queue = n.queue[got:]
		if len(n.queue) > 0 || err != nil {
			n.wake()
		}
		n.d.f.mu.Unlock()
		if got > 0 || err != nil {
			return got, err
		}
	}
	panic("never closed")
}

func (n *fakeNode) interrupt() {
	n.d.f.mu.Lock()
	defer n.d.f.mu.Unlock()
	n.queue, n.err = nil, os.ErrDeadlineExceeded
	n.wake()
}

func (n *fakeNode) Close() error {
	n.d.f.mu.Lock()
	defer n.d.f.mu.Unlock()
	if n.closed {
		return errors.New("closed twice")
	}
	n.closed = true
	n.d.clients = slices.DeleteFunc(n.d.clients, func(o *fakeNode) bool { return o == n })
	if n.d.grabber == n {
		n.d.grabber = nil
	}
	return nil
}
