package inject

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"sync"
	"time"

	"github.com/bendahl/uinput"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// Name is what the virtual keyboard is called.
const Name = "vocoder keyboard"

// settleLimit is how long after its creation a device may lose keys. udev sets the access
// of its node, then the compositor opens it. Keys pressed before that are lost. The
// slowest of some twenty devices was read after 306 ms.
const settleLimit = 500 * time.Millisecond

// A Keyboard is a virtual keyboard of the kernel. Make it once and keep it: a new one
// loses its first keys, and desktops reset layouts when one appears. It is safe for
// concurrent use. Source: docs.kernel.org/input/uinput.html.
type Keyboard struct {
	sysname string
	made    time.Time

	mu  sync.Mutex
	dev uinput.Keyboard // nil once closed
}

// OpenKeyboard makes the device, which takes 0.2 s. Without the rights the error
// is fs.ErrPermission, without the kernel's uinput module fs.ErrNotExist.
func OpenKeyboard() (*Keyboard, error) { return openKeyboard("/dev/uinput") }

func openKeyboard(node string) (*Keyboard, error) {
	// The error of the library does not say why; this one does.
	f, err := os.OpenFile(node, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("close %s: %w", node, err)
	}
	dev, err := uinput.CreateKeyboard(node, []byte(Name))
	if err != nil {
		return nil, fmt.Errorf("make virtual keyboard: %w", err)
	}
	sys, err := dev.FetchSyspath()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("name virtual keyboard: %w", err), dev.Close())
	}
	return &Keyboard{sysname: sysname(sys), made: time.Now(), dev: dev}, nil
}

// sysname returns the last part of a path that the library padded with zeros.
func sysname(sys string) string {
	return path.Base(string(bytes.TrimRight([]byte(sys), "\x00")))
}

// Sysname returns the name of the device below /sys/class/input, such as
// "input17".
func (k *Keyboard) Sysname() string { return k.sysname }

// Ready waits until the device is half a second old and loses no key. It returns the
// error of a done ctx.
func (k *Keyboard) Ready(ctx context.Context) error {
	return clock.Sleep(ctx, settleLimit-time.Since(k.made))
}

// Down presses a key. Success does not mean that a program got the key. Down refuses keys
// that act on the machine and not on the focused window.
func (k *Keyboard) Down(c key.Code) error { return k.write(c, uinput.Keyboard.KeyDown) }

// Up releases a key.
func (k *Keyboard) Up(c key.Code) error { return k.write(c, uinput.Keyboard.KeyUp) }

// Tap presses a key and releases it.
func (k *Keyboard) Tap(c key.Code) error { return k.write(c, uinput.Keyboard.KeyPress) }

func (k *Keyboard) write(c key.Code, do func(uinput.Keyboard, int) error) error {
	if !pressable(c) {
		return errors.New("press key: not a key of text")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dev == nil {
		return fmt.Errorf("press key: %w", os.ErrClosed)
	}
	if err := do(k.dev, int(c)); err != nil {
		return fmt.Errorf("press key: %w", err)
	}
	return nil
}

// pressable reports whether a key can belong to a text. The device has every key up to
// 248, and the kernel or logind acts on some of them.
func pressable(c key.Code) bool {
	const (
		esc, f1, f10, f11, f12, sysrq = 1, 59, 68, 87, 88, 99
		power, sleep, wakeup          = 116, 142, 143
		coffee, suspend, last         = 152, 205, 248
	)
	switch c {
	case 0, esc, f11, f12, sysrq, power, sleep, wakeup, coffee, suspend:
		return false
	}
	return c < last && (c < f1 || c > f10)
}

// Close removes the device. The kernel releases the keys that it holds down.
func (k *Keyboard) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dev == nil {
		return nil
	}
	err := k.dev.Close()
	k.dev = nil
	if err != nil {
		return fmt.Errorf("close virtual keyboard: %w", err)
	}
	return nil
}
