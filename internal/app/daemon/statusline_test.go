package daemon

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/environ"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/test/tty"
)

// words is the text of every recording in these tests. No part of it may be shown.
const words = "Xylophone"

// A speaker is a microphone, a recognizer and a keyboard. Each waits until its channel
// closes. The microphone has sound when the status says that it records.
type speaker struct {
	output                *terminal.Output
	records, hears, types chan struct{}
	typed                 chan struct{} // closed after the first text
}

func (s speaker) Record(ctx context.Context, _ int, stop <-chan struct{}) (dictate.Recording, error) {
	if s.output != nil {
		if err := await(ctx, s.records); err != nil {
			return nil, err
		}
		s.output.Level(capture.Frame{Peak: -15, Level: -30})
	}
	select {
	case <-stop:
	case <-ctx.Done():
	}
	return s, nil
}

func (s speaker) Duration() time.Duration { return time.Second }
func (s speaker) Wipe()                   {}

func (s speaker) Text(ctx context.Context, _ bool) (string, error) {
	return words, await(ctx, s.hears)
}

func (s speaker) Type(ctx context.Context, _ string) (dictate.Outcome, string, error) {
	return dictate.Typed, "", await(ctx, s.types)
}

func await(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// In a terminal the last line shows the state of a dictation, its level and how long it
// took. The log is above it, and no line contains the text. In a narrow terminal the line is
// shorter, and still one line.
func TestLiveTerminal(t *testing.T) {
	for _, tt := range []struct {
		name    string
		columns int
		env     string
		lines   []string // while idle, listening, thinking, idle again
	}{
		{"wide", 120, "", []string{`^idle; hold F13 and speak$`, `^\[#{20}-{10} {10}\] -30 dB  listening$`, `^thinking$`, `^idle; hold F13 and speak \(last: typed after [0-9.]+m?s\)$`}},
		{"narrow", 26, "", []string{`^idle; hold F13 and speak$`, `^\[#{20}-{4}$`, `^thinking$`, `^idle; hold F13 and speak ?$`}},
		{"no colors", 120, "NO_COLOR", []string{`^idle`, `^\[#.* listening$`, `^thinking`, `last: typed after [0-9.]+m?s\)$`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			master, pts := tty.Open(t)
			tty.Resize(t, master, tt.columns)
			if err := master.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			g := tty.NewScreen(t, tt.columns)
			d, s, end := startSpeaker(t, environ.Env{Stderr: pts, Lookup: func(name string) (string, bool) { return "1", name == tt.env }})
			for i, step := range []func(){
				func() { d.status.setKeys("KEY_F13") },
				func() { press(t, d) },
				func() { release(t, d) },
				func() { close(s.hears); close(s.types) },
			} {
				step()
				g.Until(master, regexp.MustCompile(tt.lines[i]))
			}
			d.log.Info("above")
			end()
			d.output.End()
			if _, err := pts.WriteString("END"); err != nil {
				t.Fatal(err)
			}
			g.Until(master, regexp.MustCompile(`^END$`)) // the line was erased
			if seen := g.String(); strings.Contains(seen, words[:4]) || !strings.Contains(strings.ReplaceAll(seen, "\n", ""), "level=INFO msg=above") {
				t.Errorf("one sees %s", seen)
			}
			for _, l := range g.Lines() {
				if i := strings.Index(l, "time="); i > 0 {
					t.Errorf("what is logged stands in the line %q", l)
				}
			}
		})
	}
}

// Without a terminal, or on a dumb one, the daemon writes only the log.
func TestLiveElsewhere(t *testing.T) {
	master, dumb := tty.Open(t)
	if err := master.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	for _, tt := range []struct {
		name    string
		stderr  io.Writer
		written func() string
	}{
		{"file", &file, file.String},
		{"dumb terminal", dumb, func() string {
			if _, err := dumb.WriteString("END"); err != nil {
				t.Fatal(err)
			}
			var got []byte
			for b := make([]byte, 4096); !bytes.HasSuffix(got, []byte("END")); {
				n, err := master.Read(b)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, b[:n]...)
			}
			return strings.ReplaceAll(strings.TrimSuffix(string(got), "END"), "\r\n", "\n") // ONLCR: termios(3)
		}},
	} {
		d, s, end := startSpeaker(t, environ.Env{Stderr: tt.stderr, Lookup: func(name string) (string, bool) { return "dumb", name == "TERM" }})
		close(s.hears)
		close(s.types)
		press(t, d)
		release(t, d)
		<-s.typed
		end()
		d.output.End()
		got := tt.written()
		for line := range strings.Lines(got) {
			if !strings.HasPrefix(line, "time=") || !strings.HasSuffix(line, "\n") {
				t.Errorf("%s: it writes %q", tt.name, line)
			}
		}
		if !strings.Contains(got, "utterance") || strings.Contains(got, words[:4]) || strings.ContainsAny(got, "\r\x1b") {
			t.Errorf("%s: it writes %q", tt.name, got)
		}
	}
}

// startSpeaker runs a dictation with the status, the line and the log of a daemon. end ends
// it and waits for that.
func startSpeaker(t *testing.T, env environ.Env) (d *daemon, s speaker, end func()) {
	t.Helper()
	d = &daemon{}
	d.output = terminal.NewOutput(env)
	env.Stderr = d.output
	go d.output.Run()
	d.log = settings.Logger(env, config.Config{Debug: true})
	s = speaker{d.output, make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})}
	var records, once sync.Once
	d.status.show = func(line string, c control.Status) {
		d.output.Show(line, c)
		if c.Recording {
			records.Do(func() { close(s.records) })
		}
		if c.Last.Outcome != "" {
			once.Do(func() { close(s.typed) })
		}
	}
	for _, part := range needed {
		d.status.setProblem(part, "", "")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	p := policy(config.Default())
	p.MinHold = 0
	d.dictation = dictate.New(dictate.Config{Policy: p, Recorder: s, Typist: s, Log: d.log, Watch: d.status.setDictation, Grace: time.Second})
	go func() { d.dictation.Run(ctx, nil); close(done) }()
	return d, s, func() {
		cancel()
		<-done
	}
}
