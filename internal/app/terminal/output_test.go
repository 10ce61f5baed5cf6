package terminal

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
)

// The last line shows the status, the level and how long the last text took. The log
// is above it.
func TestOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		l := newOutput(&b)
		l.live, l.columns = true, func() int { return 0 }
		go l.Run()
		last := func(want string) {
			t.Helper()
			synctest.Wait()
			got := b.String()
			if got = got[strings.LastIndex(got, eraseLine)+len(eraseLine):]; got != want {
				t.Errorf("the line is %q, want %q", got, want)
			}
		}
		l.Show("ready", control.Status{})
		last("ready")
		l.Level(capture.Frame{Peak: 0, Level: 0})
		last("ready") // the microphone does not record
		l.Show("listening", control.Status{Recording: true})
		l.Level(capture.Frame{Peak: -30, Level: -60})
		last("[" + strings.Repeat("-", 20) + strings.Repeat(" ", 20) + "] -60 dB  listening")
		l.Show("working", control.Status{Waiting: 1})
		last("working")
		time.Sleep(1230 * time.Millisecond)
		l.Show("ready", control.Status{Last: control.End{Outcome: "typed", At: time.Now()}})
		last("ready (last: typed after 1.23s)")
		if _, err := l.Write([]byte("logged\n")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !strings.HasSuffix(b.String(), eraseLine+"logged\nready (last: typed after 1.23s)") {
			t.Errorf("%q", b.String())
		}
		l.columns = func() int { return 10 } // a line that wraps could not be erased
		l.Show("läuft und läuft", control.Status{})
		last("läuft und")
		l.End()
		last("")
		var none *Output
		none.Show("", control.Status{})
		none.Level(capture.Frame{})
		none.End()
	})
}

// Where no line can be drawn there is only the log.
func TestOutputPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		o := NewOutput(environ.Env{Stderr: &b, Lookup: func(string) (string, bool) { return "", false }})
		go o.Run()
		o.Show("ready", control.Status{})
		o.Level(capture.Frame{})
		for range 2 {
			if _, err := o.Write([]byte("logged\n")); err != nil {
				t.Fatal(err)
			}
		}
		o.End()
		if b.String() != "logged\nlogged\n" {
			t.Errorf("%q", b.String())
		}
	})
}

// A stopped is a stream that takes nothing until it goes on.
type stopped struct {
	goOn chan struct{}
	b    strings.Builder
}

func (s *stopped) Write(b []byte) (int, error) {
	<-s.goOn
	return s.b.Write(b)
}

// Nothing waits for a terminal that Ctrl-S has stopped. The log waits up to a limit, and then
// says how much was left out. The line is the newest.
func TestOutputStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stopped{goOn: make(chan struct{})}
		o := newOutput(s)
		o.live, o.columns = true, func() int { return 0 }
		go o.Run()
		began := time.Now()
		line := strings.Repeat("x", 1023) + "\n"
		for range logLimit/1024 + 10 {
			o.Show("old", control.Status{})
			o.Level(capture.Frame{})
			if n, err := o.Write([]byte(line)); n != 1024 || err != nil {
				t.Fatal(n, err)
			}
			synctest.Wait()
		}
		o.Show("newest", control.Status{})
		if waited := time.Since(began); waited > 0 {
			t.Errorf("waited for %v", waited)
		}
		close(s.goOn)
		synctest.Wait()
		got := s.b.String()
		if n := strings.Count(got, line[:1023]); n < logLimit/1024 || n >= logLimit/1024+10 || !strings.HasSuffix(got, " lines of the log were left out: nothing read them\nnewest") {
			t.Errorf("%d lines, and at the end %q", n, got[max(0, len(got)-100):])
		}
		o.End()
		if !strings.HasSuffix(s.b.String(), "newest"+eraseLine) {
			t.Error("the line is still there")
		}
	})
}

// The daemon ends although its terminal stands still.
func TestOutputEndsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stopped{goOn: make(chan struct{})}
		defer func() { close(s.goOn); synctest.Wait() }()
		o := newOutput(s)
		go o.Run()
		if _, err := o.Write([]byte("logged\n")); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		o.End()
		if waited := time.Since(began); waited > flushLimit {
			t.Errorf("it took %v", waited)
		}
	})
}
