package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/app/doctor"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/validate"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/usage"
)

func doctorCommand(a *cli) *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Examine every link of the chain, and say what mends it",
		Long: `Examine every link of the chain on this machine, in the order in which a
dictation needs them: each is ok, a warning or broken, with the one command that
mends it. The exit status is that of the worst: 0, 4 for a warning, 1 for broken.

The microphone is listened to for a second, and the recognizer is sent a short
tone. Nothing is typed, and the clipboard is left alone.`,
	}
	asJSON := c.Flags().Bool("json", false, "print one JSON object")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, wrong := a.load(c)
		if wrong != nil {
			cfg = settings.Default()
		} else {
			wrong = validate.Settings(a.store(), cfg)
		}
		progress := func(f report.Finding) { printFinding(a.Stdout, f) }
		if *asJSON {
			progress = func(report.Finding) {}
		}
		all := doctor.New(a.Env, a.store(), cfg, wrong).Examine(c.Context(), progress)
		if err := c.Context().Err(); err != nil {
			return err
		}
		worst := report.Worst(all)
		return finish(a, *asJSON, struct {
			State    report.State     `json:"state"`
			Version  string           `json:"version"`
			Findings []report.Finding `json:"links"`
		}{worst, usage.Version(), all}, worst)
	}
	return c
}

// finish ends a command that has printed findings. It prints all as JSON, if wanted, and
// returns the error for the worst state.
func finish(a *cli, asJSON bool, all any, worst report.State) error {
	if asJSON {
		if err := printable.Encode(a.Stdout, all); err != nil {
			return err
		}
	}
	if worst != report.OK {
		return report.Found(worst)
	}
	return nil
}

// printFinding prints a finding for people, with the fix on a line of its own.
func printFinding(w io.Writer, f report.Finding) {
	fmt.Fprintf(w, "%-8s %-11s %s\n", f.State, f.Part, f.Text)
	if f.Fix != "" {
		fmt.Fprintf(w, "%21s%s\n", "-> ", printable.Line(f.Fix, printable.MaxLine))
	}
}
