package evdev

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// Keyboards are the keyboards of the machine, open to ask which keys are down.
// The kernel delivers none of their events to this process: they are masked
// whole, and EVIOCGKEY reads a state. To keep them open costs nothing. To close
// one takes tens of milliseconds, while the kernel waits for all its readers. So
// open them when a hold begins, ask while typing, and close them after the text.
//
// Keyboards plugged in later are not included. Methods must not be called
// concurrently.
type Keyboards struct {
	nodes []node
}

// OpenKeyboards opens all devices that have keys other than mouse buttons and the
// like, except own: that is the Sysname of the device that this program types with, or
// "". It skips devices that cannot be opened. If none can, it returns the error of one,
// which may be fs.ErrPermission. If there are no files or memory left for one, that is an
// error: a key may be down there. Close releases the keyboards.
func OpenKeyboards(own string) (*Keyboards, error) {
	return openKeyboards(newSystem(defaultDir), own)
}

func openKeyboards(h host, own string) (*Keyboards, error) {
	names, err := h.nodes()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open keyboards: %w", err)
	}
	k := &Keyboards{}
	var failed error
	for _, name := range names {
		d, err := h.describe(name)
		if err == nil && (own != "" && own == d.Sysname || d.Keys.without(buttons).empty()) {
			continue
		}
		var n node
		if err == nil {
			n, err = h.open(d, Set{})
		}
		switch {
		case err == nil:
			k.nodes = append(k.nodes, n)
		case exhausted(err):
			return nil, errors.Join(fmt.Errorf("open keyboards: %w", err), k.Close())
		case !gone(err):
			failed = err
		}
	}
	if failed != nil && len(k.nodes) == 0 {
		return nil, fmt.Errorf("open keyboards: %w", failed)
	}
	return k, nil
}

// Pressed returns the keys that are down on any of the keyboards, in the order
// of their codes. It ignores keyboards that are gone.
func (k *Keyboards) Pressed() ([]key.Code, error) {
	var all Set
	for _, n := range k.nodes {
		down, err := n.held()
		switch {
		case gone(err):
		case err != nil:
			return nil, err
		default:
			all = all.or(down)
		}
	}
	return slices.Collect(all.without(buttons).All()), nil
}

// pollInterval is how often Released asks, and so how late it may return.
const pollInterval = 20 * time.Millisecond

// Released waits until no key is down on any of the keyboards. If ctx is done
// first, it returns the error of ctx. It polls: to be notified instead, it would
// have to have all keys delivered to this process.
func (k *Keyboards) Released(ctx context.Context) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		down, err := k.Pressed()
		if err != nil || len(down) == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Close closes the keyboards.
func (k *Keyboards) Close() error {
	var errs []error
	for _, n := range k.nodes {
		errs = append(errs, n.Close())
	}
	k.nodes = nil
	return errors.Join(errs...)
}

// IsButton reports whether c is a button of a mouse, touchpad (a resting finger
// is "down"), pen or gamepad, and no key of a keyboard.
func IsButton(c key.Code) bool { return buttons.Has(c) }

var buttons = span(goevdev.BTN_MISC, goevdev.KEY_OK-1).
	or(span(goevdev.BTN_DPAD_UP, goevdev.BTN_DPAD_RIGHT)).
	or(span(goevdev.BTN_TRIGGER_HAPPY1, goevdev.BTN_TRIGGER_HAPPY40))
