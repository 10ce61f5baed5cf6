package learn

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	goevdev "github.com/holoplot/go-evdev"
	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/key"
)

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "by-id"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "event10"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"usb-VEC-event-if00": "../event10", "usb-gone": "../event99"} {
		if err := os.Symlink(to, filepath.Join(dir, "by-id", name)); err != nil {
			t.Fatal(err)
		}
	}
	all := links(dir)
	if got := all[filepath.Join(dir, "event10")]; len(all) != 1 || len(got) != 1 || filepath.Base(got[0]) != "usb-VEC-event-if00" {
		t.Errorf("links %v", all)
	}
}

// A real device is listed as readable, and its key is learned.
func TestUinput(t *testing.T) {
	f, err := os.OpenFile("/dev/uinput", os.O_WRONLY, 0)
	if err == nil {
		err = unix.Access("/dev/input", unix.R_OK)
		_ = f.Close() // nothing was written
	}
	if err != nil && os.Getenv("VOCODER_DEVICES") == "1" {
		t.Fatalf("VOCODER_DEVICES=1: %v", err)
	}
	if err != nil {
		t.Skipf("needs real devices: %v", err)
	}
	const name = "learn test pad"
	d, err := goevdev.CreateDevice(name, goevdev.InputID{BusType: goevdev.BUS_USB, Version: 1},
		map[goevdev.EvType][]goevdev.EvCode{goevdev.EV_KEY: {f13}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() }) // nothing was written to a file
	readable := func(all []evdev.Device) bool {
		return slices.ContainsFunc(all, func(d evdev.Device) bool { return d.Name == name && d.Err == nil })
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	there, end := context.WithCancel(ctx)
	l := evdev.New(evdev.Config{Bindings: []evdev.Binding{{Keys: []key.Code{f13}, Device: name}}, Changed: func(s evdev.Status) {
		if readable(s.Devices) {
			end()
		}
	}})
	if err := l.Run(there, nil); err != nil || ctx.Err() != nil {
		t.Fatalf("it was not found: %v, %v", err, ctx.Err())
	}
	if all, err := List(); err != nil || !readable(all) {
		t.Errorf("listed %v, %v", all, err)
	}
	got, err := Learn(ctx, func(int) {
		for _, value := range []int32{1, 0} {
			for _, e := range []goevdev.InputEvent{{Type: goevdev.EV_KEY, Code: f13, Value: value}, {Type: goevdev.EV_SYN}} {
				if err := d.WriteOne(&e); err != nil {
					t.Error(err)
				}
			}
		}
	})
	if err != nil || got.Device.Name != name || !slices.Equal(got.Keys, []key.Code{f13}) || got.Why == "" {
		t.Errorf("%+v, %v", got, err)
	}
}
