package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/language"
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
	say("state", "%s, for %v", summary(s), max(now.Sub(s.Since), 0).Round(time.Second))
	for _, part := range slices.Sorted(maps.Keys(s.Lacks)) {
		say(part, "%s", s.Lacks[part])
	}
	if s.Key != "" {
		say("key", "%s", s.Key)
	}
	if s.Language != "" {
		say("language", "%s", spoken(s))
	}
	say("waiting", "%d", s.Waiting)
	say("kept", "%d%s", s.Kept, ifAny(s.Kept, " (vocoderctl retry)"))
	if s.Last.Outcome != "" {
		say("last", "%s, %v ago%s", end(s.Last), max(now.Sub(s.Last.At), 0).Round(time.Second), insist(s))
	}
	say("version", "%s", s.Version)
	return strings.Join(lines, "\n") + "\n"
}

// summary is the state in a few words.
func summary(s control.Status) string {
	if s.State == control.Paused {
		return "paused (" + s.Pause + ")"
	}
	return string(s.State)
}

// spoken tells which languages are expected.
func spoken(s control.Status) string {
	text := s.Language
	if choice, err := language.ParseChoice(s.Language); err == nil && text != language.Auto {
		text += " (" + language.Names(choice.Codes) + ")"
	}
	if s.LanguageNote != "" {
		text += "; " + s.LanguageNote
	}
	return text
}

// end tells how an utterance ended.
func end(e control.End) string {
	if e.Reason == "" {
		return e.Outcome
	}
	return e.Outcome + " (" + e.Reason + ")"
}

// insist says how to have what was refused, if retry would take it up.
func insist(s control.Status) string {
	if s.Last.Outcome != "refused" || s.Last.Reason != "silence" && s.Last.Reason != "not speech" || s.Refused == 0 || s.Kept > 0 {
		return ""
	}
	return " (vocoderctl retry types it all the same)"
}

func ifAny(n int, text string) string {
	if n == 0 {
		return ""
	}
	return text
}
