package settings

import (
	"log/slog"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/journal"
)

// Logger returns the log of a command: the journal under systemd, otherwise standard
// error. It adds a hint to each error.
func Logger(env environ.Env, cfg config.Config) *slog.Logger {
	level := slog.LevelInfo
	if cfg.Debug {
		level = slog.LevelDebug
	}
	return slog.New(hint.Handler(journal.NewHandler(level, env.Stderr)))
}

// QuietLogger returns the log of a command that works as a filter. Such a command reports
// everything by its error, so it logs only if the setting debug is on.
func QuietLogger(env environ.Env, cfg config.Config) *slog.Logger {
	if cfg.Debug {
		return Logger(env, cfg)
	}
	return slog.New(slog.DiscardHandler)
}
