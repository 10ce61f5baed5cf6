package main

import (
	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/app/daemon"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/validate"
	"github.com/arealicehole/vocoder/internal/environ"
)

func runCommand(a *cli) *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Dictate: the daemon",
		Long: `Dictate, until ended by SIGTERM or SIGINT, or until its terminal is closed.
SIGHUP takes up new settings when the recording under way has ended; with a
mistake in them the old ones stay. In a terminal the last line shows what it
does, how loud it is while it listens, and how long the last words took.`,
	}
	addSettings(c, "")
	c.RunE = a.withSettings(func(c *cobra.Command, cfg settings.Loaded, _ []string) error {
		if err := validate.Settings(a.store(), cfg); err != nil {
			return err
		}
		return daemon.Run(c.Context(), daemon.Options{Env: a.Env, Store: a.store(), Config: cfg, Load: func(env environ.Env) (settings.Loaded, error) {
			store := settings.Store{Env: env, Name: a.config}
			cfg, err := store.Load(changedFlags(c))
			if err == nil {
				err = validate.Settings(store, cfg)
			}
			return cfg, err
		}})
	})
	return c
}
