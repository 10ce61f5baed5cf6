package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/test/recognizer"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// TestTranscribe: standard output has only the words. Messages, and what the recognizer
// says of an error, go to standard error.
func TestTranscribe(t *testing.T) {
	s := &recognizer.Server{}
	url := s.Start(t)
	invents := (&recognizer.Server{Says: "Thank you."}).Start(t)
	small := (&recognizer.Server{Says: "iyi günler"}).Start(t)
	takes := filepath.Join(t.TempDir(), "takes")
	if err := os.WriteFile(takes, []byte("#!/bin/sh\nexit 77\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	wav := string(pcm.Clip{Rate: pcm.Rate, Samples: slices.Repeat([]int16{1001}, pcm.Rate)}.WAV())
	for _, tt := range []struct {
		name        string
		args        []string
		status      int
		out, errors string
	}{
		{"words", []string{"--url", url, "--dialect", "vocoder"}, 0, "word1\n", ""},
		{"of a file", []string{"--url", url, "-"}, 0, "word1\n", ""},
		{"command", []string{"--url", url, "--text-command", "tr w W"}, 0, "Word1\n", ""},
		{"command fails", []string{"--url", url, "--text-command", "false"}, 0, "word1\n", "warning: run false: exit status 1"},
		{"a capital", []string{"--url", url, "--text-casing", "sentence"}, 0, "Word1\n", ""},
		{"in Turkish", []string{"--url", small, "--dialect", "vocoder", "--text-casing", "sentence", "--language", "tr"}, 0, "İyi günler\n", ""},
		{"command takes it", []string{"--url", url, "--text-command", takes}, 0, "\n", "text.command took the text"},
		{"made up", []string{"--url", invents, "--dialect", "vocoder"}, exitFailed, "", "would not type it: Thank you."},
		{"no model", []string{"--url", recognizer.Refusing(t)}, exitFailed, "", "the recognizer said: Model 'canary' is not installed locally."},
		{"no model, hint", []string{"--url", recognizer.Refusing(t)}, exitFailed, "", "hint: install the model"},
		{"language", []string{"--url", url, "--language", "klingon"}, exitConfig, "", "--whisper-language"},
	} {
		status, stdout, stderr := call(t, "", wav, append([]string{"transcribe", "--audio-gate=false"}, tt.args...)...)
		if status != tt.status || stdout != tt.out || !strings.Contains(stderr, tt.errors) || tt.errors == "" && stderr != "" {
			t.Errorf("%s: exit status %d, %q, %q", tt.name, status, stdout, stderr)
		}
	}
	status, stdout, _ := call(t, "", wav, "transcribe", "--audio-gate=false", "--json", "--url", url)
	var got transcript
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || status != 0 {
		t.Fatal(err, status, stdout)
	}
	if got.Text != "word1" || got.Seconds != 1 || got.Took <= 0 || got.URL != url+"/v1/transcribe" && got.URL != url || got.Dialect != "vocoder" {
		t.Errorf("%+v", got)
	}
}

// TestTranscribeGate: transcribe does not send a recording without a voice. The hint says
// how to send it.
func TestTranscribeGate(t *testing.T) {
	s := &recognizer.Server{Says: "He was not."}
	url := s.Start(t)
	for _, rate := range []int{8000, pcm.Rate, 48000} {
		wav := string(pcm.Clip{Rate: rate, Samples: slices.Repeat([]int16{1001}, rate)}.WAV())
		status, stdout, stderr := call(t, "", wav, "transcribe", "--url", url)
		if status != exitFailed || stdout != "" || !strings.Contains(stderr, "no voice") || !strings.Contains(stderr, "hint: `vocoder transcribe --audio-gate=false`") {
			t.Errorf("%d Hz: exit status %d, %q, %q", rate, status, stdout, stderr)
		}
	}
	if got := s.Requests(); len(got) > 0 {
		t.Errorf("asked %d times", len(got))
	}
	sentence, err := os.ReadFile("../../internal/app/selftest/selftest.wav")
	if err != nil {
		t.Fatal(err)
	}
	if status, stdout, stderr := call(t, "", string(sentence), "transcribe", "--url", url); status != 0 || stdout != s.Says+"\n" || len(s.Requests()) != 1 {
		t.Errorf("a sentence: exit status %d, %q, %q, asked %d times", status, stdout, stderr, len(s.Requests()))
	}
}

// TestTranscribeSession: the recognizer gets the languages that the daemon would expect,
// also those of the keyboard layouts.
func TestTranscribeSession(t *testing.T) {
	asked := make(chan string, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := r.FormFile("file"); err != nil {
			http.Error(w, "send a file", http.StatusBadRequest)
			return
		}
		asked <- r.FormValue("language")
		_, _ = io.WriteString(w, `{"text": "word"}`)
	}))
	t.Cleanup(web.Close)
	clip := pcm.Clip{Rate: pcm.Rate, Samples: slices.Repeat([]int16{1001}, pcm.Rate)}
	for _, tt := range []struct{ setting, layout, want string }{
		{"locale", "en", "en"}, {"locale", "de", ""}, {"en", "de", "en"}, {"layout", "de", "de"},
	} {
		cfg := settings.Default()
		cfg.Whisper[0].URL, cfg.Whisper[0].Dialect, cfg.Whisper[0].Language = web.URL, whisper.Vocoder, tt.setting
		cfg.Audio.Gate = false
		a := &cli{Env: environ.Env{Stdout: io.Discard, Stderr: io.Discard, Lookup: func(name string) (string, bool) {
			return "en_US.UTF-8", name == "LANG"
		}}}
		keyboard := recognition.Keyboard{
			InEffect: func(context.Context) language.Choice { return language.Of(tt.layout) },
			All:      func(context.Context) [][]string { return [][]string{{tt.layout}} },
		}
		if err := transcribe(a, t.Context(), cfg, keyboard, clip, false); err != nil {
			t.Fatal(err)
		}
		if got := <-asked; got != tt.want {
			t.Errorf("%s with the layout %s: asked for %q, want %q", tt.setting, tt.layout, got, tt.want)
		}
	}
}

// TestTryLate: if a recognizer does not answer before the caller's deadline, the error says
// that it is late.
func TestTryLate(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(web.Close)
	cfg := settings.Default()
	w := cfg.Whisper[0]
	w.URL, w.Dialect = web.URL, whisper.Vocoder
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, _, err := recognition.Probe(ctx, environ.Env{Lookup: func(string) (string, bool) { return "", false }}, cfg, w)
	if e, ok := errors.AsType[*whisper.Error](err); !ok || e.Kind != whisper.Late || e.Waited == 0 || hint.Said(err) != "" || !strings.Contains(hint.Of(err), "smaller model") {
		t.Errorf("%v, hint %q", err, hint.Of(err))
	}
}

// vocabularyFile returns a file whose second line is wrong.
func vocabularyFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("a\n=> b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestBadRecognizers: the error of a wrong setting of the recognizer names the setting.
func TestBadRecognizers(t *testing.T) {
	for name, settings := range map[string]string{
		"text.vocabulary":     "text: {vocabulary: /nonexistent}\n",
		"/file: line 2":       "text: {vocabulary: " + vocabularyFile(t) + "}\n",
		"whisper.owners: ":    "whisper: {owners: [no-such-user]}\n",
		"recognizer dialect":  "whisper: {dialect: klingon}\n",
		"another machine":     "whisper:\n  - {url: 'http://127.0.0.1:1'}\n  - {url: 'http://gpu.example'}\n",
		"read API key: open ": "whisper: {key_file: /nonexistent}\n",
	} {
		status, _, stderr := call(t, settings, "", "run")
		if status != exitConfig || !strings.Contains(stderr, name) {
			t.Errorf("%q: exit status %d, %s", settings, status, stderr)
		}
	}
}
