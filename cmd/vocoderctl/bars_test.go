package main

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"sync"
	"testing"

	"github.com/arealicehole/vocoder/internal/control"
)

// TestSixteenBars: the largest number of bars gets each change at once. Each reads as Waybar
// does: a line is an object, and the bar reads until the end of the line. Source:
// waybar-custom(5), "return-type": "json".
func TestSixteenBars(t *testing.T) {
	dir := t.TempDir()
	f := &fake{}
	start(t, dir, f)
	var bars, idle, listening sync.WaitGroup
	idle.Add(control.Clients)
	listening.Add(control.Clients)
	for range control.Clients {
		bars.Go(func() {
			status := watch(t, dir, "waybar", func(next func() string) {
				for _, step := range []struct {
					want string
					done *sync.WaitGroup
				}{{"idle", &idle}, {"listening", &listening}} {
					var s map[string]string
					line := next()
					if err := json.Unmarshal([]byte(line), &s); err != nil || s["class"] != step.want || s["alt"] != step.want {
						t.Errorf("got %s, want %s", line, step.want)
					}
					step.done.Done()
					step.done.Wait() // no watcher leaves before all have seen it
				}
			})
			if status != exitDone {
				t.Errorf("status %d", status)
			}
		})
	}
	idle.Wait()
	f.server.Show(control.Status{Recording: true})
	bars.Wait()
}

// FuzzFormats checks that each format returns one line of valid JSON for any status. Waybar's
// tooltip is markup of its text and has no tags.
func FuzzFormats(f *testing.F) {
	f.Add("idle", "KEY_F13", "session locked", "microphone", "muted & <off>", "refused", "silence", 2)
	f.Add("problem", "a\nb", "\x00\x1b[31m", "\xff", "</span>&#0;", "kept", "\u2028", -1)
	f.Fuzz(func(t *testing.T, state, key, pause, part, lack, outcome, reason string, kept int) {
		s := control.Status{State: control.State(state), Key: key, Pause: control.PauseReason(pause), Kept: kept,
			Lacks: map[control.Part]string{control.Part(part): lack}, Last: control.End{Outcome: control.Outcome(outcome), Reason: reason}}
		for name, format := range formats {
			line, err := format.line(shown{Status: s})
			if err != nil || strings.ContainsAny(line, "\n\r") {
				t.Fatalf("%s: %q: %v", name, line, err)
			}
			if !json.Valid([]byte(strings.TrimSuffix(line, ","))) {
				t.Fatalf("%s: %q is not JSON", name, line)
			}
		}
		line, _ := waybar(shown{Status: s}) // it was checked above
		var read struct{ Tooltip string }
		if err := json.Unmarshal([]byte(line), &read); err != nil {
			t.Fatal(err)
		}
		var text struct {
			All string `xml:",chardata"`
			Any []any  `xml:",any"`
		}
		if err := xml.Unmarshal([]byte("<markup>"+read.Tooltip+"</markup>"), &text); err != nil || len(text.Any) > 0 {
			t.Fatalf("tooltip %q: %v", read.Tooltip, err)
		}
	})
}
