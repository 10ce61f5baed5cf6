// Package validate has the one check that settings pass before the daemon runs with them:
// for run, reload, `config check`, `config set`, setup and doctor.
package validate

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
)

// maxSocketPath is how long the path of a socket may be, in bytes. Source: unix(7).
const maxSocketPath = 107

// Settings returns everything because of which the daemon would not run with settings that
// store has loaded. The error joins errors of the type *config.Error.
func Settings(store settings.Store, cfg settings.Loaded) error {
	_, layout := typing.NewStyle(cfg)
	r, recognizers := recognition.New(cfg, recognition.Options{Env: store.Env, Log: slog.New(slog.DiscardHandler)})
	if recognizers == nil {
		r.Close()
	}
	return errors.Join(layout, recognizers, command(cfg), socket(store, cfg), keys(cfg))
}

// keys returns an error if the program that opens the devices cannot listen for the bound keys.
func keys(cfg settings.Loaded) error {
	if !helper.Used(cfg.Devices) {
		return nil
	}
	return helper.CheckKeys(cfg)
}

// command returns an error if the user's own program is not there.
func command(cfg settings.Loaded) error {
	if len(cfg.Text.Command) == 0 {
		return nil
	}
	if _, err := exec.LookPath(cfg.Text.Command[0]); err != nil && !errors.Is(err, exec.ErrDot) {
		return cfg.Fault("text.command", err.Error())
	}
	return nil
}

// socket returns an error if the control socket cannot be made.
func socket(store settings.Store, cfg settings.Loaded) error {
	path := store.SocketPath(cfg.Config)
	if len(path) > maxSocketPath {
		return cfg.Fault("socket_path", fmt.Sprintf("a path of %d bytes, want at most %d", len(path), maxSocketPath))
	}
	if cfg.Socket == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return cfg.Fault("socket_path", fmt.Sprintf("its folder cannot be used: %v", err))
	}
	return nil
}
