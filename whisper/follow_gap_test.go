package whisper

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestFollowGaps: the silence between two parts is that at the end of the one and at the
// beginning of the other. If it is short, the recognizer does not get its own full stop as
// context. If it is unknown, or a part between them is missing, it does.
func TestFollowGaps(t *testing.T) {
	between := func(from, to int) pcm.Clip { // a voice from and to these milliseconds
		c := spoken(0, 5120*time.Millisecond)
		c.Voice = voiced(5120, from, to)
		return c
	}
	unknown := spoken(0, 5120*time.Millisecond)
	const busy = "busy"
	for _, tt := range []struct {
		name     string
		segments []pcm.Clip
		answers  []string // of the requests
		contexts []string
	}{
		{"short", []pcm.Clip{between(0, 4960), between(0, 5120)}, []string{"One.", "Two."}, []string{"", "One"}},
		{"short in both", []pcm.Clip{between(0, 5056), between(64, 5120)}, []string{"One.", "Two."}, []string{"", "One"}},
		{"long at the end", []pcm.Clip{between(0, 4800), between(0, 5120)}, []string{"One.", "Two."}, []string{"", "One."}},
		{"long at the beginning", []pcm.Clip{between(0, 5120), between(320, 5120)}, []string{"One.", "Two."}, []string{"", "One."}},
		{"long together", []pcm.Clip{between(0, 4960), between(160, 5120)}, []string{"One.", "Two."}, []string{"", "One."}},
		{"unknown", []pcm.Clip{unknown, unknown}, []string{"One.", "Two."}, []string{"", "One."}},
		{"unknown before", []pcm.Clip{unknown, between(0, 5120)}, []string{"One.", "Two."}, []string{"", "One."}},
		{"unknown after", []pcm.Clip{between(0, 5120), unknown}, []string{"One.", "Two."}, []string{"", "One."}},
		{"a part is missing", []pcm.Clip{between(0, 5120), between(0, 5120), between(0, 5120)},
			[]string{"One.", busy, "Three.", "Two."}, []string{"", "One", "One.", "One"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			answers := tt.answers
			s := &slowServer{}
			s.fail = func() string {
				next := answers[0]
				answers = answers[1:]
				if next == busy {
					return httpAnswer("503 Wait", "text/plain", "")
				}
				return httpAnswer("200 OK", "text/plain", next)
			}
			c := s.client(t)
			segments := make(chan pcm.Clip)
			go func() {
				defer close(segments)
				for _, clip := range tt.segments {
					time.Sleep(clip.Duration())
					clip.Samples = slices.Clone(clip.Samples)
					segments <- clip
				}
				time.Sleep(time.Second)
			}()
			if _, err := c.Follow(t.Context(), segments, nil); err != nil || !slices.Equal(s.prompts, tt.contexts) {
				t.Errorf("%s: context %q, want %q; %v", tt.name, s.prompts, tt.contexts, err)
			}
		})
	}
}
