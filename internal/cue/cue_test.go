package cue

import (
	"math"
	"slices"
	"testing"
	"time"
)

// TestClip: each cue is short, faint, and neither begins nor ends nor goes on
// with a click: no sample is far from the one before it.
func TestClip(t *testing.T) {
	for cue, want := range map[Cue]time.Duration{Start: 100 * time.Millisecond, Stop: 100 * time.Millisecond, Refused: 150 * time.Millisecond} {
		c := cue.Clip()
		if c.Duration() != want || c.Rate != rate {
			t.Errorf("cue %d: %v at %d Hz, want %v at %d", cue, c.Duration(), c.Rate, want, rate)
		}
		last, loudest := int16(0), int16(0)
		for i, s := range append(c.Samples, 0) {
			// The steepest place of a sine of the high note.
			if step := math.Abs(float64(s) - float64(last)); step > peak*2*math.Pi*high/rate+2 {
				t.Errorf("cue %d: a step of %v at sample %d", cue, step, i)
			}
			last, loudest = s, max(loudest, s, -s)
		}
		if loudest > peak || loudest < peak*9/10 {
			t.Errorf("cue %d: peak %d, want %d", cue, loudest, peak)
		}
	}
}

// TestDifferent: no two cues are the same sound, and what is no cue is none.
func TestDifferent(t *testing.T) {
	a, b, c := Start.Clip().Samples, Stop.Clip().Samples, Refused.Clip().Samples
	if slices.Equal(a, b) || slices.Equal(a, c) || slices.Equal(b, c) {
		t.Error("two cues are one sound")
	}
	if n := len(Cue(9).Clip().Samples); n != 0 {
		t.Errorf("cue 9 has %d samples", n)
	}
}
