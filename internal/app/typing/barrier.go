package typing

import (
	"context"
	"errors"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/key"
)

// gate returns what to wait for between bursts of keys on a device. It is nil if there
// is nothing to ask: a layout that the settings name may be typed without a display
// server.
func (d *Desktop) gate(ctx context.Context, device inject.Device) inject.Gate {
	at, err := d.watcher.Desktop(ctx)
	switch {
	case err == nil && at.Wayland == "":
		return xBarrier{d.watcher, device}
	case d.Style().fixed != nil && errors.Is(err, desktop.ErrNoDesktop):
		return nil
	}
	return d.watcher
}

// An xBarrier waits until the X server has processed every key sent so far.
//
// A reply to an ordinary request proves nothing: the server reads devices in a separate
// thread and drops events that overflow its queue. So the barrier presses the neutral
// key and waits until the server reports it down. First it waits until the key is up,
// otherwise a press left over from the last barrier would count. While the server is
// stopped, the barrier waits with no key down, because vocoder-inputd considers a client
// hung that holds a key for a second.
type xBarrier struct {
	server interface {
		inject.Gate
		Pressed(ctx context.Context, c key.Code) error
		Released(ctx context.Context, c key.Code) error
	}
	device inject.Device
}

// Wait implements inject.Gate.
func (b xBarrier) Wait(ctx context.Context) error {
	if err := b.server.Wait(ctx); err != nil {
		return err
	}
	if err := b.server.Released(ctx, neutralKey); err != nil {
		return err
	}
	err := b.device.Down(neutralKey)
	if err == nil {
		err = b.server.Pressed(ctx, neutralKey)
	}
	return errors.Join(err, b.device.Up(neutralKey))
}
