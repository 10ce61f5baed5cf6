package main

import (
	"strings"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/spf13/cobra"
)

// A cli is one call of the program: its surroundings and the flag of all commands.
type cli struct {
	environ.Env
	config string // the flag --config
}

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
func (a *cli) store() settings.Store { return settings.Store{Env: a.Env, Name: a.config} }

// load reads the settings file, the environment and the flags of c.
func (a *cli) load(c *cobra.Command) (settings.Loaded, error) { return a.store().Load(changedFlags(c)) }

// changedFlags returns the flags of c that are settings and were given, by the names of
// the settings.
func changedFlags(c *cobra.Command) map[string]string {
	flags := map[string]string{}
	for _, s := range config.Settings() {
		if f := c.Flags().Lookup(s.Flag()); f != nil && f.Changed {
			flags[s.Name] = f.Value.String()
		}
	}
	return flags
}
