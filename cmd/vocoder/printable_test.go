package main

import (
	"bytes"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/printable"
)

// hostile changes the title and the clipboard of a terminal, and the direction of a line.
const hostile = "a\x1b]0;title\x07\x1b]52;c;aGk=\x07\u009b31m\u202eb\r\x00c"

// isPrintable reports an output that does more to a terminal than to show text.
func isPrintable(t *testing.T, what, output string) {
	t.Helper()
	if output == "" || !printable.IsText(output) {
		t.Errorf("%s: %q", what, output)
	}
}

// TestTranscribePrintable: words and errors of a server do nothing to a terminal, and reach
// a pipe as they would be typed.
func TestTranscribePrintable(t *testing.T) {
	wav := string(pcm.Clip{Rate: pcm.Rate, Samples: slices.Repeat([]int16{1001}, pcm.Rate)}.WAV())
	body, status := []byte(nil), 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	defer web.Close()
	args := []string{"transcribe", "--audio-gate=false", "--dialect", "openai", "--url", web.URL + "/v1/audio/transcriptions"}
	for _, tt := range []struct {
		name   string
		status int
		body   any
		args   []string
		want   string
	}{
		{"words", http.StatusOK, map[string]string{"text": "Hello" + hostile}, nil, "Hello"},
		{"words in JSON", http.StatusOK, map[string]string{"text": "Hello" + hostile}, []string{"--json"}, `"text":"Hello`},
		{"joiners stay", http.StatusOK, map[string]string{"text": "می\u200cخواهم 👩‍💻"}, nil, "می\u200cخواهم 👩‍💻\n"},
		{"an error", http.StatusBadRequest, map[string]string{"error": "no" + hostile}, nil, ""},
	} {
		var err error
		if body, err = printable.Marshal(tt.body); err != nil {
			t.Fatal(err)
		}
		status = tt.status
		_, stdout, stderr := call(t, "", wav, append(args, tt.args...)...)
		isPrintable(t, tt.name, stdout+stderr)
		if !strings.Contains(stdout, tt.want) {
			t.Errorf("%s: %q, %q", tt.name, stdout, stderr)
		}
	}
}

// TestTablesPrintable: names of devices, microphones and windows, lines of the settings and
// findings do nothing to a terminal, nor do command lines.
func TestTablesPrintable(t *testing.T) {
	var out bytes.Buffer
	a := &cli{Env: environ.Env{Stdout: &out, Stderr: &out}}
	device := evdev.Device{Path: "/dev/input/event1", Name: hostile}
	source := capture.Source{Name: hostile, Description: hostile, Volume: math.Inf(-1)}
	layout := inEffect{Groups: []string{hostile}, App: hostile, From: origins{Keymap: hostile}}
	for name, print := range map[string]func() error{
		"devices":      func() error { return printDevices(a, config.Default(), []evdev.Device{device}, false) },
		"devices JSON": func() error { return printDevices(a, config.Default(), []evdev.Device{device}, true) },
		"keys":         func() error { showDevices(a, evdev.Status{Devices: []evdev.Device{device}}); return nil },
		"sources":      func() error { return printSources(a, []capture.Source{source}, false) },
		"sources JSON": func() error { return printSources(a, []capture.Source{source}, true) },
		"layout":       func() error { return printLayout(a, layout, false) },
		"layout JSON":  func() error { return printLayout(a, layout, true) },
		"finding": func() error {
			printFinding(a.Stdout, report.Bad(report.Broken, "fix "+hostile, "%s", hostile))
			return nil
		},
		"settings":     func() error { return said(t, &out, hostile+": "+hostile+"\nkey: "+hostile+"\n", "config", "check") },
		"profile":      func() error { return said(t, &out, "", "--config", hostile, "config", "check") },
		"command":      func() error { return said(t, &out, "", hostile) },
		"flag":         func() error { return said(t, &out, "", "run", "--"+hostile) },
		"settings set": func() error { return said(t, &out, "", "config", "set", hostile, "x") },
		"value set":    func() error { return said(t, &out, "", "config", "set", "mode", hostile) },
		"zeros":        func() error { return said(t, &out, "key: "+strings.Repeat("\x00", 3000)+"\n", "config", "check") },
	} {
		out.Reset()
		if err := print(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		isPrintable(t, name, out.String())
		if n := out.Len(); n > 3000 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}

// said writes to out what a command line prints.
func said(t *testing.T, out *bytes.Buffer, settings string, args ...string) error {
	_, stdout, stderr := call(t, settings, "", args...)
	out.WriteString(stdout + stderr)
	return nil
}
