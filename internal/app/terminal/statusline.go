package terminal

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
)

// A StatusLine is the last line of the terminal in which the daemon runs. It shows
// the status, the level while the daemon records, and how long the last text took. As
// an io.Writer it prints the log above that line. It is safe for concurrent use, and a
// nil StatusLine shows nothing.
type StatusLine struct {
	w       io.Writer
	columns func() int // of the terminal, 0 if unknown

	mu       sync.Mutex
	text     string
	status   control.Status
	meter    string
	released time.Time // when the last recording ended
	last     string    // how the last utterance ended
}

// NewStatusLine returns the status line of the terminal that standard error is. It
// returns nil if that is no terminal, or one that cannot erase a line: terminfo(5)
// calls it dumb.
func NewStatusLine(env environ.Env) *StatusLine {
	if !Is(env.Stderr) || env.Var("TERM") == "dumb" {
		return nil
	}
	return &StatusLine{w: env.Stderr, columns: func() int { return columns(env.Stderr) }}
}

// Write prints a part of the log above the line.
func (l *StatusLine) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := io.WriteString(l.w, eraseLine); err != nil {
		return 0, err
	}
	n, err := l.w.Write(b)
	l.draw()
	return n, err
}

// Show shows a status. Text is its summary.
func (l *StatusLine) Show(text string, s control.Status) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.status
	l.text, l.status = text, s
	switch {
	case s.Recording && !before.Recording:
		l.last, l.meter = "", ""
	case before.Recording && !s.Recording:
		l.released, l.meter = time.Now(), ""
	}
	if s.Last != before.Last && s.Last.Outcome != "" && !l.released.IsZero() {
		l.last = fmt.Sprintf("%s after %v", s.Last.Outcome, time.Since(l.released).Round(10*time.Millisecond))
		if s.Last.Reason != "" {
			l.last = fmt.Sprintf("%s: %s", s.Last.Outcome, s.Last.Reason)
		}
	}
	l.draw()
}

// Level shows the level of the microphone while the daemon records.
func (l *StatusLine) Level(now capture.Frame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.status.Recording {
		l.meter = fmt.Sprintf("[%s] %3.0f dB  ", bar(now), now.Level)
		l.draw()
	}
}

// End erases the line.
func (l *StatusLine) End() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.w, eraseLine) // the terminal may be gone
	l.text = ""
}

func (l *StatusLine) draw() {
	if l.text == "" {
		return
	}
	line := l.meter + l.text
	if l.last != "" {
		line += " (last: " + l.last + ")"
	}
	_, _ = io.WriteString(l.w, eraseLine+cut(line, l.columns())) // a terminal that is gone ends the daemon by SIGHUP
}
