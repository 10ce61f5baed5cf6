package recognition

import (
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// Gaps are how long nobody must speak for a cut, by how much is open: fluent
// speakers stop for 200 to 400 ms every few seconds. What is shorter than the
// first is not worth a request.
var gaps = []struct{ open, gap time.Duration }{
	{1500 * time.Millisecond, 384 * time.Millisecond},
	{6 * time.Second, 256 * time.Millisecond},
	{9500 * time.Millisecond, 192 * time.Millisecond},
	{13 * time.Second, 96 * time.Millisecond},
}

// leastFluent is the least length of a stretch that does not end in a long gap.
const leastFluent = 3 * time.Second

// cut returns after how many frames the open part of a recording is to be cut, if
// it is: amid the longest gap between words that is long enough, which is the
// shorter the longer the part is. Of two such gaps it is the later one, so that less
// is left. The last gap may go on.
func cut(open pcm.Voice) (frames int, ok bool) {
	least := time.Duration(0)
	length := time.Duration(len(open)) * pcm.VoiceFrame
	for _, g := range gaps {
		if length >= g.open {
			least = g.gap
		}
	}
	if least == 0 {
		return 0, false
	}
	longest, spoken, from := 0, 0, 0 // frames
	for i, p := range open {
		if pcm.IsVoice(p) {
			spoken++
			from = i + 1
			continue
		}
		n, middle := i+1-from, (from+i+1)/2
		if time.Duration(spoken)*pcm.VoiceFrame < pcm.LeastVoice || n < longest || time.Duration(n)*pcm.VoiceFrame < least {
			continue
		}
		if time.Duration(n)*pcm.VoiceFrame >= gaps[0].gap || time.Duration(middle)*pcm.VoiceFrame >= leastFluent {
			longest, frames = n, middle
		}
	}
	return frames, longest > 0
}
