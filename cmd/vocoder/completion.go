package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/key"
)

// A completer is what the completion of a shell asks for the values of a flag or
// an argument.
type completer = cobra.CompletionFunc

// files are offered by the shell itself.
func files(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// among offers these values and nothing else.
func among(values ...string) completer {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

// orFiles offers these values, and files where none of them fits.
func orFiles(values ...string) completer {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveDefault)
}

// keyNames offers the names of keys; of a chord, those of the next.
func keyNames(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, "+")+1]
	var names []string
	for _, n := range key.Names() {
		if strings.HasPrefix(before+n, typed) {
			names = append(names, before+n)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// valuesOf returns what completes the value of a setting.
func valuesOf(s config.Setting) completer {
	switch {
	case s.Name == "key" || s.Name == "cancel_key" || s.Name == "typing.paste_chord":
		return keyNames
	case s.File:
		return orFiles(s.Choices...)
	}
	return among(s.Choices...)
}

// completeSetting completes the arguments of config set.
func completeSetting(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, s := range config.Settings() {
		if len(args) == 1 && s.Name == args[0] {
			return valuesOf(s)(c, nil, typed)
		}
		names = append(names, s.Name)
	}
	if len(args) > 0 {
		names = nil
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// offer has the values of a flag of c completed by what.
func offer(c *cobra.Command, flag string, what completer) {
	if err := c.RegisterFlagCompletionFunc(flag, what); err != nil {
		panic("vocoder: " + err.Error()) // there is no such flag, or it was done before
	}
}

// offerNothing keeps the files of the folder from being offered, as shells do,
// where c and the commands below it take no argument and a flag no file.
func offerNothing(c *cobra.Command) {
	if c.ValidArgsFunction == nil {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if _, is := c.GetFlagCompletionFunc(f.Name); !is && f.NoOptDefVal == "" {
			offer(c, f.Name, among())
		}
	})
	for _, sub := range c.Commands() {
		offerNothing(sub)
	}
}
