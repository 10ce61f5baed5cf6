// Package cue makes the short sounds that tell what a dictation does. They are
// computed, not recorded, and faint: a sine with soft ends, which clicks
// nowhere.
package cue

import (
	"math"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Cue is what a sound tells.
type Cue int

// The cues.
const (
	Start   Cue = iota // speak now: a rising step
	Stop               // heard: the step back down
	Refused            // nothing is typed: twice the low note
)

// A note is a tone or, at 0 Hz, a rest.
type note struct {
	hertz  float64
	length time.Duration
}

// The two notes of all cues are a fourth apart, where small speakers are loud
// enough.
const low, high = 659.26, 880 // E5 and A5

var scores = map[Cue][]note{
	Start:   {{low, 45 * time.Millisecond}, {high, 55 * time.Millisecond}},
	Stop:    {{high, 45 * time.Millisecond}, {low, 55 * time.Millisecond}},
	Refused: {{low, 60 * time.Millisecond}, {0, 30 * time.Millisecond}, {low, 60 * time.Millisecond}},
}

const (
	rate   = 48000                // what outputs run at, mostly
	peak   = 3277                 // -20 dB
	soften = 8 * time.Millisecond // at each end of a note
)

// Clip returns the sound of a cue: mono at 48 kHz, at most 0.2 s long and
// nowhere louder than -20 dB. An unknown cue has none.
func (c Cue) Clip() pcm.Clip {
	clip := pcm.Clip{Rate: rate}
	for _, n := range scores[c] {
		clip.Samples = append(clip.Samples, n.samples()...)
	}
	return clip
}

func (n note) samples() []int16 {
	s := make([]int16, int(n.length*rate/time.Second))
	edge := float64(soften*rate) / float64(time.Second)
	for i := range s {
		near := min(float64(i), float64(len(s)-1-i), edge) / edge
		s[i] = int16(math.Round(peak * math.Sin(near*math.Pi/2) * math.Sin(2*math.Pi*n.hertz*float64(i)/rate)))
	}
	return s
}
