package main

import (
	"strings"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/usage"
	"github.com/spf13/cobra"
)

// A cli is one call of the program: its environment and the flag that all commands have.
type cli struct {
	environ.Env
	config string // the flag --config
}

// addSettings gives c a flag for each setting with one of these names or below one:
// audio means audio.tail and all others of audio. "" means all settings.
func addSettings(c *cobra.Command, prefixes ...string) {
	for _, s := range config.Settings() {
		for _, p := range prefixes {
			if s.Name == p || strings.HasPrefix(s.Name, p+".") || p == "" {
				c.Flags().Var(&settingValue{s.Default, s.Kind()}, s.Flag(), strings.NewReplacer("\n", " ", "`", "").Replace(s.Help))
				offer(c, s.Flag(), valuesOf(s))
				break
			}
		}
	}
}

// A settingValue is the flag of a setting. It implements pflag.Value; Load checks the text.
type settingValue struct{ text, kind string }

func (v *settingValue) String() string     { return v.text }
func (v *settingValue) Set(s string) error { v.text = s; return nil }
func (v *settingValue) Type() string       { return v.kind }

// arguments returns the check of a command that takes from least to most arguments. what
// names them in the error.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < least || len(args) > most {
			return usage.Errorf("%s takes %s", c.CommandPath(), what)
		}
		return nil
	}
}

// withSettings returns the RunE of a command that begins by reading its settings.
func (a *cli) withSettings(run func(c *cobra.Command, cfg settings.Loaded, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		cfg, err := a.load(c)
		if err != nil {
			return err
		}
		return run(c, cfg, args)
	}
}

// store returns the place of the settings of this call.
func (a *cli) store() settings.Store { return settings.Store{Env: a.Env, Name: a.config} }

// load reads the settings file, the environment and the flags of c.
func (a *cli) load(c *cobra.Command) (settings.Loaded, error) { return a.store().Load(changedFlags(c)) }

// changedFlags returns the values of the flags that the user gave and that are settings,
// by the names of the settings.
func changedFlags(c *cobra.Command) map[string]string {
	flags := map[string]string{}
	for _, s := range config.Settings() {
		if f := c.Flags().Lookup(s.Flag()); f != nil && f.Changed {
			flags[s.Name] = f.Value.String()
		}
	}
	return flags
}
