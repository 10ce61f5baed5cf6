package main

import (
	"context"
	"fmt"
	"math"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/printable"
)

// A sourceLine is a microphone as a line of `vocoder sources --json`.
type sourceLine struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Default     bool     `json:"default"`
	Monitor     bool     `json:"monitor"`
	Muted       bool     `json:"muted"`
	VolumeDB    *float64 `json:"volume_db"` // null if the volume is 0
}

func sourcesCommand(a *cli) *cobra.Command {
	c := &cobra.Command{Use: "sources", Short: "List the microphones"}
	asJSON := c.Flags().Bool("json", false, "one JSON object a line")
	c.RunE = func(c *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeout(c.Context(), 10*time.Second)
		defer cancel()
		sources, err := capture.Sources(ctx, capture.Config{Server: a.PulseServer(), Cookies: a.PulseCookies()})
		if err != nil {
			return err
		}
		return printSources(a, sources, *asJSON)
	}
	return c
}

func printSources(a *cli, sources []capture.Source, asJSON bool) error {
	table := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, s := range sources {
		if asJSON {
			if err := printable.Encode(a.Stdout, newSourceLine(s)); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(table, "%s\t%.0f dB\t%s\t%s\n", sourceMarks(s), s.Volume, name(s.Name), name(s.Description))
	}
	return table.Flush()
}

func sourceMarks(s capture.Source) string {
	marks := " "
	if s.Default {
		marks = "*"
	}
	if s.Muted {
		marks += " muted"
	}
	if s.Monitor {
		marks += " monitor"
	}
	return marks
}

func newSourceLine(s capture.Source) sourceLine {
	l := sourceLine{Name: s.Name, Description: s.Description, Default: s.Default, Monitor: s.Monitor, Muted: s.Muted}
	if !math.IsInf(s.Volume, -1) {
		l.VolumeDB = &s.Volume
	}
	return l
}
