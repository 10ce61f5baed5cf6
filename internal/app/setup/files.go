package setup

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/validate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
)

// before returns the path of the copy of the settings file from before the first setup.
// The copy is empty if there was no file.
func before(file string) string { return file + ".before-setup" }

// isFixed reports whether the settings file has a setting in a form that setup cannot change,
// as the fields of a list. It says so, and the setting is not asked for.
func (s *Setup) isFixed(name string) bool {
	file, text, err := s.store.File()
	if err != nil {
		return false // write reports the error
	}
	if _, err = config.Set(text, name, "x"); err != nil {
		s.printLine("%s stays as it is in %s: %v.", name, file, err)
	}
	return err != nil
}

// write makes the changes in the settings file, and keeps a copy of the file from before
// the first setup. If there is no file, it starts with the reference and its comments. If
// the daemon would not run with the result, write changes nothing.
func (s *Setup) write() error {
	file, old, err := s.store.File()
	if err != nil {
		return err
	}
	text := old
	if text == nil {
		text = []byte(config.Reference())
	}
	if text, err = s.store.Edit(file, text, s.changes, validate.Settings); err != nil {
		return err
	}
	if _, err := os.Lstat(before(file)); err != nil {
		if err := atomicfile.Write(before(file), old); err != nil {
			return err
		}
	}
	if err := atomicfile.Write(file, text); err != nil {
		return err
	}
	s.printLine("Settings: %s", file)
	return nil
}

// Undo restores the settings file, takes the daemon out of the sandbox and stops it.
func (s *Setup) Undo(ctx context.Context) error {
	file, _, err := s.store.File()
	if err != nil {
		return err
	}
	old, err := atomicfile.ReadUpTo(before(file), settings.MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		s.printLine("There is nothing to undo.")
		return nil
	}
	if err != nil {
		return err
	}
	if unit := s.store.Unit(); unit != "" {
		if err := s.units.Stop(ctx, unit, true); err != nil {
			s.printLine("The daemon was not stopped: %v", err)
		}
	}
	if s.store.Name == "" { // the sandbox is that of vocoder.service
		if err := s.disableSandbox(); err != nil {
			return err
		}
	}
	if len(old) == 0 {
		err = os.Remove(file)
	} else {
		err = atomicfile.Write(file, old)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(before(file)); err != nil {
		return err
	}
	s.printLine("As it was before: %s", file)
	return nil
}
