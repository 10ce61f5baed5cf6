package speech

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// The time for which the key is held before the first word and after the last.
const (
	RoomBefore = 200 * time.Millisecond
	RoomAfter  = 350 * time.Millisecond
)

// InRoom returns a clip as a microphone in a room records it: amplified by gain, with the
// sound of the room before and after. The noise of the room is in dB relative to full
// scale. The same seed gives the same noise.
func InRoom(c pcm.Clip, gain, noise float64, before, after time.Duration, seed uint64) pcm.Clip {
	r := rand.New(rand.NewPCG(seed, 23))
	count := func(d time.Duration) int { return int(d * time.Duration(c.Rate) / time.Second) }
	begin := count(before)
	out := pcm.Clip{Rate: c.Rate, Samples: make([]int16, begin+len(c.Samples)+count(after))}
	voice, room := math.Pow(10, gain/20), -math.MinInt16*math.Pow(10, noise/20)
	for i := range out.Samples {
		x := room * r.NormFloat64()
		if j := i - begin; j >= 0 && j < len(c.Samples) {
			x += voice * float64(c.Samples[j])
		}
		out.Samples[i] = int16(math.Round(min(max(x, math.MinInt16), math.MaxInt16)))
	}
	return out
}
