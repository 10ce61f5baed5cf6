package typing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/key"
)

// releaseLimit is how long a text waits for the user to release all keys.
const releaseLimit = 3 * time.Second

var errKeysDown = errors.New("keys are held down")

// physicalKeys are the keys of the user's keyboards. They are open from Up to Close:
// their state is asked for, and their events are never read. A keyboard that may not be
// opened has no key down. It implements PhysicalKeys.
type physicalKeys struct {
	own       string // the sysname of the device that types
	open      func(own string) (keyboards, error)
	keyboards keyboards // nil for none
}

// keyboards are *evdev.Keyboards.
type keyboards interface {
	Released(context.Context) error
	Pressed() ([]key.Code, error)
	Close() error
}

func newPhysicalKeys(own string) *physicalKeys {
	return &physicalKeys{own: own, open: func(own string) (keyboards, error) { return evdev.OpenKeyboards(own) }}
}

// Up implements inject.PhysicalKeys.
func (p *physicalKeys) Up(ctx context.Context) error {
	p.Close()
	k, err := p.open(p.own)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil
	case err != nil:
		return err
	}
	p.keyboards = k
	limited, cancel := context.WithTimeout(ctx, releaseLimit)
	defer cancel()
	err = k.Released(limited)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && limited.Err() != nil:
		return fmt.Errorf("after %v: %w", releaseLimit, errKeysDown)
	}
	return err
}

// Down implements inject.PhysicalKeys. A key that cannot be asked for counts as down.
func (p *physicalKeys) Down() bool {
	if p.keyboards == nil {
		return false
	}
	down, err := p.keyboards.Pressed()
	return err != nil || len(down) > 0
}

// Close implements PhysicalKeys.
func (p *physicalKeys) Close() {
	if p.keyboards != nil {
		_ = p.keyboards.Close() // nothing was written
		p.keyboards = nil
	}
}
