package capture

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestPrepare: the microphone is opened for a recording that is announced, and closed again
// if none begins. A recording uses the open stream. An announcement does not shorten the
// linger, and opens nothing while the Recorder is suspended.
func TestPrepare(t *testing.T) {
	for _, tt := range []struct {
		name    string
		linger  time.Duration // of a recording before; 0 if there was none
		suspend bool
		record  bool
		open    time.Duration // how long after the announcement; 0 is never
		asked   int           // record streams after the announcement
	}{
		{"no recording", 0, false, false, prepareTimeout, 1},
		{"a recording", 0, false, true, prepareTimeout/2 + time.Second + testTail, 1},
		{"a longer linger", time.Minute, false, false, time.Minute, 0},
		{"a shorter linger", prepareTimeout / 2, false, false, prepareTimeout, 0},
		{"suspended", 0, true, false, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onFake(t, func(t *testing.T, f *fake) {
				c := f.config()
				c.Linger = -1
				if tt.linger > 0 {
					c.Linger = tt.linger
				}
				m := runMic(t, c)
				m.ready(time.Second)
				<-time.After(time.Second)
				if tt.linger > 0 {
					m.record(time.Second)
				}
				if err := m.Suspend(t.Context(), tt.suspend); err != nil {
					t.Fatal(err)
				}
				before, _ := f.streams()
				began := time.Now()
				if err := m.Prepare(t.Context()); err != nil {
					t.Fatal(err)
				}
				open := func(want bool) {
					t.Helper()
					synctest.Wait()
					asked, open := f.streams()
					if open > 0 != want || asked-before != tt.asked {
						t.Errorf("after %v: %d streams, %d more asked for", time.Since(began), open, asked-before)
					}
				}
				if tt.record {
					<-time.After(prepareTimeout / 2)
					open(true)
					h := m.record(time.Second)
					if h.err != nil {
						t.Error(h.err)
					}
					lasts(t, h.clip, time.Second+testTail+startMargin)
				} else if tt.open > 0 {
					<-time.After(tt.open - 50*time.Millisecond)
					open(true)
				}
				<-time.After(tt.open + 100*time.Millisecond - time.Since(began))
				open(false)
			})
		})
	}
}

// TestNoTail: with a tail of zero, a press that is too short for any sound is no error.
func TestNoTail(t *testing.T) {
	onFake(t, func(t *testing.T, f *fake) {
		c := f.config()
		c.Tail = -1
		m := runMic(t, c)
		m.ready(time.Second)
		if h := m.record(0); h.err != nil || len(h.clip.Samples) > 0 {
			t.Errorf("%d samples, %v", len(h.clip.Samples), h.err)
		}
	})
}

// TestProblemNames: each problem has words.
func TestProblemNames(t *testing.T) {
	for p := Unready; p <= Broken; p++ {
		if s := p.String(); s == "" || strings.HasPrefix(s, "problem") {
			t.Errorf("%d: %q", p, s)
		}
	}
	for _, p := range []Problem{Unready - 1, Broken + 1} {
		if s := p.String(); !strings.HasPrefix(s, "problem ") {
			t.Errorf("%d: %q", p, s)
		}
	}
}
