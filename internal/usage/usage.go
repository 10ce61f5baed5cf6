// Package usage is what the command lines of vocoder's programs have in common:
// what makes no sense is refused in the same words by each, and is an Error.
package usage

import (
	"cmp"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// An Error is a command line that makes no sense.
type Error struct{ Err error }

func (e Error) Error() string { return e.Err.Error() }

func (e Error) Unwrap() error { return e.Err }

// Errorf returns an Error as fmt.Errorf makes it.
func Errorf(format string, args ...any) error { return Error{fmt.Errorf(format, args...)} }

// Is reports whether an error is one of usage, or is due to one.
func Is(err error) bool {
	_, is := errors.AsType[Error](err)
	return is
}

// NoArgs refuses arguments, as AtMost.
func NoArgs(c *cobra.Command, args []string) error { return AtMost(0)(c, args) }

// AtMost refuses more than n arguments with an Error. Of a command that has
// commands the word was meant to be one.
func AtMost(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) <= n:
			return nil
		case c.HasAvailableSubCommands():
			return unknown(c, args[n])
		case n == 0:
			return Errorf("%s takes no argument, got %q", c.CommandPath(), args[0])
		}
		return Errorf("%s: one argument too many: %q", c.CommandPath(), args[n])
	}
}

// unknown returns the error of a word that is no command of c, with those that it
// was perhaps meant to be.
func unknown(c *cobra.Command, word string) error {
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return Errorf("unknown command %q: did you mean %s?", word, strings.Join(near, " or "))
	}
	return Errorf("unknown command %q", word)
}

// Tighten makes a program strict, once it has all its commands: flags are
// refused with an Error, and so are words that the commands which cobra adds
// would pass over in silence.
func Tighten(root *cobra.Command) {
	root.SetFlagErrorFunc(flag)
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Args, c.RunE = NoArgs, func(c *cobra.Command, _ []string) error { return c.Help() }
		case "help":
			show := c.Run
			c.Run, c.RunE = nil, func(c *cobra.Command, args []string) error {
				about, rest, err := root.Find(args)
				if err != nil {
					return Error{err}
				}
				if about.HasAvailableSubCommands() && len(rest) > 0 {
					return unknown(about, rest[0])
				}
				show(c, args)
				return nil
			}
		}
	}
}

// flag returns the error of a flag that pflag refuses, in our words.
func flag(c *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		kind := e.GetFlag().Value.Type()
		want := map[string]string{"int": "a whole number", "float64": "a number", "duration": "a duration such as 2s", "bool": "true or false"}
		err = fmt.Errorf("--%s %q, want %s", e.GetFlag().Name, e.GetValue(), cmp.Or(want[kind], kind))
	}
	if c.HasParent() {
		err = fmt.Errorf("%s: %w", c.CommandPath(), err)
	}
	return Error{err}
}

// version is set by the linker: -X github.com/arealicehole/vocoder/internal/usage.version=1.2.3
var version string

// Version returns the version that the linker set, or else that of the module,
// without the v before it.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "unknown"
}
