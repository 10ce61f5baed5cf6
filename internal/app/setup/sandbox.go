package setup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/whisper"
)

// shippedSandbox returns the path of the drop-in that is installed with this program. It
// gives the daemon its own namespaces. Without vocoder-inputd it returns nothing: then
// the daemon opens the devices itself, which the sandbox prevents.
func shippedSandbox() string {
	self, err := os.Executable()
	if err != nil || !helper.Installed() {
		return ""
	}
	name := filepath.Join(filepath.Dir(self), "../share/vocoder", systemd.Daemon+".d", "50-sandbox.conf")
	if _, err := os.Stat(name); err != nil {
		return ""
	}
	return name
}

// dropInPath returns where the user's service manager looks for the drop-in of a unit.
// Source: systemd.unit(5).
func (s *Setup) dropInPath(unit string) string {
	return filepath.Join(s.env.ConfigHome(), "systemd/user", unit+".d", "50-sandbox.conf")
}

// sandboxed are the units that setup puts in their sandboxes. The overlay's works wherever
// that of the daemon does.
var sandboxed = []string{systemd.Daemon, systemd.Overlay}

// enableSandbox puts the daemon in the sandbox if a probe of the sandbox succeeds, else
// it takes the daemon out of it. It makes a link, so that updates of the package count.
// If the user has put a file there, it changes nothing.
func (s *Setup) enableSandbox(ctx context.Context) error {
	if s.sandbox == "" || s.store.Name != "" || s.Start == "no" {
		return nil
	}
	if _, err := os.Lstat(s.dropInPath(systemd.Daemon)); err == nil && !s.sandboxEnabled(systemd.Daemon) {
		return nil
	}
	if s.cfg.Devices == "direct" || len(s.cfg.Text.Command) > 0 { // the sandbox has no devices and no writable home
		return s.disableSandbox()
	}
	short, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := s.units.Probe(short); err != nil {
		s.printLine("Sandbox: none, as a try of it failed (%v). Dictation is the same without.\nEither this user's service manager cannot make one, or the recognizer's port belongs to another user;\n`journalctl --user -u %s` says which.", err, systemd.ProbeUnit)
		return errors.Join(ctx.Err(), s.disableSandbox())
	}
	for _, unit := range sandboxed {
		if err := s.linkSandbox(unit); err != nil {
			return err
		}
	}
	s.printLine("Sandbox: %s", s.dropInPath(systemd.Daemon))
	return nil
}

// linkSandbox makes the link of a unit, unless something is there.
func (s *Setup) linkSandbox(unit string) error {
	file := s.dropInPath(unit)
	shipped := filepath.Join(filepath.Dir(filepath.Dir(s.sandbox)), unit+".d", filepath.Base(s.sandbox))
	if _, err := os.Stat(shipped); err != nil {
		return nil // a part that is not installed
	}
	if _, err := os.Lstat(file); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.Symlink(shipped, file)
}

// sandboxEnabled reports whether the link of a setup is there.
func (s *Setup) sandboxEnabled(unit string) bool {
	to, err := os.Readlink(s.dropInPath(unit))
	return err == nil && filepath.Base(to) == "50-sandbox.conf" && filepath.Base(filepath.Dir(filepath.Dir(to))) == "vocoder"
}

// disableSandbox removes the links, if there are any, and their folders, if they are empty.
func (s *Setup) disableSandbox() error {
	for _, unit := range sandboxed {
		if !s.sandboxEnabled(unit) {
			continue
		}
		file := s.dropInPath(unit)
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		_ = os.Remove(filepath.Dir(file)) // it fails if there are other drop-ins
	}
	return nil
}

// ProbeInside runs in the sandbox to test it. In some sandboxes the owner of a
// recognizer's port cannot be determined. Then the daemon would refuse the recognizer,
// and ProbeInside returns an error. It ignores other errors of recognizers.
func (s *Setup) ProbeInside(ctx context.Context) error {
	for _, w := range s.cfg.Whisper {
		short, cancel := context.WithTimeout(ctx, 10*time.Second)
		_, _, err := recognition.Probe(short, s.env, s.cfg, w)
		cancel()
		if e, is := errors.AsType[*whisper.Error](err); is && e.Kind == whisper.NotOurs {
			return err
		}
	}
	return nil
}
