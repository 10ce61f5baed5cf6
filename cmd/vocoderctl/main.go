// Command vocoderctl sends commands to the vocoder daemon, and shows its status.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/usage"
)

// The exit statuses of vocoderctl.
const (
	exitDone       = 0
	exitFailed     = 1 // the daemon said no, or did not answer
	exitUsage      = 2
	exitNotRunning = 3
)

// replyTimeout is how long an answer may take. It is more than the daemon's own limit for a
// command, which is 10 s.
const replyTimeout = 12 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	a := &cli{stdout: os.Stdout, stderr: os.Stderr, terminal: isTerminal(os.Stdout), runtimeDir: os.Getenv("XDG_RUNTIME_DIR"), env: environ.OfProcess()}
	status := a.main(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// A cli is one call of the command.
type cli struct {
	stdout     io.Writer
	stderr     io.Writer
	terminal   bool // stdout is one
	runtimeDir string
	env        environ.Env

	socket string // --socket
	json   bool   // --json
}

// main runs one command line and returns its exit status.
func (a *cli) main(ctx context.Context, args []string) int {
	root := a.command()
	root.SetArgs(args)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	usage.Tighten(root)
	called, err := root.ExecuteContextC(ctx)
	if err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return exitDone
	}
	if a.json {
		_ = a.print(map[string]string{"error": err.Error()}) // standard error has it too
	}
	switch {
	case usage.Explain(a.stderr, called, err, hint(err)):
		return exitUsage
	case errors.Is(err, control.ErrNotRunning):
		return exitNotRunning
	}
	return exitFailed
}

// hint returns what the user can do about an error, or nothing.
func hint(err error) string {
	switch {
	case errors.Is(err, control.ErrNotRunning):
		return "start it: systemctl --user start vocoder (or, in a terminal: vocoder run)"
	case errors.Is(err, context.DeadlineExceeded):
		return "the daemon hangs: systemctl --user restart vocoder"
	case errors.Is(err, os.ErrPermission):
		return "the daemon obeys only its own user and root"
	}
	return ""
}

func (a *cli) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "vocoderctl [COMMAND]",
		Short: "Command the vocoder daemon, and see how it is",
		Long: `Command the vocoder daemon, and see how it is. Without a command: toggle.

Exit status: 0 done, 1 the daemon said no or did not answer, 2 wrong use,
3 the daemon is not running.`,
		Example:       "  vocoderctl toggle\n  vocoderctl status",
		Version:       usage.Version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          usage.NoArgs,
		// Hotkeys made for vocoder 1.0 have no command.
		RunE: func(c *cobra.Command, _ []string) error { return a.order(c.Context(), control.Toggle) },
	}
	root.SetVersionTemplate("vocoderctl {{.Version}}\n")
	root.PersistentFlags().StringVar(&a.socket, "socket", "", "the daemon's `SOCKET`, if not $XDG_RUNTIME_DIR/vocoder.sock")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "answer in JSON, errors too")
	for _, o := range orders {
		root.AddCommand(&cobra.Command{Use: string(o.command), Short: o.short, Example: "  vocoderctl " + string(o.command), Args: usage.NoArgs,
			RunE: func(c *cobra.Command, _ []string) error { return a.order(c.Context(), o.command) }})
	}
	root.AddCommand(a.lastCommand(), a.languageCommand(), a.taskCommand(), a.wordCommand(), a.statusCommand(), a.watchCommand())
	root.ValidArgsFunction = cobra.NoFileCompletions
	for _, c := range root.Commands() {
		if c.ValidArgsFunction == nil {
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
	}
	return root
}

// orders are the commands that only send a control.Command.
var orders = []struct {
	command control.Command
	short   string
}{
	{control.Start, "Start to listen"},
	{control.Stop, "Stop listening and type what was said"},
	{control.Toggle, "Stop if it listens, else start"},
	{control.Cancel, "Throw away what is being said or, if nothing is, all that waits"},
	{control.Retry, "Type what was kept, else what was refused as no speech"},
	{control.Forget, "Throw away what retry would type"},
	{control.Pause, "Do not listen to the key until resume"},
	{control.Resume, "Listen to the key again"},
	{control.Reload, "Read the settings again; with a mistake in them the old ones stay"},
	{control.Shutdown, "End the daemon"},
}

func (a *cli) client() control.Client {
	if a.socket != "" {
		return control.Client{Path: a.socket}
	}
	return control.Client{Path: control.Path(a.runtimeDir)}
}

// order sends a command to the daemon and prints the answer. Start and toggle print nothing
// outside of a terminal: they are bound to keys, and the daemon shows that it listens.
func (a *cli) order(ctx context.Context, command control.Command) error {
	ctx, cancel := context.WithTimeout(ctx, replyTimeout)
	defer cancel()
	reply, err := a.client().Do(ctx, command)
	switch {
	case err != nil:
		return err
	case a.json:
		return a.print(reply)
	case (command == control.Start || command == control.Toggle) && !a.terminal:
		return nil
	}
	_, err = fmt.Fprintln(a.stdout, said(command, reply))
	return err
}

// said returns what a user reads about a reply.
func said(command control.Command, r control.Reply) string {
	switch {
	case r.Nothing:
		return map[control.Command]string{
			control.Stop: "it was not listening", control.Cancel: "there is nothing to cancel; `vocoderctl forget` throws away what is kept",
			control.Forget: "nothing is kept",
			control.Pause:  "it was paused already", control.Resume: "it was not paused",
		}[command]
	case r.Recording && (command == control.Start || command == control.Toggle):
		return "✓ listening; `vocoderctl stop` ends it and types, `vocoderctl cancel` discards it"
	}
	return "✓ " + printable.Line(r.Status, printable.MaxLine)
}

// print writes v as one line of JSON.
func (a *cli) print(v any) error { return printable.Encode(a.stdout, v) }

func (a *cli) languageCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "language CODE[,CODE]|auto|next|default",
		Short: "Expect another language from the next press on",
		Long: `Expect another language from the next press on, until the daemon ends or
another one is set: a code such as de or en-GB, several with commas between
them, auto for any, next for the next of the list whisper.language, or default
for what the settings say. A key with a language of its own keeps it.`,
		Example: "  vocoderctl language de\n  vocoderctl language next",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage.Errorf("%s takes one language, got %d", c.CommandPath(), len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions([]string{language.Auto, control.NextLanguage, control.DefaultLanguage}, cobra.ShellCompDirectiveNoFileComp),
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		want := args[0]
		if want != control.NextLanguage && want != control.DefaultLanguage {
			choice, err := language.ParseChoice(want)
			if err != nil {
				return usage.Errorf("language %w", err)
			}
			want = choice.String()
		}
		return a.order(c.Context(), control.Speak(want))
	}
	return c
}

func (a *cli) taskCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "task translate|transcribe|default",
		Short: "Translate into English from the next press on, or not",
		Long: `Translate what you speak into English from the next press on, or transcribe it,
until the daemon ends or another task is set; default is what the settings say.
A key with a task of its own keeps it. Not every recognizer can translate; if it
cannot, nothing is typed and the speech is kept.`,
		Example: "  vocoderctl task translate",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(control.Tasks(), args[0]) {
				return usage.Errorf("%s: want one of %s", c.CommandPath(), strings.Join(control.Tasks(), ", "))
			}
			return nil
		},
		RunE:              func(c *cobra.Command, args []string) error { return a.order(c.Context(), control.Perform(args[0])) },
		ValidArgsFunction: cobra.FixedCompletions(control.Tasks(), cobra.ShellCompDirectiveNoFileComp),
	}
}

func (a *cli) lastCommand() *cobra.Command {
	c := &cobra.Command{Use: "last", Short: "Type the last text again, or print it", Example: "  vocoderctl last\n  vocoderctl last --print", Args: usage.NoArgs}
	show := c.Flags().Bool("print", false, "print the text instead")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if !*show {
			return a.order(c.Context(), control.Again)
		}
		ctx, cancel := context.WithTimeout(c.Context(), replyTimeout)
		defer cancel()
		text, err := a.client().Last(ctx)
		switch {
		case err != nil:
			return err
		case a.json:
			text.Text, text.LeftOut = printable.Text(text.Text), printable.Text(text.LeftOut)
			return a.print(text)
		}
		if text.LeftOut != "" {
			fmt.Fprintf(a.stderr, "not typed (%s): %s\n", printable.Line(text.Reason, printable.MaxLine), printable.Text(text.LeftOut))
		}
		_, err = fmt.Fprintln(a.stdout, printable.Text(text.Text))
		return err
	}
	return c
}
