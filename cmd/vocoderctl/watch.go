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
	line func(shown) (string, error)
	bar  bool // for a status bar, which also shows that no daemon runs
}

// shown is a status, and the meter of the microphone if it is asked for.
type shown struct {
	control.Status
	meter meter
}

var formats = map[string]format{
	"json":     {line: func(s shown) (string, error) { return plain(s.Status) }},
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

With --levels, while the daemon listens, the bars show how loud the microphone
is, and json prints a line with the level, from 0 to 100, up to 15 times a
second.

With --partial, json also prints a line with the words so far while you speak.
The daemon asks the recognizer for them only if a program wants them.`,
		Args:    usage.NoArgs,
		Example: "  vocoderctl watch\n  vocoderctl watch --format waybar --levels",
	}
	levels := c.Flags().Bool("levels", false, "show how loud the microphone is")
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
		return a.watch(c, f, *levels, *partial)
	}
	return c
}

// events returns functions that write a line for each event. Levels and partial ask for
// those of the microphone and the words.
func (f format) events(write func(line string, err error) error, levels, partial bool) control.Events {
	var now shown
	e := control.Events{Status: func(s control.Status) error {
		now.Status = s
		if !s.Recording {
			now.meter = meter{}
		}
		return write(f.line(now))
	}}
	if levels {
		e.Level = func(l control.Level) error {
			if !f.bar {
				return write(plain(l))
			}
			now.meter.add(l)
			return write(f.line(now))
		}
	}
	if partial {
		e.Words = func(p control.Partial) error { return write(plain(p)) }
	}
	return e
}

// watch writes a line for each event until c is interrupted. For a bar it also writes when
// the daemon has ended, and waits for the next one.
func (a *cli) watch(c *cobra.Command, f format, levels, partial bool) error {
	ctx, client := c.Context(), a.client()
	events := f.events(func(line string, err error) error {
		if err == nil {
			_, err = io.WriteString(a.stdout, line+"\n")
		}
		return err
	}, levels, partial)
	if _, err := io.WriteString(a.stdout, f.head); err != nil {
		return err
	}
	for {
		err := client.Follow(ctx, events)
		if err == nil || !f.bar || !errors.Is(err, control.ErrNotRunning) {
			return err
		}
		if err := events.Status(control.Status{State: control.Stopped}); err != nil {
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

// A meter is the last levels of a recording, from 0 to 100, the newest last. The zero meter
// has none.
type meter []int

// meterBars is how many levels a status bar shows: those of the last half second.
const meterBars = 8

func (m *meter) add(l control.Level) {
	if len(*m) == 0 {
		*m = make(meter, meterBars)
	}
	*m = append((*m)[1:], min(max(l.Level, 0), 100))
}

// String returns a space and a block for each level. It is empty if there are none.
func (m meter) String() string {
	if len(m) == 0 {
		return ""
	}
	blocks := []rune("▁▂▃▄▅▆▇█")
	text := []rune{' '}
	for _, level := range m {
		text = append(text, blocks[level*(len(blocks)-1)/100])
	}
	return string(text)
}

// waybar returns a status for a custom module. The text is empty while the daemon is idle,
// which hides the module unless it shows {icon}. The tooltip is Pango markup. Source:
// waybar-custom(5).
func waybar(s shown) (string, error) {
	text := string(s.State) + s.meter.String()
	if s.State == control.Idle {
		text = ""
	}
	b, err := printable.Marshal(struct {
		Text    string `json:"text"`
		Alt     string `json:"alt"`
		Tooltip string `json:"tooltip"`
		Class   string `json:"class"`
	}{text, string(s.State), html.EscapeString(strings.Join(describe(s.Status), "\n")), string(s.State)})
	return string(b), err
}

// i3bar returns a status as one block. Source: i3wm.org/docs/i3bar-protocol.html.
func i3bar(s shown) (string, error) {
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
	}{{"vocoder", strings.Join(describe(s.Status), "; ") + s.meter.String(), string(s.State) + s.meter.String(), colors[s.State], s.State == control.Problem}})
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
