package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/evdev/learn"
	"github.com/arealicehole/vocoder/internal/app/settings"
)

// learn waits for a key on any device, tells what was heard and writes the
// binding to the settings file. A key that is no good is not shown.
func learnKey(a *cli, ctx context.Context, write bool) error {
	heard, err := learn.Learn(ctx, func(devices int) {
		fmt.Fprintf(a.Stderr, "Press the key to hold while speaking, and let it go (%d devices listen) ...\n", devices)
	})
	if errors.Is(err, fs.ErrPermission) {
		return settings.ErrNoLearner
	}
	if err != nil {
		return err
	}
	if err := evdev.Bindable(heard.Keys...); err != nil {
		return err
	}
	name := settings.ChordName(heard.Keys)
	d := heard.Device
	fmt.Fprintf(a.Stdout, "key:     %s\ndevice:  %s (%04x:%04x, %s)\nreaches: %s\n", name, d.Name, d.Vendor, d.Product, d.Kind(), heard.Why)
	if err := d.Dedicated(); err == nil && heard.Reaches {
		fmt.Fprintln(a.Stderr, "grab: true keeps the key from the applications: this device has no other use")
	}
	if !write {
		return nil
	}
	if err := a.store().Change([][2]string{{"key", name}}); err != nil {
		return err
	}
	file, _, err := a.store().File()
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "written to %s; `systemctl --user reload vocoder` takes it up\n", file)
	return nil
}
