package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/ioctl"
)

// deviceName is the name of the virtual keyboard; the udev rule has it too.
const deviceName = "vocoder keyboard"

// settling is how long a new device may lose keys. udev sets the permissions of
// its node, and only then the compositor opens it.
const settling = 500 * time.Millisecond

// A keyboard is the virtual keyboard, which types for one client at a time. It is
// safe for concurrent use. It declares only the keys that the policy allows. The
// library that package inject uses declares every key, so this one calls the
// kernel itself (docs.kernel.org/input/uinput.html).
type keyboard struct {
	keys   []key.Code // declared
	device string     // the path of uinput

	mu    sync.Mutex
	node  *os.File // nil while there is no device
	sys   string   // the device's name below /sys/class/input
	made  time.Time
	down  []key.Code // in the order pressed
	owner *client    // nil if it is free
}

func newKeyboard(keys []key.Code) *keyboard {
	return &keyboard{keys: keys, device: "/dev/uinput"}
}

// Requests of linux/uinput.h.
var (
	uiDevCreate  = ioctl.None('U', 1)
	uiDevSetup   = ioctl.Write('U', 3, unsafe.Sizeof(uinputSetup{}))
	uiSetEvbit   = ioctl.Write('U', 100, unsafe.Sizeof(int32(0)))
	uiSetKeybit  = ioctl.Write('U', 101, unsafe.Sizeof(int32(0)))
	uiGetSysname = ioctl.Read('U', 44, 64)
)

// A uinputSetup is struct uinput_setup of linux/uinput.h.
type uinputSetup struct {
	bus, vendor, product, version uint16
	name                          [80]byte
	effects                       uint32
}

// Types and codes of docs.kernel.org/input/event-codes.html.
const (
	evSyn      = 0
	evKey      = 1
	busVirtual = 6
)

// open makes the device if it does not exist.
func (k *keyboard) open() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.node != nil {
		return nil
	}
	f, err := os.OpenFile(k.device, os.O_WRONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	if err := k.create(f); err != nil {
		return errors.Join(err, f.Close())
	}
	return nil
}

func (k *keyboard) create(f *os.File) error {
	const making = "make virtual keyboard at"
	err := ioctl.Int(f, making, uiSetEvbit, evKey)
	for _, c := range k.keys {
		if err == nil {
			err = ioctl.Int(f, making, uiSetKeybit, uintptr(c))
		}
	}
	s := uinputSetup{bus: busVirtual, version: 1}
	copy(s.name[:], deviceName)
	if err == nil {
		err = ioctl.Pointer(f, making, uiDevSetup, unsafe.Pointer(&s))
	}
	if err == nil {
		err = ioctl.Int(f, making, uiDevCreate, 0)
	}
	var sys [64]byte
	if err == nil {
		err = ioctl.Pointer(f, making, uiGetSysname, unsafe.Pointer(&sys))
	}
	if err != nil {
		return err
	}
	k.node, k.made, k.sys = f, time.Now(), string(bytes.TrimRight(sys[:], "\x00"))
	return nil
}

// sysname returns the kernel's name of the device, such as input17, or "".
func (k *keyboard) sysname() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sys
}

// settlingTime returns for how long the device may still lose keys.
func (k *keyboard) settlingTime() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return settling - time.Since(k.made)
}

// acquire makes c the owner. It reports whether c is.
func (k *keyboard) acquire(c *client) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.node == nil || k.owner != nil && k.owner != c {
		return false
	}
	k.owner = c
	return true
}

// release releases all keys if c is the owner, and frees the keyboard.
func (k *keyboard) release(c *client) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.owner != c {
		return nil
	}
	k.owner = nil
	var errs []error
	for i := len(k.down) - 1; i >= 0; i-- {
		errs = append(errs, k.write(k.down[i], 0))
	}
	k.down = nil
	return errors.Join(errs...)
}

// pressed returns the keys that are down.
func (k *keyboard) pressed() []key.Code {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.down)
}

// set makes a key go down (1) or up (0), or both, for its owner c.
func (k *keyboard) set(c *client, code key.Code, values ...int32) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.node == nil || k.owner != c {
		return fmt.Errorf("press key: %w", os.ErrClosed)
	}
	up := slices.DeleteFunc(k.down, func(d key.Code) bool { return d == code })
	k.down = append(up, code) // first, because after an error it may be down
	err := k.write(code, values...)
	if err == nil && values[len(values)-1] == 0 {
		k.down = up
	}
	return err
}

// An event is struct input_event of linux/input.h; the kernel sets the time.
type event struct {
	_         unix.Timeval
	typ, code uint16
	value     int32
}

// write passes all values to the kernel at once, so that a reader finds a press
// and its release together, even on a busy machine.
func (k *keyboard) write(c key.Code, values ...int32) error {
	events := make([]event, 0, 4) // of a tap
	for _, v := range values {
		events = append(events, event{typ: evKey, code: uint16(c), value: v}, event{typ: evSyn})
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(&events[0])), uintptr(len(events))*unsafe.Sizeof(events[0]))
	if _, err := k.node.Write(b); err != nil {
		return fmt.Errorf("press key: %w", err)
	}
	return nil
}

// close removes the device, which releases every key that is down.
func (k *keyboard) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.node != nil {
		_ = k.node.Close() // the kernel removes the device in any case
		k.node, k.sys, k.owner, k.down = nil, "", nil, nil
	}
}
