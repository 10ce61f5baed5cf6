package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
)

func configCommand(a *cli) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Check, show, change or take over the settings",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	check := &cobra.Command{Use: "check", Short: "Check the settings file",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := a.load(c)
			if err == nil {
				_, err = typing.NewStyle(cfg)
			}
			if err == nil {
				_, err = recognition.New(cfg, recognition.Options{Env: a.Env, Log: slog.New(slog.DiscardHandler)})
			}
			if err != nil {
				return err
			}
			name, text, err := a.store().File()
			if err == nil && text == nil {
				name += ": not there; the defaults are used"
			}
			fmt.Fprintln(a.Stdout, name+": good")
			return err
		}}
	reference := &cobra.Command{Use: "reference", Short: "Print a settings file with every setting, its meaning and default",
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprint(a.Stdout, config.Reference())
			return nil
		}}
	c.AddCommand(check, reference, configShowCommand(a), configSetCommand(a), configMigrateCommand(a))
	return c
}
