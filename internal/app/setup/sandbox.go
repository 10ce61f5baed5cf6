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

// shippedSandbox returns the drop-in beside this program that puts the daemon in
// namespaces of its own, or nothing where it would shut the daemon out: without
// vocoder-inputd that opens the devices itself.
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

// dropInPath is where the user's manager looks for it: systemd.unit(5).
func (s *Setup) dropInPath() string {
	return filepath.Join(s.env.ConfigHome(), "systemd/user", systemd.Daemon+".d", "50-sandbox.conf")
}

// enableSandbox puts the daemon in its sandbox where one was seen to work, and takes it
// out of one that does not any more. The link follows the package; a file in its
// place is the user's own and stays.
func (s *Setup) enableSandbox(ctx context.Context) error {
	if s.sandbox == "" || s.store.Name != "" || s.Start == "no" {
		return nil
	}
	if _, err := os.Lstat(s.dropInPath()); err == nil && !s.sandboxEnabled() {
		return nil
	}
	if s.cfg.Devices == "direct" || len(s.cfg.Text.Command) > 0 { // devices, or all of home, are needed
		return s.disableSandbox()
	}
	short, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := s.units.Probe(short); err != nil {
		s.say("Sandbox: none, as a try of it failed (%v). Dictation is the same without.\nEither this user's service manager cannot make one, or the recognizer's port belongs to another user;\n`journalctl --user -u %s` says which.", err, systemd.ProbeUnit)
		return errors.Join(ctx.Err(), s.disableSandbox())
	}
	if !s.sandboxEnabled() {
		if err := os.MkdirAll(filepath.Dir(s.dropInPath()), 0o700); err != nil {
			return err
		}
		if err := os.Symlink(s.sandbox, s.dropInPath()); err != nil {
			return err
		}
	}
	s.say("Sandbox: %s", s.dropInPath())
	return nil
}

// sandboxEnabled reports whether a link of an earlier setup is there.
func (s *Setup) sandboxEnabled() bool {
	to, err := os.Readlink(s.dropInPath())
	return err == nil && filepath.Base(to) == "50-sandbox.conf" && filepath.Base(filepath.Dir(filepath.Dir(to))) == "vocoder"
}

// disableSandbox removes the link, if it is there, and the folder, if nothing else is.
func (s *Setup) disableSandbox() error {
	if !s.sandboxEnabled() {
		return nil
	}
	if err := os.Remove(s.dropInPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_ = os.Remove(filepath.Dir(s.dropInPath())) // there are other drop-ins in it
	return nil
}

// ProbeInside is what runs in the sandbox to try it. A recognizer that does not answer
// is none of its faults; one that cannot be told from a stranger's is.
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
