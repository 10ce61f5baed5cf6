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

const (
	// logLimit is how much of the log waits for a stream that stands still, in bytes.
	logLimit = 256 << 10

	// flushLimit is how long End waits for a stream that stands still.
	flushLimit = time.Second
)

// An Output is the standard error of the daemon. As an io.Writer it prints the log. On a
// terminal the last line shows the status, the level while the daemon records, and how long
// the last text took.
//
// The stream may stand still: Ctrl-S stops a terminal, and a pager reads when its user wants
// more. So Run alone waits for the stream. All other methods return at once, are safe for
// concurrent use, and do nothing with a nil Output.
type Output struct {
	w       io.Writer
	live    bool       // the last line shows the status
	columns func() int // of the terminal, 0 if unknown

	wake  chan struct{} // has room for one; Run has something to write
	end   chan struct{} // closed by End
	ended chan struct{} // closed when Run returns

	mu       sync.Mutex
	log      []byte // not written yet
	left     int    // parts of the log that found no room
	text     string
	status   control.Status
	meter    string
	released time.Time // when the last recording ended
	last     string    // how the last utterance ended
}

// NewOutput returns the output to the standard error of env. It has a status line if that is
// a terminal that can erase a line; terminfo(5) calls one that cannot dumb.
func NewOutput(env environ.Env) *Output {
	o := newOutput(env.Stderr)
	o.live = Is(env.Stderr) && env.Var("TERM") != "dumb"
	o.columns = func() int { return columns(env.Stderr) }
	return o
}

func newOutput(w io.Writer) *Output {
	return &Output{w: w, wake: make(chan struct{}, 1), end: make(chan struct{}), ended: make(chan struct{})}
}

// Run writes until End. It is called once.
func (o *Output) Run() {
	defer close(o.ended)
	shown := ""
	for {
		select {
		case <-o.wake:
			shown = o.flush(shown)
		case <-o.end:
			o.change(func() { o.text = "" })
			o.flush(shown)
			return
		}
	}
}

// End erases the line and ends Run. It waits for that, unless the stream stands still. It is
// called once.
func (o *Output) End() {
	if o == nil {
		return
	}
	close(o.end)
	limit := time.NewTimer(flushLimit)
	defer limit.Stop()
	select {
	case <-o.ended:
	case <-limit.C:
	}
}

// flush writes the log that waits, and the line below it. It returns the line.
func (o *Output) flush(shown string) string {
	o.mu.Lock()
	log, left, line := o.log, o.left, o.line()
	o.log, o.left = nil, 0
	o.mu.Unlock()
	if left > 0 {
		log = fmt.Appendf(log, "%d lines of the log were left out: nothing read them\n", left)
	}
	if len(log) == 0 && line == shown {
		return shown
	}
	if o.live {
		log = append([]byte(eraseLine), log...)
	}
	_, _ = o.w.Write(append(log, line...)) // a terminal that is gone ends the daemon by SIGHUP
	return line
}

// Write prints a part of the log. It returns no error.
func (o *Output) Write(b []byte) (int, error) {
	o.change(func() {
		if len(o.log)+len(b) > logLimit {
			o.left++
			return
		}
		o.log = append(o.log, b...)
	})
	return len(b), nil
}

// Show shows a status. Text is its summary.
func (o *Output) Show(text string, s control.Status) {
	o.change(func() {
		before := o.status
		o.text, o.status = text, s
		switch {
		case s.Recording && !before.Recording:
			o.last, o.meter = "", ""
		case before.Recording && !s.Recording:
			o.released, o.meter = time.Now(), ""
		}
		if s.Last != before.Last && s.Last.Outcome != "" && !o.released.IsZero() {
			o.last = fmt.Sprintf("%s after %v", s.Last.Outcome, time.Since(o.released).Round(10*time.Millisecond))
			if s.Last.Reason != "" {
				o.last = fmt.Sprintf("%s: %s", s.Last.Outcome, s.Last.Reason)
			}
		}
	})
}

// Level shows the level of the microphone while the daemon records.
func (o *Output) Level(now capture.Frame) {
	o.change(func() {
		if o.status.Recording {
			o.meter = fmt.Sprintf("[%s] %3.0f dB  ", bar(now), now.Level)
		}
	})
}

// change changes what is to be written, and wakes Run.
func (o *Output) change(f func()) {
	if o == nil {
		return
	}
	o.mu.Lock()
	f()
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default: // Run has not looked since the last change
	}
}

// line returns the line that shows the status. The caller holds mu.
func (o *Output) line() string {
	if !o.live || o.text == "" {
		return ""
	}
	line := o.meter + o.text
	if o.last != "" {
		line += " (last: " + o.last + ")"
	}
	return cut(line, o.columns())
}
