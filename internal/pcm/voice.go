package pcm

import (
	"slices"
	"time"
)

// VoiceFrame is the length of sound for which there is one probability of a voice. It is
// that of Silero VAD.
const VoiceFrame = 32 * time.Millisecond

// A Voice is the probability of a voice in each VoiceFrame of a clip, from 0 to 1. The
// last frame may be shorter. Nil is unknown.
type Voice []float32

// voiceFrom is the probability from which a frame is voice. Silero's own tools use 0.5,
// but much quiet speech is between the two.
const voiceFrom = 0.3

// IsVoice reports whether a frame with the probability p is voice.
func IsVoice(p float32) bool { return p >= voiceFrom }

// LeastVoice is the least voice of a word. A shorter sound may be a click.
const LeastVoice = 3 * VoiceFrame

const (
	// wordFrames is the number of frames, about a second, in which a word must be.
	wordFrames = int(1024 * time.Millisecond / VoiceFrame)
	// leastWord is the least sum of their probabilities, which is the expected number
	// of frames with a voice. Of 48 kinds of noise, 40 times each, none has more than
	// 3.34. Of 3,876 clips of people, one has less than 3.5; if they are 24 dB quieter
	// in a loud room, 15 have. A limit for the number of frames above voiceFrom that
	// refuses all noise refuses twice as many clips: docs/voice.md.
	leastWord = 3.5
)

// Total returns the length of all frames that are voice. Unlike Speaks, it depends on the
// length of the speech.
func (v Voice) Total() time.Duration {
	n := 0
	for _, p := range v {
		if IsVoice(p) {
			n++
		}
	}
	return time.Duration(n) * VoiceFrame
}

// Speaks reports whether the clip has a word. It returns true if that is unknown. The
// voice must be within one second, however long the clip is.
func (v Voice) Speaks() bool {
	if v == nil {
		return true
	}
	sum := 0.0
	for i, p := range v {
		sum += float64(p)
		if i >= wordFrames {
			sum -= float64(v[i-wordFrames])
		}
		if sum >= leastWord {
			return true
		}
	}
	return false
}

// Before returns the time without a voice at the beginning of the clip.
func (v Voice) Before() time.Duration {
	n := slices.IndexFunc(v, IsVoice)
	if n < 0 {
		n = len(v)
	}
	return time.Duration(n) * VoiceFrame
}

// After returns the time without a voice at the end of the clip.
func (v Voice) After() time.Duration {
	n := 0
	for n < len(v) && !IsVoice(v[len(v)-1-n]) {
		n++
	}
	return time.Duration(n) * VoiceFrame
}
