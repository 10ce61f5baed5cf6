package pcm

import "time"

// VoiceFrame is how much sound is judged at once: as much as Silero VAD does.
const VoiceFrame = 32 * time.Millisecond

// A Voice is the probability of a voice in each VoiceFrame of a clip, from 0 to 1. The
// last frame may be shorter. Nil is unknown.
type Voice []float32

// voiceFrom is the probability from which a frame is voice. Silero's own tools
// take 0.5; much of what is said quietly stays between the two.
const voiceFrom = 0.3

// IsVoice reports whether a frame of that probability is voice.
func IsVoice(p float32) bool { return p >= voiceFrom }

// LeastVoice is how much voice a word has at least: less may be a click.
const LeastVoice = 3 * VoiceFrame

const (
	// wordFrames is in how many frames, about a second, a word must be.
	wordFrames = int(1024 * time.Millisecond / VoiceFrame)
	// leastWord is what their probabilities add up to at least: how many frames
	// of voice are to be expected. Of 48 kinds of noise, 40 times each, none has
	// more than 3.34; of 3,876 clips of people, one has less than 3.5, and of the
	// same 24 dB quieter in a loud room, 15. A count of frames from voiceFrom on
	// that lets no noise through refuses twice as many: docs/voice.md.
	leastWord = 3.5
)

// Total returns how much of the clip is voice: the frames that are. Unlike Speaks
// it grows with the length of what was said.
func (v Voice) Total() time.Duration {
	n := 0
	for _, p := range v {
		if IsVoice(p) {
			n++
		}
	}
	return time.Duration(n) * VoiceFrame
}

// Speaks reports whether the clip has a word, or that is unknown. It does not
// depend on how long the clip is: the voice must be within a second.
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

// Before and After return the time without a voice at the beginning and at the end of
// the clip.
func (v Voice) Before() time.Duration {
	n := 0
	for n < len(v) && !IsVoice(v[n]) {
		n++
	}
	return time.Duration(n) * VoiceFrame
}

// After is like Before, at the end.
func (v Voice) After() time.Duration {
	n := 0
	for n < len(v) && !IsVoice(v[len(v)-1-n]) {
		n++
	}
	return time.Duration(n) * VoiceFrame
}
