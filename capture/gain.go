package capture

import (
	"math"
	"slices"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// knee is the level above which the limiter compresses, as a part of full scale.
const knee = 0.7

// Amplify changes the volume of the clip by db decibels. It compresses what would be
// louder than full scale, and does not clip it.
func Amplify(c pcm.Clip, db float64) {
	if db == 0 {
		return
	}
	factor := math.Pow(10, db/20)
	for i, v := range c.Samples {
		x := limit(factor*float64(v)/-math.MinInt16) * -math.MinInt16
		c.Samples[i] = int16(math.Round(min(x, math.MaxInt16)))
	}
}

// limit returns x if it is below the knee. Above the knee it approaches one smoothly.
func limit(x float64) float64 {
	if a := math.Abs(x); a > knee {
		return math.Copysign(knee+(1-knee)*math.Tanh((a-knee)/(1-knee)), x)
	}
	return x
}

const (
	// speechLevel is the level to which Normalize brings speech, in dB.
	speechLevel = -20
	// mostGain is the largest change that Normalize makes, in dB. A clip that is still
	// quieter is more likely noise than speech.
	mostGain = 36
	// loudPart is the loudest part of a clip, which Normalize considers speech.
	loudPart = 0.2
	// gainSpan is the length of a piece whose level is measured, in samples: 32 ms.
	gainSpan = 512
)

// Normalize brings the speech in the clip to a common level, by at most 36 dB, with the
// limiter of Amplify. It measures the level of the loudest fifth of the clip. That part
// is speech if the clip has any.
func Normalize(c pcm.Clip) {
	levels := levels(c)
	if len(levels) == 0 || loudest(levels)[0] <= silence {
		return
	}
	Amplify(c, min(max(speechLevel-mean(loudest(levels)), -mostGain), mostGain))
}

// Range returns two levels of the clip, in dB relative to full scale. quiet is that of
// its quietest tenth: the noise. loud is that of its loudest fifth: the voice, if there
// is one. An empty clip is silent.
func Range(c pcm.Clip) (quiet, loud float64) {
	levels := levels(c)
	if len(levels) == 0 {
		return silence, silence
	}
	return mean(levels[:max(1, len(levels)/10)]), mean(loudest(levels))
}

// levels returns the levels of the pieces of the clip, the quietest first.
func levels(c pcm.Clip) []float64 {
	var all []float64
	for piece := range slices.Chunk(c.Samples, gainSpan) {
		all = append(all, level(piece))
	}
	slices.Sort(all)
	return all
}

func loudest(sorted []float64) []float64 {
	return sorted[len(sorted)-max(1, int(loudPart*float64(len(sorted)))):]
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// level returns the mean level of the samples in dB.
func level(s []int16) float64 {
	sum := 0.0
	for _, v := range s {
		sum += float64(v) * float64(v)
	}
	return dB(math.Sqrt(sum / float64(len(s))))
}

// peak returns the level of the loudest sample in dB.
func peak(s []int16) float64 {
	return dB(float64(max(int(slices.Max(s)), -int(slices.Min(s)))))
}

// silence is the lowest level, in dB.
const silence = -96

// dB returns an amplitude of samples in dB relative to full scale, and at least silence.
func dB(amplitude float64) float64 {
	return max(20*math.Log10(amplitude/-math.MinInt16), silence)
}
