package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// speechless answers everything with an error that has words of its own.
func speechless(t *testing.T) string {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"detail":"Model 'canary' is not installed locally."}`)
	}))
	t.Cleanup(web.Close)
	return web.URL + "/v1/audio/transcriptions"
}

// The words stand alone on standard output; everything else, and what the
// recogniser says, on standard error.
func TestTranscribe(t *testing.T) {
	s := &server{whole: make(chan string, 100)}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	wav := string(pcm.Clip{Rate: pcm.Rate, Samples: slices.Repeat([]int16{1001}, pcm.Rate)}.WAV())
	for _, tt := range []struct {
		name        string
		args        []string
		status      int
		out, errors string
	}{
		{"words", []string{"--url", web.URL, "--dialect", "vocoder"}, 0, "word1\n", ""},
		{"of a file", []string{"--url", web.URL, "-"}, 0, "word1\n", ""},
		{"command", []string{"--url", web.URL, "--text-command", "tr w W"}, 0, "Word1\n", ""},
		{"command fails", []string{"--url", web.URL, "--text-command", "false"}, 0, "word1\n", "warning: run false: exit status 1"},
		{"no model", []string{"--url", speechless(t)}, exitFailed, "", "the recogniser said: Model 'canary' is not installed locally."},
		{"no model, hint", []string{"--url", speechless(t)}, exitFailed, "", "hint: install the model"},
		{"language", []string{"--url", web.URL, "--language", "klingon"}, exitConfig, "", "--whisper-language"},
	} {
		status, stdout, stderr := call(t, "", wav, append([]string{"transcribe", "--audio-gate=false"}, tt.args...)...)
		if status != tt.status || stdout != tt.out || !strings.Contains(stderr, tt.errors) || tt.errors == "" && stderr != "" {
			t.Errorf("%s: exit status %d, %q, %q", tt.name, status, stdout, stderr)
		}
	}
	status, stdout, _ := call(t, "", wav, "transcribe", "--audio-gate=false", "--json", "--url", web.URL)
	var got heard
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || status != 0 {
		t.Fatal(err, status, stdout)
	}
	if got.Text != "word1" || got.Seconds != 1 || got.Took <= 0 || got.URL != web.URL+"/v1/transcribe" && got.URL != web.URL || got.Dialect != "vocoder" {
		t.Errorf("%+v", got)
	}
}

// What holds no voice is not sent, as by the daemon, and it is said what sends it.
func TestTranscribeGate(t *testing.T) {
	s := &server{whole: make(chan string, 100), says: "He was not."}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	for _, rate := range []int{8000, pcm.Rate, 48000} {
		wav := string(pcm.Clip{Rate: rate, Samples: slices.Repeat([]int16{1001}, rate)}.WAV())
		status, stdout, stderr := call(t, "", wav, "transcribe", "--url", web.URL)
		if status != exitFailed || stdout != "" || !strings.Contains(stderr, "no voice") || !strings.Contains(stderr, "hint: `vocoder transcribe --audio-gate=false`") {
			t.Errorf("%d Hz: exit status %d, %q, %q", rate, status, stdout, stderr)
		}
	}
	if got := s.requests(); len(got) > 0 {
		t.Errorf("asked %d times", len(got))
	}
	if status, stdout, stderr := call(t, "", string(sentence), "transcribe", "--url", web.URL); status != 0 || stdout != s.says+"\n" || len(s.requests()) != 1 {
		t.Errorf("a sentence: exit status %d, %q, %q, asked %d times", status, stdout, stderr, len(s.requests()))
	}
}

// What a recogniser says of an error reaches the user who asks, and neither the
// line of the unit nor a log.
func TestSaid(t *testing.T) {
	var log bytes.Buffer
	cfg := settings.Default()
	cfg.Whisper[0].URL = speechless(t)
	a := &app{Env: environ.Env{Lookup: func(string) (string, bool) { return "", false }}}
	b, err := a.newBrain(cfg, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	var line string
	var status control.Status
	d := &daemon{app: a, log: slog.New(slog.DiscardHandler)}
	d.board.show = func(l string, s control.Status) { line, status = l, s }
	b.told = d.tellOf
	_, err = b.transcribe(t.Context(), pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)})
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
	b.told("recogniser", nil)
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

// A recogniser that has not answered when the time of who asks is over is late,
// and told as that.
func TestTryLate(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(web.Close)
	p := &patient{app: &app{Env: environ.Env{Lookup: func(string) (string, bool) { return "", false }}}, cfg: settings.Default()}
	w := p.cfg.Whisper[0]
	w.URL, w.Dialect = web.URL, whisper.Vocoder
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, _, err := p.try(ctx, w)
	if e, ok := errors.AsType[*whisper.Error](err); !ok || e.Kind != whisper.Late || e.Waited == 0 || hint.Said(err) != "" || !strings.Contains(hint.Of(err), "smaller model") {
		t.Errorf("%v, hint %q", err, hint.Of(err))
	}
}
