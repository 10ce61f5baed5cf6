package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/arealicehole/vocoder/evdev"
)

// upWithin is how long a text waits for keys that somebody holds down.
const upWithin = 3 * time.Second

var errKeysDown = errors.New("keys are held down")

// Fingers are the keys of the physical keyboards as inject sees them. The
// keyboards are open from Up to close: their keys are asked for and never
// delivered. Those that may not be read have none down.
type fingers struct {
	own       string // the sysname of the device that types
	keyboards *evdev.Keyboards
}

// Up implements inject.Fingers.
func (f *fingers) Up(ctx context.Context) error {
	f.Close()
	k, err := evdev.OpenKeyboards("", f.own)
	if err != nil {
		return nil
	}
	f.keyboards = k
	short, cancel := context.WithTimeoutCause(ctx, upWithin, errKeysDown)
	defer cancel()
	if err := k.Released(short); err != nil && ctx.Err() == nil {
		return fmt.Errorf("after %v: %w", upWithin, context.Cause(short))
	}
	return ctx.Err()
}

// Down implements inject.Fingers.
func (f *fingers) Down() bool {
	if f.keyboards == nil {
		return false
	}
	down, err := f.keyboards.Pressed()
	return err == nil && len(down) > 0
}

func (f *fingers) Close() {
	if f.keyboards != nil {
		_ = f.keyboards.Close() // nothing was written
		f.keyboards = nil
	}
}
