package pcm

import (
	"slices"
	"testing"
	"time"
)

// frames is n frames of a probability.
func frames(n int, p float32) Voice { return slices.Repeat(Voice{p}, n) }

func TestSpeaks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		voice Voice
		want  bool
	}{
		{"unknown", nil, true},
		{"nothing", Voice{}, false},
		{"silence", frames(1000, 0.02), false},
		{"a click", frames(3, 1), false},
		{"a short word", append(frames(20, 0), 0.4, 0.9, 1, 0.9, 0.5), true},
		{"a quiet word", append(frames(20, 0.01), frames(14, 0.28)...), true},
		{"two syllables within a second", slices.Concat(frames(2, 1), frames(28, 0), frames(2, 1)), true},
		{"clicks in more than a second", slices.Concat(frames(2, 1), frames(29, 0), frames(2, 1), frames(29, 0), frames(2, 1)), false},
		{"a minute of clicks", slices.Repeat(append(frames(20, 0), 0.9), 90), false},
		{"a word after an hour", append(frames(112_500, 0.05), frames(4, 1)...), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.voice.Speaks(); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestVoiceTimes(t *testing.T) {
	v := Voice{0.1, 0.2, 0.3, 0.1, 0.9, 0.29}
	for name, tt := range map[string]struct{ got, want time.Duration }{
		"total":         {v.Total(), 2 * VoiceFrame},
		"before":        {v.Before(), 2 * VoiceFrame},
		"after":         {v.After(), VoiceFrame},
		"before, never": {frames(3, 0).Before(), 3 * VoiceFrame},
		"after, never":  {frames(3, 0).After(), 3 * VoiceFrame},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
}
