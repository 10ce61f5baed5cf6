package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/test/recognizer"
)

// The status line shows what the daemon does now or, if that is nothing, what it waits for.
func TestStatus(t *testing.T) {
	var got []string
	b := status{keys: "KEY_F13", show: func(line string, _ control.Status) {
		if len(got) == 0 || got[len(got)-1] != line {
			got = append(got, line)
		}
	}}
	b.setProblem("key", "", "")
	b.setProblem("microphone", "waiting for the sound server", "")
	b.setProblem("microphone", "waiting for the sound server", "") // nothing new
	b.setProblem("microphone", "", "")
	b.setProblem("keyboard", "", "")
	b.setDictation(dictate.Status{Recording: true})
	b.setDictation(dictate.Status{Waiting: 1})
	b.setProblem("recogniser", "recognizer: no server listens there", "")
	b.setDictation(dictate.Status{Kept: 1})
	b.setAway("locked")
	b.setAway("")
	b.setProblem("recogniser", "", "")
	want := []string{
		"starting",
		"problem; waiting for the sound server",
		"starting",
		"idle; hold F13 and speak",
		"listening",
		"thinking",
		"thinking; recognizer: no server listens there",
		"problem; recognizer: no server listens there; 1 kept to be retried",
		"paused (session locked); recognizer: no server listens there; 1 kept to be retried",
		"problem; recognizer: no server listens there; 1 kept to be retried",
		"idle; hold F13 and speak; 1 kept to be retried",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestMissing: each new problem of a part is reported once, and again after the part worked.
func TestMissing(t *testing.T) {
	var got []string
	s := status{missing: func(part control.Part, problem string) { got = append(got, string(part)+": "+problem) }}
	for _, problem := range []string{"", "no server", "no server", "muted", "", "no server"} {
		s.setProblem(control.Microphone, problem, "")
	}
	if want := []string{"microphone: no server", "microphone: muted", "microphone: no server"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestProblemPrintable: what a server said reaches no client raw, and no notification.
func TestProblemPrintable(t *testing.T) {
	var s status
	s.setProblem(control.Recognizer, "recognizer: failed", "; it said: \x1b]0;x\x07\u202e"+strings.Repeat("y", 9999))
	if got := s.now().Lacks[control.Recognizer]; !printable.IsText(got) || len(got) > 2000 || !strings.Contains(got, "failed; it said: �]0;x") {
		t.Errorf("%q", got)
	}
}

func TestWorking(t *testing.T) {
	var b status
	if b.working("key") {
		t.Error("a part that has reported nothing works")
	}
	b.setProblem("key", "missing", "")
	if b.working("key") {
		t.Error("a part with a problem works")
	}
	b.setProblem("key", "", "")
	if !b.working("key") || b.working("key", "microphone") {
		t.Error("a part that has reported no problem does not work, or another does")
	}
}

// A client gets the recognizer's own words about an error. Neither the status line in the
// journal nor the log contains them.
func TestSaid(t *testing.T) {
	var log bytes.Buffer
	cfg := settings.Default()
	cfg.Whisper[0].URL = recognizer.Refusing(t)
	d := &daemon{log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	r, err := recognition.New(cfg, recognition.Options{Env: environ.Env{Lookup: func(string) (string, bool) { return "", false }}, Log: d.log, Report: d.reportProblem})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var line string
	var shown control.Status
	d.status.show = func(l string, s control.Status) { line, shown = l, s }
	_, err = r.Transcribe(t.Context(), pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)})
	if err == nil {
		t.Fatal("no error")
	}
	if !strings.Contains(shown.Lacks["recogniser"], "it said: Model 'canary' is not installed") || !strings.Contains(shown.Lacks["recogniser"], "install the model") {
		t.Errorf("status: %q", shown.Lacks["recogniser"])
	}
	for where, text := range map[string]string{"the line": line, "the log": log.String(), "the error": err.Error()} {
		if strings.Contains(text, "canary") || text == "" {
			t.Errorf("%s: %q", where, text)
		}
	}
	d.reportProblem("recogniser", nil)
	if len(shown.Lacks) > 0 {
		t.Errorf("it is well, status %q", shown.Lacks)
	}
	if got := hint.Advice(errors.New("x")); got != "" {
		t.Errorf("%q", got)
	}
	if got := fmt.Sprint(hint.Said(nil), hint.Advice(nil)); got != "" {
		t.Errorf("%q", got)
	}
}

// TestSameEnd: a retry that ends as the utterance did before is a new end for all that show ends.
func TestSameEnd(t *testing.T) {
	var shown []control.End
	var last lastStatus
	messages := 0
	s := status{show: func(_ string, now control.Status) {
		shown = append(shown, now.Last)
		if m, changed := last.notification(now); changed && m.Urgent {
			messages++
		}
	}}
	kept := dictate.Status{Kept: 1, Ends: 1, Last: dictate.Ended{ID: 1, Outcome: dictate.Kept, Reason: dictate.NoAnswer}}
	s.setDictation(kept)
	s.setDictation(kept) // nothing new
	retried := kept
	retried.Kept, retried.Waiting = 0, 1
	s.setDictation(retried)
	kept.Ends = 2
	s.setDictation(kept)
	if len(shown) != 3 || shown[0] != shown[1] || shown[2].At == shown[0].At || messages != 2 {
		t.Errorf("%d messages for %+v", messages, shown)
	}
}
