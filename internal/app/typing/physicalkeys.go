package typing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/arealicehole/vocoder/evdev"
)

// releaseLimit is how long a text waits for the user to release all keys.
const releaseLimit = 3 * time.Second

var errKeysDown = errors.New("keys are held down")

// physicalKeys are the keys of the user's keyboards. They are open from Up to Close:
// their state is asked for, and their events are never read. A keyboard that may not be
// opened has no key down. It implements PhysicalKeys.
type physicalKeys struct {
	own       string // the sysname of the device that types
	keyboards *evdev.Keyboards
}

// Up implements inject.PhysicalKeys.
func (p *physicalKeys) Up(ctx context.Context) error {
	p.Close()
	k, err := evdev.OpenKeyboards(p.own)
	if err != nil {
		return nil
	}
	p.keyboards = k
	limited, cancel := context.WithTimeoutCause(ctx, releaseLimit, errKeysDown)
	defer cancel()
	if err := k.Released(limited); err != nil && ctx.Err() == nil {
		return fmt.Errorf("after %v: %w", releaseLimit, context.Cause(limited))
	}
	return ctx.Err()
}

// Down implements inject.PhysicalKeys.
func (p *physicalKeys) Down() bool {
	if p.keyboards == nil {
		return false
	}
	down, err := p.keyboards.Pressed()
	return err == nil && len(down) > 0
}

// Close implements PhysicalKeys.
func (p *physicalKeys) Close() {
	if p.keyboards != nil {
		_ = p.keyboards.Close() // nothing was written
		p.keyboards = nil
	}
}
