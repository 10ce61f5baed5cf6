package dictate

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	policy = Policy{
		Modes:   []Mode{Hold, Toggle, Auto},
		MinHold: 200 * time.Millisecond,
		MaxHold: time.Minute,
		Tap:     400 * time.Millisecond,
		Stale:   30 * time.Second,
		Keep:    10 * time.Minute,
		Sound:   2 * time.Hour,
	}
	epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// TestStep runs the scripts of testdata. In a script each line is an event
// and, after the arrow, the effects that it must have; # begins a comment.
func TestStep(t *testing.T) {
	files, err := filepath.Glob("testdata/*.script")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".script")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var s State
			n := 0
			for line := range strings.Lines(string(text)) {
				n++
				line, _, _ = strings.Cut(line, "#")
				in, want, ok := strings.Cut(line, "->")
				if !ok {
					continue
				}
				if left, is := strings.CutPrefix(strings.TrimSpace(in), "left"); is { // what LastText returns
					if got := s.left.Left; got != strings.TrimSpace(left) {
						t.Fatalf("%s:%d: %q is left out", file, n, got)
					}
					continue
				}
				ev, err := parseEvent(strings.Fields(in))
				if err != nil {
					t.Fatalf("%s:%d: %v", file, n, err)
				}
				var do []Effect
				s, do = Step(s, policy, ev)
				if got, want := format(do), strings.Join(strings.Fields(want), " "); got != want {
					t.Fatalf("%s:%d: %s -> %s\nwant %s", file, n, strings.TrimSpace(in), got, want)
				}
			}
		})
	}
}

// parseEvent reads an event: its name, its time if it has one, and its arguments.
func parseEvent(f []string) (Event, error) {
	arg := func(i int) string {
		if i < len(f) {
			return f[i]
		}
		return ""
	}
	at := func(i int) time.Time {
		d, err := time.ParseDuration(arg(i))
		if err != nil {
			panic(err)
		}
		return epoch.Add(d)
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(arg(i))
		return n
	}
	switch arg(0) {
	case "press":
		return Press{number(2), at(1)}, nil
	case "release":
		return Release{number(2), at(1), false}, nil
	case "unplug":
		return Release{number(2), at(1), true}, nil
	case "begin":
		return Begin{0, at(1)}, nil
	case "end":
		return End{at(1)}, nil
	case "toggle":
		return BeginOrEnd{0, at(1)}, nil
	case "quiet":
		return Quiet{at(1)}, nil
	case "cancel":
		return Cancel{}, nil
	case "clear":
		return Clear{}, nil
	case "retry":
		return Retry{at(1)}, nil
	case "again":
		return Again{at(1)}, nil
	case "away":
		return Away{Session, at(1)}, nil
	case "back":
		return Back{Session, at(1)}, nil
	case "pause":
		return Away{Pause, at(1)}, nil
	case "resume":
		return Back{Pause, at(1)}, nil
	case "slept": // when, and for how long
		d, err := time.ParseDuration(arg(2))
		return Slept{d, at(1)}, err
	case "quit":
		return Quit{at(1)}, nil
	case "expire":
		return Expire{at(1)}, nil
	case "recorded":
		length := time.Second
		if arg(2) != "" {
			d, err := time.ParseDuration(arg(2))
			if err != nil {
				return nil, err
			}
			length = d
		}
		return Recorded{ID: ID(number(1)), Length: length}, nil
	case "nosound": // why, if there is a reason
		return Recorded{ID: ID(number(1)), Reason: reason(arg(2))}, nil
	case "heard":
		return Heard{ID: ID(number(1)), Text: arg(2), Left: Partly{Left: arg(3)}, At: epoch}, nil
	case "refused": // when, why if it was not silence, and what
		return Heard{ID: ID(number(1)), At: at(2), Reason: reason(arg(3)), Text: arg(4)}, nil
	case "failed":
		return Failed{ID(number(1)), at(2)}, nil
	case "written": // what is left, and why
		return Written{ID(number(1)), Typed, reason(arg(3)), arg(2), epoch}, nil
	}
	return nil, fmt.Errorf("no event %q", arg(0))
}

// reason returns a Reason, in which _ is a space.
func reason(s string) Reason { return Reason(strings.ReplaceAll(s, "_", " ")) }

func format(do []Effect) string {
	var out []string
	for _, e := range do {
		switch e := e.(type) {
		case Record:
			out = append(out, fmt.Sprintf("record(%d)", e.ID))
		case Finish:
			out = append(out, fmt.Sprintf("finish(%d)", e.ID))
		case Discard:
			out = append(out, fmt.Sprintf("discard(%d)", e.ID))
		case Transcribe:
			anyway := ""
			if e.Anyway {
				anyway = ",anyway"
			}
			out = append(out, fmt.Sprintf("transcribe(%d%s)", e.ID, anyway))
		case Drop:
			out = append(out, fmt.Sprintf("drop(%d)", e.ID))
		case Type:
			out = append(out, fmt.Sprintf("type(%d,%s)", e.ID, e.Text))
		case Interrupt:
			out = append(out, fmt.Sprintf("interrupt(%d)", e.ID))
		case Ended:
			end := string(e.Outcome)
			if e.Reason != "" {
				end += ":" + strings.ReplaceAll(string(e.Reason), " ", "_")
			}
			if e.Held {
				end += ",held"
			}
			out = append(out, fmt.Sprintf("ended(%d,%s)", e.ID, end))
		case Forget:
			lost := ""
			if e.Lost {
				lost = ",lost"
			}
			out = append(out, fmt.Sprintf("forget(%d%s)", e.ID, lost))
		case Wipe:
			out = append(out, fmt.Sprintf("wipe(%d)", e.ID))
		}
	}
	return strings.Join(out, " ")
}
