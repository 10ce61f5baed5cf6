package recognition

import (
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// gaps are the shortest gaps between words that end a segment, by the length of the open
// part. Fluent speakers pause for 200 to 400 ms every few seconds. An open part that is
// shorter than the first row is not worth a request.
var gaps = []struct{ open, gap time.Duration }{
	{1500 * time.Millisecond, 384 * time.Millisecond},
	{6 * time.Second, 256 * time.Millisecond},
	{9500 * time.Millisecond, 192 * time.Millisecond},
	{13 * time.Second, 96 * time.Millisecond},
}

// leastFluent is the least length of a segment that does not end in a long gap.
const leastFluent = 3 * time.Second

// cut returns the length of the next segment in frames, and whether there is one. It ends
// in the middle of the longest gap between words that is long enough. The longer the open
// part is, the shorter this gap may be. Of two equal gaps cut takes the later one, so that
// less remains. The last gap may not have ended yet.
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
