package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/usage"
)

func (a *cli) statusCommand() *cobra.Command {
	return &cobra.Command{Use: "status", Short: "Show the status of the daemon", Example: "  vocoderctl status\n  vocoderctl status --json", Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), replyTimeout)
			defer cancel()
			s, err := a.client().Status(ctx)
			switch {
			case err != nil:
				return err
			case a.json:
				return a.print(s)
			}
			show := page
			if a.terminal {
				show = table
			}
			_, err = fmt.Fprint(a.stdout, show(s, time.Now()))
			return err
		}}
}

// maxLine limits a line of the status, in characters. A problem comes with its advice.
const maxLine = 1200

// page returns a status as it is outside of a terminal. Scripts read the first lines,
// which are as vocoder 1.0 wrote them, with its capital True.
func page(s control.Status, now time.Time) string {
	lines := []string{"Vocoder Daemon Status:"}
	add := func(name, format string, args ...any) {
		lines = append(lines, printable.Line(fmt.Sprintf(name+": "+format, args...), maxLine))
	}
	add("status", "%s", s.Running)
	add("typing_tool", "%s", s.Tool)
	add("recording", "%s", map[bool]string{false: "False", true: "True"}[s.Recording])
	add("state", "%s, for %v", s.Summary(), max(now.Sub(s.Since), 0).Round(time.Second))
	for _, part := range s.Missing() {
		add(string(part), "%s", s.Lacks[part])
	}
	if s.Key != "" {
		add("key", "%s", s.Key)
	}
	if s.Language != "" {
		add("language", "%s", s.Languages())
	}
	add("waiting", "%d", s.Waiting)
	add("kept", "%d%s", s.Kept, ifTrue(s.Kept > 0, " (vocoderctl retry)"))
	if s.Last.Outcome != "" {
		add("last", "%s, %v ago%s", s.Last.String(), max(now.Sub(s.Last.At), 0).Round(time.Second), ifTrue(s.RetryTypesRefused(), " (vocoderctl retry types it all the same)"))
	}
	add("version", "%s", s.Version)
	return strings.Join(lines, "\n  ") + "\n"
}

func ifTrue(condition bool, text string) string {
	if !condition {
		return ""
	}
	return text
}

// isTerminal reports whether f is a terminal. Source: ioctl_tty(2).
func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// table returns a status for people.
func table(s control.Status, now time.Time) string {
	var b strings.Builder
	add := func(name, format string, args ...any) {
		b.WriteString(printable.Line(fmt.Sprintf("%-11s "+format, append([]any{name}, args...)...), maxLine) + "\n")
	}
	add(s.Summary(), "for %v", max(now.Sub(s.Since), 0).Round(time.Second))
	for _, part := range s.Missing() {
		add("problem", "%s", s.Lacks[part])
	}
	add("key", "%s", s.Key)
	if s.Language != "" {
		add("language", "%s", s.Languages())
	}
	if s.Waiting > 0 {
		add("waiting", "%d", s.Waiting)
	}
	if s.Kept > 0 {
		add("kept", "%d: `vocoderctl retry` types them", s.Kept)
	}
	if s.Last.Outcome != "" {
		add("last", "%s, %v ago%s", s.Last.String(), max(now.Sub(s.Last.At), 0).Round(time.Second), ifTrue(s.RetryTypesRefused(), ": `vocoderctl retry` types it all the same"))
	}
	add("version", "%s", s.Version)
	return b.String()
}
