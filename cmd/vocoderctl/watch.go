package main

import (
	"errors"
	"html"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/usage"
)

// A format is how watch writes a status: one line each.
type format struct {
	head string // the first line
	line func(control.Status) (string, error)
	bar  bool // for a status bar, which also shows that no daemon runs
}

var formats = map[string]format{
	"json":     {line: func(s control.Status) (string, error) { return plain(s) }},
	"waybar":   {line: waybar, bar: true},
	"i3status": {head: "{\"version\":1}\n[\n", line: i3bar, bar: true},
}

func formatNames() []string { return slices.Sorted(maps.Keys(formats)) }

func (a *cli) watchCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "watch",
		Short: "Show the daemon's status, now and whenever it changes",
		Long: `Show the daemon's status, now and whenever it changes, one line each.

json is the daemon's own status, and ends with the daemon. The others are for
status bars and wait for the daemon to come back: waybar for a custom module
with "return-type": "json", i3status for i3bar and swaybar, in the place of
i3status.

With --partial, json also prints a line with the words so far while you speak.
The daemon asks the recognizer for them only if a program wants them.`,
		Args:    usage.NoArgs,
		Example: "  vocoderctl watch\n  vocoderctl watch --format waybar",
	}
	partial := c.Flags().Bool("partial", false, "print the words while you speak")
	name := c.Flags().String("format", "json", "`FORMAT`: "+strings.Join(formatNames(), ", "))
	// It fails only for a flag that does not exist.
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp))
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, ok := formats[*name]
		if !ok {
			return usage.Errorf("no format %q: want one of %s", *name, strings.Join(formatNames(), ", "))
		}
		if *partial && f.bar {
			return usage.Errorf("--partial needs the format json, not %s", *name)
		}
		return a.watch(c, f, *partial)
	}
	return c
}

// watch writes a line for each status until c is interrupted, and with partial one for the
// words. For a bar it also writes when the daemon has ended, and waits for the next one.
func (a *cli) watch(c *cobra.Command, f format, partial bool) error {
	ctx, client := c.Context(), a.client()
	write := func(line string, err error) error {
		if err == nil {
			_, err = io.WriteString(a.stdout, line+"\n")
		}
		return err
	}
	show := func(s control.Status) error { return write(f.line(s)) }
	events := control.Events{Status: show}
	if partial {
		events.Words = func(p control.Partial) error { return write(plain(p)) }
	}
	if _, err := io.WriteString(a.stdout, f.head); err != nil {
		return err
	}
	for {
		err := client.Follow(ctx, events)
		if err == nil || !f.bar || !errors.Is(err, control.ErrNotRunning) {
			return err
		}
		if err := show(control.Status{State: control.Stopped}); err != nil {
			return err
		}
		if err := clock.Sleep(ctx, time.Second); err != nil { // a daemon that ends often does not keep the bar busy
			return err
		}
		if err := client.Await(ctx); err != nil {
			return err
		}
	}
}

func plain(event any) (string, error) {
	b, err := printable.Marshal(event)
	return string(b), err
}

// waybar returns a status for a custom module. The text is empty while the daemon is idle,
// which hides the module unless it shows {icon}. The tooltip is Pango markup. Source:
// waybar-custom(5).
func waybar(s control.Status) (string, error) {
	shown := string(s.State)
	if s.State == control.Idle {
		shown = ""
	}
	b, err := printable.Marshal(struct {
		Text    string `json:"text"`
		Alt     string `json:"alt"`
		Tooltip string `json:"tooltip"`
		Class   string `json:"class"`
	}{shown, string(s.State), html.EscapeString(strings.Join(describe(s), "\n")), string(s.State)})
	return string(b), err
}

// i3bar returns a status as one block. Source: i3wm.org/docs/i3bar-protocol.html.
func i3bar(s control.Status) (string, error) {
	colors := map[control.State]string{
		control.Listening: "#ff5555", control.Thinking: "#f1c40f", control.Typing: "#f1c40f",
		control.Problem: "#ff9900", control.Paused: "#888888", control.Stopped: "#888888",
	}
	b, err := printable.Marshal([]struct {
		Name   string `json:"name"`
		Full   string `json:"full_text"`
		Short  string `json:"short_text"`
		Color  string `json:"color,omitempty"`
		Urgent bool   `json:"urgent,omitempty"`
	}{{"vocoder", strings.Join(describe(s), "; "), string(s.State), colors[s.State], s.State == control.Problem}})
	return string(b) + ",", err
}

// describe returns a status as short texts, the most important first.
func describe(s control.Status) []string {
	texts := s.Texts()
	texts[0] = "vocoder: " + texts[0]
	if s.Language != "" {
		texts = append(texts, "language: "+s.Languages())
	}
	if s.Last.Outcome == control.Refused || s.Last.Outcome == control.Kept || s.Last.Outcome == control.Clipboard {
		texts = append(texts, "last: "+s.Last.String())
	}
	for i := range texts {
		texts[i] = printable.Line(texts[i], maxLine)
	}
	return texts
}
