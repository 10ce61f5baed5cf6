package main

import (
	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/models"
)

// offerModels returns a completion with the names of models, for a command with fewer
// than so many arguments. 0 is for a flag.
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

// offer completes the values of a flag of c with what.
func offer(c *cobra.Command, flag string, what cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, what); err != nil {
		panic("vocoder-engine: " + err.Error()) // the flag does not exist, or has a completion
	}
}
