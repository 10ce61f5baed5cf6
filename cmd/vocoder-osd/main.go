// Command vocoder-osd shows on the screen what the vocoder daemon does: that it listens, how
// loud the microphone is, and how an utterance ended. It only reads the control socket.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/journal"
	"github.com/arealicehole/vocoder/internal/linux/process"
	"github.com/arealicehole/vocoder/internal/osd"
	"github.com/arealicehole/vocoder/internal/usage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	status := run(ctx, environ.OfProcess(), os.Args[1:])
	stop()
	os.Exit(status)
}

// run runs one command line and returns its exit status.
func run(ctx context.Context, env environ.Env, args []string) int {
	root := command(env)
	root.SetArgs(args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	usage.Tighten(root)
	called, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return 0
	case usage.Explain(env.Stderr, called, err, ""):
		return 2
	}
	return 1
}

func command(env environ.Env) *cobra.Command {
	socket := ""
	c := &cobra.Command{
		Use:   "vocoder-osd",
		Short: "Show on the screen what the vocoder daemon does",
		Long: `Show on the screen what the vocoder daemon does, until it is interrupted.
vocoder-osd.service runs it.`,
		Version:           usage.Version(),
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              usage.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := process.KeepPrivate(); err != nil {
				return err
			}
			if socket == "" {
				socket = control.Path(env.Var("XDG_RUNTIME_DIR"))
			}
			return osd.Run(c.Context(), osd.Options{
				Daemon: control.Client{Path: socket},
				Desktop: desktop.Config{
					Runtime: env.RuntimeDir(), Home: env.Var("HOME"), Bus: env.SessionBus(),
					Hint: desktop.Desktop{Wayland: env.Var("WAYLAND_DISPLAY"), X11: env.Var("DISPLAY"), Authority: env.Var("XAUTHORITY")},
				},
				Bus: env.SessionBus(), Log: slog.New(journal.NewHandler(slog.LevelInfo, env.Stderr)),
			})
		},
	}
	c.SetVersionTemplate("vocoder-osd {{.Version}}\n")
	c.Flags().StringVar(&socket, "socket", "", "the daemon's `SOCKET`, if not $XDG_RUNTIME_DIR/vocoder.sock")
	return c
}
