// Package sound makes the short sounds that accompany a dictation. They are
// computed and faint. Each note begins and ends softly, so that it does not
// click.
package sound

import (
	"math"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Sound is one of the sounds of a dictation.
type Sound int

// The sounds.
const (
	Start   Sound = iota // the recording has begun: two rising notes
	Stop                 // the recording has ended: two falling notes
	Refused              // no text is typed: the low note twice
)

// A note is a tone, or a pause if hertz is 0.
type note struct {
	hertz  float64
	length time.Duration
}

// All sounds use the notes E5 and A5. Small loudspeakers are loud enough there.
const low, high = 659.26, 880 // Hz

var notes = map[Sound][]note{
	Start:   {{low, 45 * time.Millisecond}, {high, 55 * time.Millisecond}},
	Stop:    {{high, 45 * time.Millisecond}, {low, 55 * time.Millisecond}},
	Refused: {{low, 60 * time.Millisecond}, {0, 30 * time.Millisecond}, {low, 60 * time.Millisecond}},
}

const (
	rate = 48000                // of most outputs, so that the server does not convert
	peak = 3277                 // -20 dB relative to full scale
	fade = 8 * time.Millisecond // at each end of a note
)

// Clip returns the samples of s: mono at 48 kHz, at most 0.2 s, with peaks of
// at most -20 dB. The clip of an unknown sound is empty.
func (s Sound) Clip() pcm.Clip {
	clip := pcm.Clip{Rate: rate}
	for _, n := range notes[s] {
		clip.Samples = append(clip.Samples, n.samples()...)
	}
	return clip
}

func (n note) samples() []int16 {
	s := make([]int16, int(n.length*rate/time.Second))
	edge := float64(fade*rate) / float64(time.Second)
	for i := range s {
		near := min(float64(i), float64(len(s)-1-i), edge) / edge
		s[i] = int16(math.Round(peak * math.Sin(near*math.Pi/2) * math.Sin(2*math.Pi*n.hertz*float64(i)/rate)))
	}
	return s
}
