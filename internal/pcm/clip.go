// Package pcm defines clips of speech, converts their rate, and reads and writes them as
// WAV files.
package pcm

import (
	"time"

	"github.com/arealicehole/vocoder/internal/language"
)

// Rate is the sample rate at which vocoder records and which recognizers expect, in
// samples per second.
const Rate = 16000

// A Clip is mono speech as signed 16-bit samples. The zero Clip is empty.
type Clip struct {
	Rate    int // samples per second
	Samples []int16

	// Spoken has the languages in which the speech may be. The zero Choice is unknown.
	Spoken language.Choice

	Voice Voice // the probability of a voice in each part of the clip
}

// Duration returns the length of the clip.
func (c Clip) Duration() time.Duration {
	if c.Rate == 0 {
		return 0
	}
	return time.Duration(len(c.Samples)) * time.Second / time.Duration(c.Rate)
}

// Wipe overwrites the samples with silence, so that the speech does not remain in memory.
// The clip must not be in use elsewhere.
func (c Clip) Wipe() {
	clear(c.Samples)
	clear(c.Voice)
}
