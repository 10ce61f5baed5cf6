package daemon

import (
	"context"
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
	live                  *terminal.StatusLine
	records, hears, types chan struct{}
	typed                 chan struct{} // closed after the first text
}

func (s speaker) Record(ctx context.Context, _ int, stop <-chan struct{}) (dictate.Recording, error) {
	if s.live != nil {
		if err := await(ctx, s.records); err != nil {
			return nil, err
		}
		s.live.Level(capture.Frame{Peak: -15, Level: -30})
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
		{"wide", 120, "", []string{`^idle; hold KEY_F13 and speak$`, `^\[#{20}-{10} {10}\] -30 dB  listening$`, `^thinking$`, `^idle; hold KEY_F13 and speak \(last: typed after [0-9.]+m?s\)$`}},
		{"narrow", 30, "", []string{`^idle; hold KEY_F13 and speak$`, `^\[#{20}-{8}$`, `^thinking$`, `^idle; hold KEY_F13 and speak ?$`}},
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
			if d.statusLine == nil {
				t.Fatal("no line lives")
			}
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
			d.statusLine.End()
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
	_, pts := tty.Open(t)
	if terminal.NewStatusLine(environ.Env{Stderr: pts, Lookup: func(name string) (string, bool) { return "dumb", name == "TERM" }}) != nil {
		t.Error("a line lives in a dumb terminal")
	}
	var log safeBuffer
	d, s, end := startSpeaker(t, environ.Env{Stderr: &log, Lookup: func(string) (string, bool) { return "", false }})
	if d.statusLine != nil {
		t.Fatal("a line lives where no terminal is")
	}
	close(s.hears)
	close(s.types)
	press(t, d)
	release(t, d)
	<-s.typed
	end()
	for line := range strings.Lines(log.String()) {
		if !strings.HasPrefix(line, "time=") || !strings.HasSuffix(line, "\n") {
			t.Errorf("it writes %q", line)
		}
	}
	if got := log.String(); !strings.Contains(got, "utterance") || strings.Contains(got, words[:4]) || strings.ContainsAny(got, "\r\x1b") {
		t.Errorf("it writes %q", got)
	}
}

// A safeBuffer is a strings.Builder for several goroutines.
type safeBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *safeBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// startSpeaker runs a dictation with the status, the line and the log of a daemon. end ends
// it and waits for that.
func startSpeaker(t *testing.T, env environ.Env) (d *daemon, s speaker, end func()) {
	t.Helper()
	d = &daemon{}
	if d.statusLine = terminal.NewStatusLine(env); d.statusLine != nil {
		env.Stderr = d.statusLine
	}
	d.log = settings.Logger(env, config.Config{Debug: true})
	s = speaker{d.statusLine, make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})}
	var records, once sync.Once
	d.status.show = func(line string, c control.Status) {
		d.statusLine.Show(line, c)
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
