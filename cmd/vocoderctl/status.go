package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/usage"
)

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{Use: "status", Short: "Tell how the daemon is", Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), patience)
			defer cancel()
			s, err := a.client().Status(ctx)
			switch {
			case err != nil:
				return err
			case a.json:
				return a.print(s)
			}
			_, err = fmt.Fprint(a.stdout, page(s, time.Now()))
			return err
		}}
}

// page tells a status to people. The first lines are as the program that
// vocoder replaces wrote them, its capital True too: scripts look for them.
func page(s control.Status, now time.Time) string {
	lines := []string{"Vocoder Daemon Status:"}
	say := func(name, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("  "+name+": "+format, args...))
	}
	recording := "False"
	if s.Recording {
		recording = "True"
	}
	say("status", "%s", s.Running)
	say("typing_tool", "%s", s.Tool)
	say("recording", "%s", recording)
	say("state", "%s, for %v", s.Summary(), max(now.Sub(s.Since), 0).Round(time.Second))
	for _, part := range s.Missing() {
		say(string(part), "%s", s.Lacks[part])
	}
	if s.Key != "" {
		say("key", "%s", s.Key)
	}
	if s.Language != "" {
		say("language", "%s", s.Languages())
	}
	say("waiting", "%d", s.Waiting)
	say("kept", "%d%s", s.Kept, ifTrue(s.Kept > 0, " (vocoderctl retry)"))
	if s.Last.Outcome != "" {
		say("last", "%s, %v ago%s", s.Last.String(), max(now.Sub(s.Last.At), 0).Round(time.Second), ifTrue(s.RetryTypesRefused(), " (vocoderctl retry types it all the same)"))
	}
	say("version", "%s", s.Version)
	return strings.Join(lines, "\n") + "\n"
}

func ifTrue(condition bool, text string) string {
	if !condition {
		return ""
	}
	return text
}
