package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/app/selftest"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/usage"
)

func selftestCommand(a *cli) *cobra.Command {
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Test the whole chain here: key, sound, recognizer, typing",
		Long: `Test the whole chain on this machine, in about a minute: press a virtual key, play
a known sentence to an output without a loudspeaker, record it from there, send it
to the recognizer of the settings, and type its words into this terminal. Nothing is
typed unless the terminal says that it has the focus, and nothing stays behind. The
microphone and the clipboard are not used.

The report holds no words, no names and no addresses: put it into a bug report.
Each link is ok, a warning (which "not tested" is too) or broken. The exit status is
that of the worst: 0, 4 for a warning, 1 for broken.

Where vocoder-inputd has the devices, this program may press no keys: key and typing
are then not tested. --devices direct tests them, if this user may open /dev/uinput.`,
	}
	addSettings(c, "devices", "whisper_url", "whisper", "typing")
	yes := c.Flags().Bool("yes", false, "do not ask before")
	asJSON := c.Flags().Bool("json", false, "print one JSON object")
	c.RunE = a.withSettings(func(c *cobra.Command, cfg settings.Loaded, _ []string) error {
		if !*yes {
			if err := askConsent(a); err != nil {
				return err
			}
		}
		ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGHUP, syscall.SIGQUIT)
		defer stop()
		onStep := func(s selftest.Step) { printStep(a.Stdout, s) }
		if *asJSON {
			onStep = func(selftest.Step) {}
		}
		r, err := selftest.Run(ctx, a.Env, cfg, onStep)
		if err != nil {
			return err
		}
		if !*asJSON {
			printReport(a.Stdout, r)
		}
		return finish(a, *asJSON, r, r.State)
	})
	return c
}

var errNoConsent = errors.New("selftest: not without a yes")

// askConsent asks the user whether the test may begin. It needs a terminal.
func askConsent(a *cli) error {
	if !terminal.Is(a.Stdin) {
		return usage.Errorf("selftest: no terminal to ask in; --yes answers before")
	}
	fmt.Fprint(a.Stderr, `This presses a virtual key, plays a known sentence to an output without a
loudspeaker, sends it to your recognizer, and types its words into this terminal.
Leave keyboard and mouse alone for a minute. Microphone and clipboard are not used. Begin? [y/N] `)
	answer, err := bufio.NewReader(a.Stdin).ReadString('\n')
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if s := strings.ToLower(strings.TrimSpace(answer)); s != "y" && s != "yes" {
		return errNoConsent
	}
	return nil
}

// printStep prints a step for people.
func printStep(w io.Writer, s selftest.Step) {
	took := ""
	if s.Milliseconds > 0 {
		took = fmt.Sprintf("%d ms", s.Milliseconds)
	}
	fmt.Fprintf(w, "%-8s %-11s %9s  %s\n", s.State, s.Part, took, s.Text)
	if s.Fix != "" {
		fmt.Fprintf(w, "%32s%s\n", "-> ", printable.Line(s.Fix, printable.MaxLine))
	}
}

// printReport prints the end of the report, after the steps.
func printReport(w io.Writer, r selftest.Report) {
	fmt.Fprintf(w, "\nvocoder %s, %s, %s, devices: %s\n", r.Version, r.System, cmp.Or(r.Sound, "no sound server"), r.Devices)
	for _, name := range r.Left {
		fmt.Fprintf(w, "left behind: %s\n", printable.Line(name, printable.MaxLine))
	}
}
