package whisper

import (
	"math"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// voiceFrame is the piece of sound that counts as voice or not.
const voiceFrame = 20 * time.Millisecond

// voiceGap is how many frames between two that stand out count with them: in
// noise the quieter half of a syllable does not.
const voiceGap = 5

// leastVoice is how much voice a word has at least: the vowel of a short one.
const leastVoice = 100 * time.Millisecond

// The levels of voice, as root mean squares of 16-bit samples.
const (
	// faint is the level below which there is no voice: -66 dB of full scale,
	// as for the gate of capture.
	faint = 16
	// sure is the level from which sound is no background, however steady it
	// is: -38 dB.
	sure = 400
	// standsOut is how far a frame is above the quietest tenth of the clip, as a
	// factor of 6 dB. Frames of steady noise stay within 2 dB of each other.
	standsOut = 2
)

// voice returns how much of the clip may be voice: frames that stand out from
// the quietest tenth of the clip. Where next to nothing stands out, as in a clip
// without a pause, loud frames count whose waveform repeats as that of a vowel
// does. Loud noise does not repeat.
//
// Only energy is measured, so that a knock, a tone and noise that swells count as
// well. All that hygiene knows of the sound comes from here.
func voice(c pcm.Clip) time.Duration {
	n := c.Rate / int(time.Second/voiceFrame)
	if n == 0 || len(c.Samples) == 0 {
		return 0
	}
	var levels []float64
	for f := range slices.Chunk(c.Samples, n) {
		sum := 0.0
		for _, s := range f {
			sum += float64(s) * float64(s)
		}
		levels = append(levels, math.Sqrt(sum/float64(len(f))))
	}
	sorted := slices.Sorted(slices.Values(levels))
	out, peak := standsOut*sorted[len(sorted)/10], sorted[len(sorted)-1]
	threshold := max(faint, min(out, max(peak/4, sure)))
	frames, last := 0, -len(levels)
	for i, level := range levels {
		if level < threshold || level < out && !repeats(c.Samples, i*n, c.Rate) {
			continue
		}
		frames++
		if gap := i - last - 1; gap <= voiceGap {
			frames += gap
		}
		last = i
	}
	return time.Duration(frames) * voiceFrame
}

// leastRepeat is the correlation of a waveform with itself a period later from
// which it repeats. Vowels have 0.6 and more, noise 0.3 at most.
const leastRepeat = 0.5

// repeats reports whether the waveform at a place of a sound, or as near to it as
// there is enough of it, repeats 70 to 400 times a second. Its differences are
// compared: the rumble of low noise hardly changes within a period.
func repeats(s []int16, at, rate int) bool {
	step := max(1, rate/4000) // enough for such a pitch
	per := rate / step
	span, lowest, highest := per/25, max(1, per/400), per/70
	highest = min(highest, len(s)/step-1-span)
	s = s[max(0, min(at, len(s)-(span+highest+1)*step)):]
	change := func(i int) float64 { return float64(s[(i+1)*step]) - float64(s[i*step]) }
	for lag := lowest; lag <= highest; lag++ {
		var both, here, there float64
		for i := range span {
			a, b := change(i), change(i+lag)
			both, here, there = both+a*b, here+a*a, there+b*b
		}
		if both >= leastRepeat*math.Sqrt(here*there) {
			return true
		}
	}
	return false
}
