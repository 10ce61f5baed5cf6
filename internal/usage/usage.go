// Package usage has what the command lines of vocoder's programs share: the same errors
// in the same words, and the version.
package usage

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/spell"
	"github.com/arealicehole/vocoder/internal/version"
)

// An Error is the error of a command line that cannot be run as it is.
type Error struct{ Err error }

func (e Error) Error() string { return e.Err.Error() }

func (e Error) Unwrap() error { return e.Err }

// Errorf formats an Error as fmt.Errorf does.
func Errorf(format string, args ...any) error { return Error{fmt.Errorf(format, args...)} }

// Is reports whether err is an Error or wraps one.
func Is(err error) bool {
	_, is := errors.AsType[Error](err)
	return is
}

// maxLine limits a line of an error, in characters. Several errors may share a line.
const maxLine = 2000

// Explain prints the error of a command, and what the user can do about it. For an Error
// without a hint it names the command's help. It reports whether err is an Error.
func Explain(w io.Writer, called *cobra.Command, err error, hint string) bool {
	text := printable.Lines(err.Error(), maxLine)
	if name := called.Root().Name(); !strings.HasPrefix(text, name+" ") { // of a subcommand, it names the program already
		text = name + ": " + text
	}
	fmt.Fprintln(w, text)
	if Is(err) && hint == "" {
		hint = called.CommandPath() + " --help"
	}
	if hint != "" {
		fmt.Fprintln(w, "hint: "+printable.Lines(hint, maxLine))
	}
	return Is(err)
}

// NoArgs returns an Error if there are arguments. It is a cobra.PositionalArgs.
func NoArgs(c *cobra.Command, args []string) error { return AtMost(0)(c, args) }

// AtMost returns a function that returns an Error if there are more than n arguments. If
// the command has subcommands, the Error says that the argument is none of them.
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

// unknown returns the error of a word that is no subcommand of c. It suggests similar
// subcommands.
func unknown(c *cobra.Command, word string) error {
	c.SuggestionsMinimumDistance = 2
	if word == "" { // every name begins with it
		return Errorf("unknown command %q", word)
	}
	if c.Root().Version != "" && strings.EqualFold(word, "version") {
		return Errorf("unknown command %q: did you mean --version?", word)
	}
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return Errorf("unknown command %q: did you mean %s?", word, strings.Join(near, " or "))
	}
	return Errorf("unknown command %q", word)
}

// Tighten makes a program strict. The errors of its flags become Errors. The commands
// help and completion, which cobra adds, return an Error for arguments that they would
// ignore. The program must have all its commands before.
func Tighten(root *cobra.Command) {
	root.SetFlagErrorFunc(flag)
	help(root)
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			completionHelp(root, c)
			c.Args, c.RunE = NoArgs, func(c *cobra.Command, _ []string) error { return c.Help() }
		case "help":
			c.Short, c.Long, c.Example = "Print the help of a command", "", "  "+root.Name()+" help "+first(root)
			show := c.Run
			c.Run, c.RunE = nil, func(c *cobra.Command, args []string) error {
				about, rest, err := root.Find(args)
				if err != nil {
					return Error{err}
				}
				if about.HasAvailableSubCommands() && len(rest) > 0 {
					return unknown(about, rest[0])
				}
				if len(rest) > 0 {
					return Errorf("%s has no command %q", about.CommandPath(), rest[0])
				}
				show(c, args)
				return nil
			}
		}
	}
}

// first returns the name of a command of root.
func first(root *cobra.Command) string {
	for _, c := range root.Commands() {
		if c.Name() != "completion" && c.Name() != "help" {
			return c.Name()
		}
	}
	return "completion"
}

// flag returns the Error of a flag that pflag refuses. It says what the flag wants.
func flag(c *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		kind := e.GetFlag().Value.Type()
		want := map[string]string{"int": "a whole number", "float64": "a number", "duration": "a duration such as 2s", "bool": "true or false"}
		err = fmt.Errorf("--%s %q, want %s", e.GetFlag().Name, e.GetValue(), cmp.Or(want[kind], kind))
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		near := nearFlags(c, e.GetSpecifiedName())
		switch {
		case e.GetSpecifiedShortnames() != "" && c.Args != nil:
			err = fmt.Errorf("%w; -- comes before what is no flag", err)
		case near != "":
			err = fmt.Errorf("%w: did you mean %s?", err, near)
		}
	}
	if c.HasParent() {
		err = fmt.Errorf("%s: %w", c.CommandPath(), err)
	}
	return Error{err}
}

// nearFlags returns the flags of a command whose names are similar to a name, with "or"
// between them.
func nearFlags(c *cobra.Command, name string) string {
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			known = append(known, "--"+f.Name)
		}
	})
	near := spell.Nearest("--"+name, known, min(3, len(name)))
	return strings.Join(near[:min(len(near), 3)], " or ")
}

// Version returns the version of this program.
func Version() string { return version.String() }
