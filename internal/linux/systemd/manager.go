package systemd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	systemd "github.com/coreos/go-systemd/v22/dbus"
)

// The units of vocoder: the daemon and the recognizer are the user's, the helper is
// the system's.
const (
	Daemon        = "vocoder.service"
	Overlay       = "vocoder-osd.service"
	EngineSocket  = "vocoder-engine.socket"
	EngineService = "vocoder-engine.service"
	HelperSocket  = "vocoder-inputd.socket"
	HelperService = "vocoder-inputd.service"
)

// A UnitState is what a service manager knows of a unit. Source:
// org.freedesktop.systemd1(5), LoadState, ActiveState, UnitFileState,
// ActiveEnterTimestamp and ExecStart.
type UnitState struct {
	Load, Active, File string
	Since              time.Time // when it became active; zero if it never was
	Program            string    // the file that a service runs; empty if unknown
}

// A UserManager is the service manager of this user. Source:
// org.freedesktop.systemd1(5).
type UserManager struct {
	runtimeDir string
	busNamed   bool
}

// ErrNoManager is the error of a UserManager on a system without one.
var ErrNoManager = errors.New("there is no service manager of this user: its bus is not there")

// NewUserManager returns the service manager of the user with this runtime folder.
// busNamed says whether $DBUS_SESSION_BUS_ADDRESS names the bus.
func NewUserManager(runtimeDir string, busNamed bool) UserManager {
	return UserManager{runtimeDir, busNamed}
}

// connect connects to the manager. It checks for the bus first, because godbus would
// start a bus if there is none.
func (m UserManager) connect(ctx context.Context) (*systemd.Conn, error) {
	if _, err := os.Stat(filepath.Join(m.runtimeDir, "bus")); err != nil && !m.busNamed {
		return nil, ErrNoManager
	}
	conn, err := systemd.NewUserConnectionContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the service manager: %w", err)
	}
	return conn, nil
}

// State returns the state of a unit.
func (m UserManager) State(ctx context.Context, unit string) (UnitState, error) {
	conn, err := m.connect(ctx)
	if err != nil {
		return UnitState{}, err
	}
	defer conn.Close()
	all, err := conn.GetUnitPropertiesContext(ctx, unit)
	if err != nil {
		return UnitState{}, fmt.Errorf("ask about %s: %w", unit, err)
	}
	text := func(name string) string { s, _ := all[name].(string); return s }
	u := UnitState{Load: text("LoadState"), Active: text("ActiveState"), File: text("UnitFileState")}
	if at, _ := all["ActiveEnterTimestamp"].(uint64); at > 0 {
		u.Since = time.UnixMicro(int64(at))
	}
	if p, err := conn.GetServicePropertyContext(ctx, unit, "ExecStart"); err == nil { // a socket has none
		if commands, _ := p.Value.Value().([][]any); len(commands) > 0 {
			u.Program, _ = commands[0][0].(string)
		}
	}
	return u, nil
}

// Start starts a unit, or restarts it. With enable it is also started at each login.
func (m UserManager) Start(ctx context.Context, unit string, enable bool) error {
	conn, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.ReloadContext(ctx); err != nil {
		return err
	}
	if enable {
		if _, _, err := conn.EnableUnitFilesContext(ctx, []string{unit}, false, false); err != nil {
			return err
		}
		if err := conn.ReloadContext(ctx); err != nil {
			return err
		}
	}
	result, err := runJob(ctx, func(done chan<- string) (int, error) { return conn.RestartUnitContext(ctx, unit, "replace", done) })
	if err == nil && result != "done" {
		err = fmt.Errorf("the job ended as %s: journalctl --user -u %s", result, unit)
	}
	return err
}

// TryRestart reads all units again, and restarts a unit if it runs. The unit need not exist.
func (m UserManager) TryRestart(ctx context.Context, unit string) error {
	conn, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.ReloadContext(ctx); err != nil {
		return err
	}
	state, err := conn.GetUnitPropertyContext(ctx, unit, "LoadState")
	if err != nil {
		return fmt.Errorf("ask about %s: %w", unit, err)
	}
	if load, _ := state.Value.Value().(string); load != "loaded" { // there is no such unit, or it is masked
		return nil
	}
	_, err = runJob(ctx, func(done chan<- string) (int, error) { return conn.TryRestartUnitContext(ctx, unit, "replace", done) })
	return err
}

// Stop stops a unit. With disable it is also not started at login any more.
func (m UserManager) Stop(ctx context.Context, unit string, disable bool) error {
	conn, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if disable {
		if _, err := conn.DisableUnitFilesContext(ctx, []string{unit}, false); err != nil {
			return err
		}
	}
	_, err = runJob(ctx, func(done chan<- string) (int, error) { return conn.StopUnitContext(ctx, unit, "replace", done) })
	return err
}

// runJob starts a job of the manager, waits until it ends, and returns its result,
// "done" if it succeeded.
func runJob(ctx context.Context, start func(done chan<- string) (int, error)) (result string, err error) {
	done := make(chan string, 1)
	if _, err := start(done); err != nil {
		return "", err
	}
	select {
	case result = <-done:
		return result, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
