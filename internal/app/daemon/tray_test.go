package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/tray"
)

func TestFace(t *testing.T) {
	lacks := map[control.Part]string{control.Recognizer: "down"}
	for _, tt := range []struct {
		name string
		s    control.Status
		want tray.Face
	}{
		{"idle", control.Status{}, tray.Face{Text: "idle"}},
		{"listening comes first", control.Status{Recording: true, Waiting: 1, Lacks: lacks}, tray.Face{Mood: tray.Listening, Text: "listening; down"}},
		{"thinking", control.Status{Waiting: 1, Language: "de"}, tray.Face{Mood: tray.Thinking, Text: "thinking; language: de (German)"}},
		{"paused", control.Status{Pause: control.PausedByCommand, Lacks: lacks}, tray.Face{Mood: tray.Paused, Text: "paused (by command); down"}},
		{"problem", control.Status{Lacks: lacks}, tray.Face{Mood: tray.Problem, Text: "problem; down"}},
	} {
		if got := face(tt.s.Complete()); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

type noDaemon struct{}

func (noDaemon) Do(context.Context, control.Command) error { return nil }
func (noDaemon) Last() (control.Text, bool)                { return control.Text{}, false }

// The service manager, the tray and the control socket show the same for every
// state.
func TestOneStatus(t *testing.T) {
	socket := control.Path(t.TempDir())
	l, err := control.Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	server := control.Server{Daemon: noDaemon{}, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx, l) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	seen := map[control.State]bool{}
	for bits := range 1 << 6 {
		is := func(bit int) bool { return bits>>bit&1 == 1 }
		var line string
		var shown control.Status
		b := status{keys: "KEY_F13", show: func(l string, s control.Status) { line, shown = l, s }}
		for _, part := range needed {
			b.setProblem(part, "", "")
		}
		work := dictate.Status{Recording: is(0), Typing: is(1), Paused: is(3)}
		if is(2) {
			work.Waiting = 1
		}
		if is(4) {
			b.setAway("locked")
		}
		if is(5) {
			b.setProblem(control.Recognizer, "down", "")
		}
		b.setDictation(work)
		server.Show(shown)
		read, err := control.Client{Path: socket}.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(face(shown))
		if want := fmt.Sprint(tray.Face{Mood: moods[read.State], Text: read.Line()}); got != want || line != read.Line() {
			t.Errorf("%06b: tray %s, socket %s, service manager %q", bits, got, want, line)
		}
		seen[read.State] = true
	}
	if len(seen) != len(moods) {
		t.Errorf("states %v, want all %d", seen, len(moods))
	}
}

// The outcomes and reasons that clients compare are those of dictate.
func TestOutcomes(t *testing.T) {
	for outcome, want := range map[dictate.Outcome]control.Outcome{
		dictate.Refused: control.Refused, dictate.Typed: control.Typed, dictate.Pasted: control.Pasted,
		dictate.Clipboard: control.Clipboard, dictate.Kept: control.Kept,
	} {
		if string(outcome) != string(want) {
			t.Errorf("%v, want %s", outcome, want)
		}
	}
	if dictate.Password != control.ReasonPassword || dictate.Silence != control.ReasonSilence || dictate.NotSpeech != control.ReasonNotSpeech {
		t.Errorf("%s, %s", dictate.Silence, dictate.NotSpeech)
	}
}
