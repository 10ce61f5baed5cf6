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

// name is what the virtual keyboard is called; the udev rule knows it.
const name = "vocoder keyboard"

// settling is how long after its creation a device loses keys: udev sets the
// access of its node, then the compositor opens it.
const settling = 500 * time.Millisecond

// A keyboard is the virtual keyboard, which types for one guest at a time. It
// is safe for concurrent use. The library that package inject uses makes a
// device of every key there is, hence these calls of the kernel's
// (docs.kernel.org/input/uinput.html).
type keyboard struct {
	keys []key.Code // declared

	mu   sync.Mutex
	node *os.File // nil while there is none
	sys  string   // below /sys/class/input
	made time.Time
	down []key.Code // in pressing order
	user *guest     // who types, if anybody
}

func newKeyboard(keys []key.Code) *keyboard { return &keyboard{keys: keys} }

// Requests of linux/uinput.h.
var (
	uiDevCreate  = uintptr('U'<<8 | 1)
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

// open makes the device if there is none.
func (k *keyboard) open() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.node != nil {
		return nil
	}
	f, err := os.OpenFile("/dev/uinput", os.O_WRONLY|unix.O_NONBLOCK, 0)
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
	if err := ioctl.Int(f, making, uiSetEvbit, evKey); err != nil {
		return err
	}
	for _, c := range k.keys {
		if err := ioctl.Int(f, making, uiSetKeybit, uintptr(c)); err != nil {
			return err
		}
	}
	s := uinputSetup{bus: busVirtual, version: 1}
	copy(s.name[:], name)
	if err := ioctl.Pointer(f, making, uiDevSetup, unsafe.Pointer(&s)); err != nil {
		return err
	}
	if err := ioctl.Int(f, making, uiDevCreate, 0); err != nil {
		return err
	}
	var sys [64]byte
	if err := ioctl.Pointer(f, making, uiGetSysname, unsafe.Pointer(&sys)); err != nil {
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

// settles returns how long a key pressed now may still be lost.
func (k *keyboard) settles() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return settling - time.Since(k.made)
}

// take reserves the keyboard for g. It reports whether g has it.
func (k *keyboard) take(g *guest) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.node == nil || k.user != nil && k.user != g {
		return false
	}
	k.user = g
	return true
}

// leave releases all that g holds down, and the keyboard.
func (k *keyboard) leave(g *guest) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.user != g {
		return nil
	}
	k.user = nil
	var errs []error
	for i := len(k.down) - 1; i >= 0; i-- {
		errs = append(errs, k.write(k.down[i], 0))
	}
	k.down = nil
	return errors.Join(errs...)
}

// held returns what is down.
func (k *keyboard) held() []key.Code {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.down)
}

// set makes a key go down (1) or up (0) for g, who has taken the keyboard.
func (k *keyboard) set(g *guest, c key.Code, values ...int32) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.node == nil || k.user != g {
		return fmt.Errorf("press key: %w", os.ErrClosed)
	}
	up := slices.DeleteFunc(k.down, func(d key.Code) bool { return d == c })
	k.down = append(up, c) // before, as a failure does not tell whether it is down
	err := k.write(c, values...)
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

// write makes the kernel see all values at once: its reader finds a press and its
// release together, however busy the machine is.
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

// close takes the device away, and with it every key that is down.
func (k *keyboard) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.node != nil {
		_ = k.node.Close() // the kernel has let go of it in any case
		k.node, k.sys, k.user, k.down = nil, "", nil, nil
	}
}
