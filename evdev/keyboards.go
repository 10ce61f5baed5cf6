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
// Nothing they send reaches this process: they are masked whole, and asking
// (EVIOCGKEY) reads a state, not events. Keeping them open therefore costs
// nothing, and opening and closing does (tens of milliseconds each to close,
// while the kernel waits for all its readers): open them when a hold begins,
// ask while typing, close them when the text is out.
//
// Those plugged in later are not among them. Methods may not be called
// concurrently.
type Keyboards struct {
	nodes []node
}

// OpenKeyboards opens all devices that have keys, other than mouse buttons and
// the like. Dir is the folder of event nodes, "" for /dev/input; own is the
// Sysname of the device this program types with, or "". Devices that cannot be
// opened are left out; the error is that of one if none could be opened, and
// may be fs.ErrPermission. Close releases them.
func OpenKeyboards(dir, own string) (*Keyboards, error) {
	return openKeyboards(newSystem(dir), own)
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
			n, err = h.open(d)
		}
		if err == nil {
			k.nodes = append(k.nodes, n)
			err = n.mask(Set{})
		}
		if err != nil && !gone(err) {
			failed = err
		}
	}
	if failed != nil && len(k.nodes) == 0 {
		return nil, fmt.Errorf("open keyboards: %w", failed)
	}
	return k, nil
}

// Pressed returns the keys that are down on any of the keyboards, in the order
// of their codes. A keyboard that is gone has none down.
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

// pause is how long a finger may be up unnoticed while Released waits.
const pause = 20 * time.Millisecond

// Released waits until no key is down on any of the keyboards, and returns the
// error of ctx if that is done first. It asks every 20 ms: to be told instead,
// it would have to let the keys of others be delivered to this process.
func (k *Keyboards) Released(ctx context.Context) error {
	tick := time.NewTicker(pause)
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

// buttons are the codes that are no keys of a keyboard: of mice, touchpads (a
// resting finger is "down"), pens, gamepads.
var buttons = span(goevdev.BTN_MISC, goevdev.KEY_OK-1).
	or(span(goevdev.BTN_DPAD_UP, goevdev.BTN_DPAD_RIGHT)).
	or(span(goevdev.BTN_TRIGGER_HAPPY1, goevdev.BTN_TRIGGER_HAPPY40))
