package speech

import (
	"math"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// cut divides a long clip into pieces. The cost of recognizing a piece grows with the
// square of its length, and some models have a maximum. So that no word is split, cut
// divides at the quietest place of the search seconds that end room seconds before the
// longest piece ends.
//
//	0       longest-12     longest-2  longest
//	|----------|------------|---------|
//	            search here            clips up to here stay whole
const (
	usualLongest = 30 * time.Second
	search       = 10 // seconds in which cut looks for a pause
	room         = 2  // seconds

	frame = 50 // frames a second in which loudness is measured
	quiet = 15 // frames that are compared together: 0.3 s
)

// cut returns the end of each piece of a clip as an index into its samples. No piece is
// longer than longest; 0 means usualLongest. The last end is the end of the clip. An
// empty clip has no piece.
func cut(c pcm.Clip, longest time.Duration) (ends []int) {
	if c.Rate < frame || len(c.Samples) == 0 {
		return nil
	}
	if longest == 0 {
		longest = usualLongest
	}
	whole := int(longest.Seconds() * float64(c.Rate))
	start := 0
	for len(c.Samples)-start > whole {
		to := start + whole - room*c.Rate
		from := to - search*c.Rate
		start = from + quietest(c.Samples[from:to], c.Rate/frame)
		ends = append(ends, start)
	}
	return append(ends, len(c.Samples))
}

// middle returns where to divide a piece of some seconds, as an index into its samples:
// the quietest place of its middle third.
func middle(c pcm.Clip) int {
	third := len(c.Samples) / 3
	return third + quietest(c.Samples[third:2*third], c.Rate/frame)
}

// quietest returns the middle of the quiet frames with the least energy, as an index
// into samples. size is a frame's length in samples.
func quietest(samples []int16, size int) int {
	var sum, least float64
	at := 0
	energy := make([]float64, len(samples)/size)
	for i := range energy {
		for _, s := range samples[i*size : (i+1)*size] {
			energy[i] += float64(s) * float64(s)
		}
		sum += energy[i]
		if i < quiet-1 {
			continue
		}
		if first := i - quiet + 1; first == 0 || sum < least {
			least, at = sum, first
		}
		sum -= energy[i-quiet+1]
	}
	return (at + quiet/2) * size
}

// The levels of trim, as amplitudes of 16-bit samples and relative to others.
const (
	still   = 30        // a quieter sound is not speech
	aboveIt = 3         // least ratio of speech to the noise of the room
	below   = 8         // ratio of the loudest frame to the softest beginning of a word
	margin  = frame / 5 // frames that trim keeps before and after: 0.2 s

	shortWord = 4 // frames of the shortest word: 0.08 s
)

// silent reports whether no frame of a clip is loud enough to be speech.
func silent(c pcm.Clip) bool {
	levels := levelsOf(c)
	slices.Sort(levels)
	return len(levels) < shortWord || levels[len(levels)-shortWord] < still
}

// levelsOf returns the loudness of each frame of a clip.
func levelsOf(c pcm.Clip) (levels []float64) {
	size := c.Rate / frame
	if size == 0 || len(c.Samples) < size {
		return nil
	}
	for f := range slices.Chunk(c.Samples, size) {
		sum := 0.0
		for _, s := range f {
			sum += float64(s) * float64(s)
		}
		levels = append(levels, math.Sqrt(sum/float64(len(f))))
	}
	return levels
}

// trim returns the clip without the silence before and after the speech. Moonshine
// recognizes no words in most clips that begin with a second of silence, at any level. A
// pause between words does not disturb it. If no frame is louder than the noise, trim
// returns the clip as it is.
func trim(c pcm.Clip) (_ pcm.Clip, spoken bool) {
	size, levels := c.Rate/frame, levelsOf(c)
	if len(levels) == 0 {
		return c, false
	}
	sorted := slices.Sorted(slices.Values(levels))
	noise, loudest := sorted[len(sorted)/10], sorted[len(sorted)*98/100]
	threshold := min(max(aboveIt*noise, still), loudest/below)
	loud := func(l float64) bool { return l > threshold }
	first := slices.IndexFunc(levels, loud)
	slices.Reverse(levels)
	last := len(levels) - 1 - slices.IndexFunc(levels, loud)
	if first < 0 || loudest < still {
		return c, false
	}
	from := max(0, first-margin) * size
	to := min(len(c.Samples), (last+1+margin)*size)
	return pcm.Clip{Rate: c.Rate, Samples: c.Samples[from:to]}, loudest > aboveIt*noise
}
