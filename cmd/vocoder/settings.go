package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/usage"
)

// addSettings gives c a flag for every setting below one of the prefixes.
func addSettings(c *cobra.Command, prefixes ...string) {
	for _, s := range config.Settings() {
		for _, p := range prefixes {
			if s.Name == p || strings.HasPrefix(s.Name, p+".") || p == "" {
				c.Flags().String(s.Flag(), s.Default, strings.NewReplacer("\n", " ", "`", "").Replace(s.Help))
				offer(c, s.Flag(), valuesOf(s))
				break
			}
		}
	}
}

// store returns where the settings of this call are.
func (a *app) store() settings.Store { return settings.Store{Env: a.Env, Name: a.config} }

// load reads the settings file, the environment and the flags of c.
func (a *app) load(c *cobra.Command) (settings.Loaded, error) {
	flags := map[string]string{}
	for _, s := range config.Settings() {
		if f := c.Flags().Lookup(s.Flag()); f != nil && f.Changed {
			flags[s.Name] = f.Value.String()
		}
	}
	return a.store().Load(flags)
}

func (a *app) configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Check, show, change or take over the settings", Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	check := &cobra.Command{Use: "check", Short: "Check the settings file", Args: usage.NoArgs,
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
	reference := &cobra.Command{Use: "reference", Short: "Print a settings file with every setting, its meaning and default", Args: usage.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprint(a.Stdout, config.Reference())
			return nil
		}}
	c.AddCommand(check, reference, a.configShowCommand(), a.configSetCommand(), a.configMigrateCommand())
	return c
}
