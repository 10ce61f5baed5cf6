package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/config"
)

// learn waits for a key on any device, tells what was heard and writes the
// binding to the settings file. A key that is no good is not shown.
func (a *app) learn(ctx context.Context, write bool) error {
	heard, err := evdev.Learn(ctx, "", "", func(devices int) {
		fmt.Fprintf(a.stderr, "Press the key to hold while speaking, and let it go (%d devices listen) ...\n", devices)
	})
	if errors.Is(err, fs.ErrPermission) {
		return errUntaught
	}
	if err != nil {
		return err
	}
	if err := evdev.Bindable(heard.Keys...); err != nil {
		return err
	}
	name := chordName(heard.Keys)
	d := heard.Device
	fmt.Fprintf(a.stdout, "key:     %s\ndevice:  %s (%04x:%04x, %s)\nreaches: %s\n", name, d.Name, d.Vendor, d.Product, d.Kind(), heard.Why)
	if err := d.Dedicated(); err == nil && heard.Reaches {
		fmt.Fprintln(a.stderr, "grab: true keeps the key from the applications: this device has no other use")
	}
	if !write {
		return nil
	}
	file, text, err := a.settingsFile()
	if err != nil {
		return err
	}
	text, err = config.Set(text, "key", name)
	if err != nil {
		return &config.Error{Place: file, Msg: err.Error() + ": write it there yourself: key: " + name}
	}
	if err := replace(file, text); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "written to %s; `systemctl --user reload vocoder` takes it up\n", file)
	return nil
}

// replace writes a file whole or not at all.
func replace(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // a link, as dotfile managers make, stays one
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".vocoder-*.yaml")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // there is none after the rename
	if _, err := f.Write(text); err != nil {
		_ = f.Close() // the first error tells more
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
