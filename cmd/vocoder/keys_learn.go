package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/arealicehole/vocoder/evdev/learn"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/validate"
)

// learnKey waits for a key on any device, prints it and, if write is set, writes it to
// the settings file. It does not print a key that cannot be bound.
func learnKey(a *cli, ctx context.Context, write bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	heard, err := learn.Learn(ctx, func(devices int) {
		if devices == 0 {
			cancel(settings.ErrNoInput)
			return
		}
		fmt.Fprintf(a.Stderr, "Press the key to hold while speaking, and let it go (%d devices listen) ...\n", devices)
	})
	d := heard.Device
	switch {
	case errors.Is(context.Cause(ctx), settings.ErrNoInput):
		return settings.ErrNoInput
	case errors.Is(err, fs.ErrPermission):
		return settings.ErrNoLearner
	case err == nil:
		err = settings.Holdable(d.Dedicated() == nil, heard.Keys...)
	}
	if err != nil {
		return err
	}
	chord := settings.ChordName(heard.Keys)
	fmt.Fprintf(a.Stdout, "key:     %s\ndevice:  %s (%04x:%04x, %s)\nreaches: %s\n", chord, name(d.Name), d.Vendor, d.Product, d.Kind(), heard.Why)
	if err := d.Dedicated(); err == nil && heard.Reaches {
		fmt.Fprintln(a.Stderr, "grab: true keeps the key from the applications: this device has no other use")
	}
	if !write {
		return nil
	}
	if err := a.store().Change(settings.BindKeys(heard.Keys), validate.Settings); err != nil {
		return err
	}
	file, _, err := a.store().File()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "written to %s; `%s` applies it\n", file, a.store().Apply())
	return nil
}
