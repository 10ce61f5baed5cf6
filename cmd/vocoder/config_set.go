package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/internal/usage"
)

func (a *app) configSetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "set NAME VALUE",
		Short: "Change one setting in the settings file, and nothing else of it",
		Long: `Change one setting in the settings file, and nothing else of it.
"vocoder config reference" prints the names, what they mean and what they may be.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage.Errorf("%s takes a name and a value", c.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: completeSetting,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.change([][2]string{{args[0], args[1]}}); err != nil {
				return err
			}
			_, err := fmt.Fprintln(a.Stdout, "`systemctl --user reload vocoder` takes it up")
			return err
		},
	}
}

// change writes settings, each a name and a value, to the settings file, whole
// or not at all. What was wrong in the file already stays so; what would be
// wrong now is not written.
func (a *app) change(settings [][2]string) error {
	file, text, err := a.settingsFile()
	if err != nil {
		return &config.Error{Place: "settings", Msg: err.Error()}
	}
	known := config.Settings()
	for _, s := range settings {
		if !slices.ContainsFunc(known, func(k config.Setting) bool { return k.Name == s[0] }) {
			return usage.Error{Err: errors.New(config.Unknown(s[0]))}
		}
		alone := config.Source{Flags: map[string]string{s[0]: s[1]}}
		cfg, _, err := config.Load(alone)
		if err == nil {
			err = bindable(alone, cfg)
		}
		if err != nil {
			return err
		}
		if text, err = config.Set(text, s[0], s[1]); err != nil {
			return &config.Error{Place: file, Msg: fmt.Sprintf("%v: write it there yourself: %s: %s", err, s[0], s[1])}
		}
	}
	return atomicfile.Write(file, text)
}
