// Command vocoder types what the user says while holding a key. Each stage of a
// dictation is also a command: keys, record, transcribe and type.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/setup"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/process"
	"github.com/arealicehole/vocoder/internal/usage"
)

// The exit statuses of vocoder; 78 is EX_CONFIG of sysexits(3).
const (
	exitFailed   = 1
	exitUsage    = 2
	exitLacks    = 3 // type --plan: the layout lacks characters
	exitDoubtful = 4 // doctor, selftest: the worst finding is a warning
	exitConfig   = 78
	exitEnded    = 130 // setup: ended by the user; 128 and SIGINT, as shells report it
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The unit keeps the memory out of swap with MemorySwapMax, because it gives up the right to
	// lock pages.
	if err := process.KeepPrivate(); err != nil {
		fmt.Fprintln(os.Stderr, "vocoder: warning: "+err.Error())
	}
	a := &cli{Env: environ.OfProcess()}
	status := a.main(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// main runs one command line and returns its exit status.
func (a *cli) main(ctx context.Context, args []string) int {
	root := a.command()
	root.SetArgs(withValue(args))
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	usage.Tighten(root)
	called, err := root.ExecuteContextC(ctx)
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return 0
	}
	if _, is := errors.AsType[setup.Ended](err); is {
		usage.Explain(a.Stderr, called, err, "")
		return exitEnded
	}
	if errors.Is(err, errUntypable) {
		return exitLacks // the characters are on standard output
	}
	if f, is := errors.AsType[report.Found](err); is { // the findings are on standard output
		if report.State(f) == report.Warning {
			return exitDoubtful
		}
		return exitFailed
	}
	if usage.Explain(a.Stderr, called, err, hint.Of(err)) {
		return exitUsage
	}
	if _, ok := errors.AsType[*config.Error](err); ok {
		return exitConfig
	}
	return exitFailed
}

// command returns the command vocoder with all its subcommands.
func (a *cli) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "vocoder",
		Short: "Hold a key, speak, let go: your words are typed at the cursor",
		Long: `Hold a key, speak, let go: your words are typed at the cursor.

"vocoder setup" sets it up, and "vocoder doctor" says what is missing.`,
		Example:       "  vocoder setup\n  vocoder doctor",
		Version:       usage.Version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },

		PersistentPreRun: func(c *cobra.Command, _ []string) { warnRoot(a.Env, c) },
	}
	root.SetVersionTemplate("vocoder {{.Version}}\n")
	root.PersistentFlags().StringVar(&a.config, "config", "", "settings `FILE`, or the NAME of one next to vocoder.yaml")
	root.AddCommand(runCommand(a), keysCommand(a), devicesCommand(a), recordCommand(a),
		sourcesCommand(a), transcribeCommand(a), typeCommand(a), layoutCommand(a), configCommand(a), doctorCommand(a), selftestCommand(a), setupCommand(a))
	offer(root, "config", files)
	arrange(root)
	setDefaults(root)
	return root
}
