package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/control"
)

// A live is the last line of a terminal in which the daemon runs: what it does,
// how loud it is while it listens, and how long the last words took. What is
// logged goes above it. It is safe for concurrent use; nil shows nothing.
type live struct {
	w     io.Writer
	width func() int // of the terminal, in columns; nil or 0 if it is not known

	mu       sync.Mutex
	line     string
	now      control.Status
	loud     string    // the meter
	released time.Time // when the recording under way ended
	took     string    // of the last words
}

// newLive returns the last line of the terminal that standard error is, nil if it
// is none, or one that cannot erase a line: terminfo(5) calls it dumb.
func (a *app) newLive() *live {
	if kind, _ := a.Lookup("TERM"); !isTerminal(a.Stderr) || kind == "dumb" {
		return nil
	}
	terminal := a.Stderr
	return &live{w: terminal, width: func() int { return columns(terminal) }}
}

// erase returns to the beginning of the line and empties it. Source: EL in
// console_codes(4).
const erase = "\r\x1b[K"

// Write implements io.Writer for what is logged.
func (l *live) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := io.WriteString(l.w, erase); err != nil {
		return 0, err
	}
	n, err := l.w.Write(b)
	l.draw()
	return n, err
}

// status takes what the daemon does.
func (l *live) status(line string, s control.Status) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.now
	l.line, l.now = line, s
	switch {
	case s.Recording && !before.Recording:
		l.took, l.loud = "", ""
	case before.Recording && !s.Recording:
		l.released, l.loud = time.Now(), ""
	}
	if s.Last != before.Last && s.Last.Outcome != "" && !l.released.IsZero() {
		l.took = fmt.Sprintf("%s after %v", s.Last.Outcome, time.Since(l.released).Round(10*time.Millisecond))
		if s.Last.Reason != "" {
			l.took = s.Last.Outcome + ": " + s.Last.Reason
		}
	}
	l.draw()
}

// level takes how loud it is.
func (l *live) level(now capture.Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now.Recording {
		l.loud = fmt.Sprintf("[%s] %3.0f dB  ", bar(now), now.RMS)
		l.draw()
	}
}

// end leaves the line as it is.
func (l *live) end() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.w, erase) // the terminal may be gone
	l.line = ""
}

func (l *live) draw() {
	if l.line == "" {
		return
	}
	text := l.loud + l.line
	if l.took != "" {
		text += " (last: " + l.took + ")"
	}
	if l.width != nil {
		text = fitting(l.width(), text)
	}
	_, _ = io.WriteString(l.w, erase+text) // a terminal that is gone ends the daemon by SIGHUP
}

// fitting returns what of a line has room in a terminal of so many columns; 0 is
// any. One that wraps could not be erased.
func fitting(columns int, line string) string {
	if runes := []rune(line); columns > 1 && len(runes) >= columns {
		return string(runes[:columns-1])
	}
	return line
}

// columns returns the width of a terminal, 0 if it is none. Source:
// TIOCGWINSZ in ioctl_tty(2).
func columns(stream any) int {
	f, ok := stream.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}
