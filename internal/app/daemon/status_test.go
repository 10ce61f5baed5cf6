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
	"github.com/arealicehole/vocoder/internal/test/recognizer"
)

// The status line says what is done now, or else what is waited for.
func TestBoard(t *testing.T) {
	var got []string
	b := board{key: "KEY_F13", show: func(line string, _ control.Status) {
		if len(got) == 0 || got[len(got)-1] != line {
			got = append(got, line)
		}
	}}
	b.lack("key", "")
	b.lack("microphone", "waiting for the sound server")
	b.lack("microphone", "waiting for the sound server") // nothing new
	b.lack("microphone", "")
	b.lack("keyboard", "")
	b.dictation(dictate.Status{Recording: true})
	b.dictation(dictate.Status{Waiting: 1})
	b.lack("recogniser", "recognizer: nobody listens there")
	b.dictation(dictate.Status{Kept: 1})
	b.session("locked")
	b.session("")
	b.lack("recogniser", "")
	want := []string{
		"starting",
		"problem; waiting for the sound server",
		"starting",
		"idle; hold KEY_F13 and speak",
		"listening",
		"thinking",
		"thinking; recognizer: nobody listens there",
		"problem; recognizer: nobody listens there; 1 kept to be retried",
		"paused (session locked); recognizer: nobody listens there; 1 kept to be retried",
		"problem; recognizer: nobody listens there; 1 kept to be retried",
		"idle; hold KEY_F13 and speak; 1 kept to be retried",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestBoardKnows(t *testing.T) {
	var b board
	if b.known("key") || !b.well("key") {
		t.Error("a part that said nothing is known, or not well")
	}
	b.lack("key", "missing")
	if !b.known("key") || b.well("key") {
		t.Error("a part that lacks something is not known, or well")
	}
}

// What a recognizer says of an error reaches the user who asks, and neither the
// line of the unit nor a log.
func TestSaid(t *testing.T) {
	var log bytes.Buffer
	cfg := settings.Default()
	cfg.Whisper[0].URL = recognizer.Refusing(t)
	d := &daemon{log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	r, err := recognition.New(cfg, recognition.Options{Env: environ.Env{Lookup: func(string) (string, bool) { return "", false }}, Log: d.log, Report: d.tellOf})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var line string
	var status control.Status
	d.board.show = func(l string, s control.Status) { line, status = l, s }
	_, err = r.Transcribe(t.Context(), pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)})
	if err == nil {
		t.Fatal("no error")
	}
	if !strings.Contains(status.Lacks["recogniser"], "it said: Model 'canary' is not installed") || !strings.Contains(status.Lacks["recogniser"], "install the model") {
		t.Errorf("status: %q", status.Lacks["recogniser"])
	}
	for where, text := range map[string]string{"the line": line, "the log": log.String(), "the error": err.Error()} {
		if strings.Contains(text, "canary") || text == "" {
			t.Errorf("%s: %q", where, text)
		}
	}
	d.tellOf("recogniser", nil)
	if len(status.Lacks) > 0 {
		t.Errorf("it is well, status %q", status.Lacks)
	}
	if got := hint.Advice(errors.New("x")); got != "" {
		t.Errorf("%q", got)
	}
	if got := fmt.Sprint(hint.Said(nil), hint.Advice(nil)); got != "" {
		t.Errorf("%q", got)
	}
}
