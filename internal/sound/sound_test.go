package sound

import (
	"math"
	"slices"
	"testing"
	"time"
)

// TestClip checks that each sound is short and faint, and does not click: no
// sample is far from the previous sample.
func TestClip(t *testing.T) {
	for sound, want := range map[Sound]time.Duration{Start: 100 * time.Millisecond, Stop: 100 * time.Millisecond, Refused: 150 * time.Millisecond} {
		c := sound.Clip()
		if c.Duration() != want || c.Rate != rate {
			t.Errorf("sound %d: %v at %d Hz, want %v at %d", sound, c.Duration(), c.Rate, want, rate)
		}
		last, loudest := int16(0), int16(0)
		for i, s := range append(c.Samples, 0) {
			// The limit is the steepest step of a sine of the high note.
			if step := math.Abs(float64(s) - float64(last)); step > peak*2*math.Pi*high/rate+2 {
				t.Errorf("sound %d: a step of %v at sample %d", sound, step, i)
			}
			last, loudest = s, max(loudest, s, -s)
		}
		if loudest > peak || loudest < peak*9/10 {
			t.Errorf("sound %d: peak %d, want %d", sound, loudest, peak)
		}
	}
}

// TestDifferent checks that all sounds differ, and that an unknown sound is
// empty.
func TestDifferent(t *testing.T) {
	a, b, c := Start.Clip().Samples, Stop.Clip().Samples, Refused.Clip().Samples
	if slices.Equal(a, b) || slices.Equal(a, c) || slices.Equal(b, c) {
		t.Error("two sounds are the same")
	}
	if n := len(Sound(9).Clip().Samples); n != 0 {
		t.Errorf("sound 9 has %d samples", n)
	}
}
