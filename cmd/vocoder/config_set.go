package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/usage"
)

func configSetCommand(a *cli) *cobra.Command {
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
			if err := a.store().Change([][2]string{{args[0], args[1]}}); err != nil {
				return err
			}
			_, err := fmt.Fprintln(a.Stdout, "`systemctl --user reload vocoder` takes it up")
			return err
		},
	}
}
