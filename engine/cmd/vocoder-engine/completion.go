package main

import (
	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/models"
)

// offerModels has the shells' completion offer the names of models, to a command
// with fewer than so many arguments; 0 is to a flag.
func offerModels(store func() (models.Store, error), arguments int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
		s, err := store()
		if err != nil || arguments > 0 && len(args) >= arguments {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		for _, m := range known(s) {
			names = append(names, m.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// offer has the values of a flag of c completed by what.
func offer(c *cobra.Command, flag string, what cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, what); err != nil {
		panic("vocoder-engine: " + err.Error()) // there is no such flag, or it was done before
	}
}
