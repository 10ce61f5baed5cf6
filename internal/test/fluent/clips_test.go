package fluent

import (
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// TestTrim checks that a clip begins and ends with its voice, in whole frames.
func TestTrim(t *testing.T) {
	clips, err := speech.Clips()
	if err != nil {
		t.Skip("needs the Debian package pocketsphinx-testdata")
	}
	c := clips[0]
	silence := make([]int16, pcm.Rate+100)
	c.Samples = append(append(silence, c.Samples...), silence...)
	got := trim(c)
	voice := vad.Detect(got.Clip)
	if len(got.Samples)%vad.Window != 0 || voice.Before() > 2*margin || voice.After() > 2*margin || got.Duration() < c.Duration()-3500*time.Millisecond {
		t.Errorf("%v of %v are left, %v and %v without a voice", got.Duration(), c.Duration(), voice.Before(), voice.After())
	}
}
