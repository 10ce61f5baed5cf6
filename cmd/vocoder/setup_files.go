package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	systemd "github.com/coreos/go-systemd/v22/dbus"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
)

// before is where the settings file is kept as it was before the first setup;
// empty if there was none.
func before(file string) string { return file + ".before-setup" }

// write makes the changes in the settings file, which is the reference with all
// its comments if there is none. The file of before is kept once.
func (s *setup) write() error {
	file, text, err := s.settingsFile()
	if err != nil {
		return &config.Error{Place: "settings", Msg: err.Error()}
	}
	if text == nil {
		if err := s.keepBefore(file, nil); err != nil {
			return err
		}
		if err := atomicfile.Write(file, []byte(config.Reference())); err != nil {
			return err
		}
	} else if err := s.keepBefore(file, text); err != nil {
		return err
	}
	if err := s.change(s.changes); err != nil {
		return err
	}
	s.say("Settings: %s", file)
	return nil
}

func (s *setup) keepBefore(file string, text []byte) error {
	if _, err := os.Lstat(before(file)); err == nil {
		return nil
	}
	return atomicfile.Write(before(file), text)
}

// undo puts the settings file back, takes the daemon out of the sandbox and stops it.
func (s *setup) undo(ctx context.Context) error {
	file, _, err := s.settingsFile()
	if err != nil {
		return &config.Error{Place: "settings", Msg: err.Error()}
	}
	old, err := atomicfile.ReadUpTo(before(file), maxSettings)
	if errors.Is(err, fs.ErrNotExist) {
		s.say("There is nothing to undo.")
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.units.Stop(ctx, daemonUnit, true); err != nil {
		s.say("The daemon was not stopped: %v", err)
	}
	if err := s.takeOff(); err != nil {
		return err
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
	s.say("As it was before: %s", file)
	return nil
}

// A userManager is the service manager of this user. Source:
// org.freedesktop.systemd1(5).
type userManager struct{ *app }

var errNoManager = errors.New("there is no service manager of this user: its bus is not there")

// connect connects to the manager. Without a bus godbus would start one, where
// there is no manager either.
func (m userManager) connect(ctx context.Context) (*systemd.Conn, error) {
	_, named := m.Lookup("DBUS_SESSION_BUS_ADDRESS")
	if _, err := os.Stat(filepath.Join(m.RuntimeDir(), "bus")); err != nil && !named {
		return nil, errNoManager
	}
	conn, err := systemd.NewUserConnectionContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the service manager: %w", err)
	}
	return conn, nil
}

// State returns how a unit is.
func (m userManager) State(ctx context.Context, unit string) (unitState, error) {
	conn, err := m.connect(ctx)
	if err != nil {
		return unitState{}, err
	}
	defer conn.Close()
	all, err := conn.GetUnitPropertiesContext(ctx, unit)
	if err != nil {
		return unitState{}, fmt.Errorf("ask about %s: %w", unit, err)
	}
	text := func(name string) string { s, _ := all[name].(string); return s }
	return unitState{Load: text("LoadState"), Active: text("ActiveState"), File: text("UnitFileState")}, nil
}

// Start starts a unit anew and, if it is always to be, at each login.
func (m userManager) Start(ctx context.Context, unit string, always bool) error {
	conn, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.ReloadContext(ctx); err != nil {
		return err
	}
	if always {
		if _, _, err := conn.EnableUnitFilesContext(ctx, []string{unit}, false, false); err != nil {
			return err
		}
		if err := conn.ReloadContext(ctx); err != nil {
			return err
		}
	}
	done := make(chan string, 1)
	if _, err := conn.RestartUnitContext(ctx, unit, "replace", done); err != nil {
		return err
	}
	how, err := jobResult(ctx, done)
	if err == nil && how != "done" {
		err = fmt.Errorf("the job ended as %s: journalctl --user -u %s", how, unit)
	}
	return err
}

// Stop stops a unit and, if that is for good, has it started at no login.
func (m userManager) Stop(ctx context.Context, unit string, forGood bool) error {
	conn, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if forGood {
		if _, err := conn.DisableUnitFilesContext(ctx, []string{unit}, false); err != nil {
			return err
		}
	}
	done := make(chan string, 1)
	if _, err := conn.StopUnitContext(ctx, unit, "replace", done); err != nil {
		return err
	}
	_, err = jobResult(ctx, done)
	return err
}

// jobResult waits until a job of the manager ends, and returns how it did: "done"
// if it went well.
func jobResult(ctx context.Context, done <-chan string) (how string, err error) {
	select {
	case how = <-done:
		return how, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
