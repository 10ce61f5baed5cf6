// Package pcm is the vocabulary of sound: a clip of speech and its WAV form.
package pcm

import (
	"time"

	"github.com/arealicehole/vocoder/internal/language"
)

// Rate is the sample rate that vocoder records at and recognizers expect, in
// samples per second.
const Rate = 16000

// A Clip is mono speech as signed 16-bit samples. The zero Clip is empty.
type Clip struct {
	Rate    int // samples per second
	Samples []int16

	// Spoken is in which languages it may be; the zero Choice where nothing is
	// known of it.
	Spoken language.Choice

	Voice Voice // where in it there is a voice
}

// Duration returns how long the clip plays.
func (c Clip) Duration() time.Duration {
	if c.Rate == 0 {
		return 0
	}
	return time.Duration(len(c.Samples)) * time.Second / time.Duration(c.Rate)
}

// Wipe overwrites the samples with silence, so that what was said does not
// linger in memory. The clip must not be in use elsewhere.
func (c Clip) Wipe() {
	clear(c.Samples)
	clear(c.Voice)
}
