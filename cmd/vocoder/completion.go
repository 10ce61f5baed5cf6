package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/usage"
	"github.com/arealicehole/vocoder/whisper"
)

// files completes a flag or an argument with files. The shell finds them itself.
var files = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)

// among returns a completion with these values and nothing else.
func among(values ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
}

// holdNames completes a key to hold: a name of keyNames that may be bound.
func holdNames(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	names, directive := keyNames(c, args, typed)
	return slices.DeleteFunc(names, func(chord string) bool {
		var keys []key.Code
		for name := range strings.SplitSeq(chord, "+") {
			k, err := key.Parse(name)
			if err != nil {
				return true
			}
			keys = append(keys, k)
		}
		return evdev.Bindable(keys...) != nil
	}), directive
}

// microphones completes the name of a microphone, after these words.
func microphones(words ...string) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(c.Context(), time.Second)
		defer cancel()
		all, _ := capture.Sources(ctx, capture.Config{Server: environ.OfProcess().PulseServer()}) // without a sound server there is none
		names := slices.Clone(words)
		for _, s := range all {
			if !s.Monitor {
				names = append(names, name(s.Name)+"\t"+name(s.Description))
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// keyNames completes the name of a key. In a chord it completes the last key.
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

// valuesOf returns the completion of the value of a setting.
func valuesOf(s config.Setting) cobra.CompletionFunc {
	switch {
	case s.Name == "key" || s.Name == "cancel_key":
		return holdNames
	case s.Name == "typing.paste_chord":
		return keyNames
	case s.Name == "audio.source":
		return microphones()
	case s.Name == "whisper.dialect":
		return among(whisper.Dialects()...)
	case s.File:
		return cobra.FixedCompletions(s.Choices, cobra.ShellCompDirectiveDefault) // files if no choice fits
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

// offer sets the completion of the value of a flag.
func offer(c *cobra.Command, flag string, what cobra.CompletionFunc) {
	if err := c.RegisterFlagCompletionFunc(flag, what); err != nil {
		panic("vocoder: " + err.Error()) // there is no such flag, or it has a completion
	}
}

// setDefaults completes c and its subcommands. A command that says nothing about its
// arguments takes none. What has no completion offers nothing: shells would offer the
// files of the folder.
func setDefaults(c *cobra.Command) {
	if c.Args == nil {
		c.Args = usage.NoArgs
	}
	if c.ValidArgsFunction == nil {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if _, is := c.GetFlagCompletionFunc(f.Name); !is && f.NoOptDefVal == "" {
			offer(c, f.Name, among())
		}
	})
	for _, sub := range c.Commands() {
		setDefaults(sub)
	}
}
