package speech

import "github.com/arealicehole/vocoder/internal/pcm"

// A long clip is cut into pieces, since the cost of recognising one grows
// with the square of its length. The cut is made where it is quietest between
// minPiece and maxPiece seconds, so that no word is split.
//
//	0        minPiece     maxPiece  minSplit
//	|----------|------------|---------|
//	            search here            clips up to here stay whole
const (
	minPiece = 18
	maxPiece = 28
	minSplit = 30

	frame = 50 // frames a second in which loudness is measured
	quiet = 15 // frames that are looked at together: 0.3 s
)

// cut returns the end of each piece of a clip as an index into its samples.
// The last is the end of the clip; an empty clip has no piece.
func cut(c pcm.Clip) (ends []int) {
	if c.Rate < frame || len(c.Samples) == 0 {
		return nil
	}
	start := 0
	for len(c.Samples)-start > minSplit*c.Rate {
		from, to := start+minPiece*c.Rate, start+maxPiece*c.Rate
		start = from + quietest(c.Samples[from:to], c.Rate/frame)
		ends = append(ends, start)
	}
	return append(ends, len(c.Samples))
}

// quietest returns the middle of the stretch of quiet frames with the least
// energy, as an index into samples. size is a frame's length in samples.
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
