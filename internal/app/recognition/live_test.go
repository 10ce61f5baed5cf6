package recognition

import (
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/recognizer"
	"github.com/arealicehole/vocoder/text"
)

// Open is the sound after the segments that were sent, amplified like them, in a copy.
func TestLiveOpen(t *testing.T) {
	s := &recognizer.Server{}
	r := newRecognizer(t, s, nil, func(c *config.Config) { c.Audio.GainDB = 0 })
	r.gain = func(c pcm.Clip) {
		for i := range c.Samples {
			c.Samples[i]++
		}
	}
	u := r.Begin(anyLanguage, nil)
	defer u.Drop()
	wanted := false
	live := u.live(&Live{Wanted: func() bool { return wanted }}, language.Unknown)
	say(u, pcm.Clip{}, 1001)
	if open, _, is := live.Open(); is || open.Samples != nil {
		t.Error("no client wants it")
	}
	wanted = true
	open, segments, is := live.Open()
	if !is || segments != 0 || recognizer.Words(open) != "word2" || len(open.Samples) != len(open.Voice)*vad.Window {
		t.Errorf("%q after %d segments", recognizer.Words(open), segments)
	}
	open.Wipe()
	say(u, pcm.Clip{}, 0) // ends a segment
	if got := <-s.Asked; got != "word2" {
		t.Errorf("the segment is %q", got)
	}
	say(u, pcm.Clip{}, 2001)
	open, segments, _ = live.Open()
	if segments != 1 || recognizer.Words(open) != "word1002" {
		t.Errorf("%q after %d segments", recognizer.Words(open), segments)
	}
}

// The words are shown as the rules write them, in the parts of agree. The same words are
// not shown again and again.
func TestLiveShow(t *testing.T) {
	r := newRecognizer(t, &recognizer.Server{}, nil, nil)
	r.rules = text.Rules{Casing: text.Lower}
	u := r.Begin(anyLanguage, nil)
	defer u.Drop()
	var got []string
	live := u.live(&Live{Show: func(stable, last string) { got = append(got, stable+"|"+last) }}, language.Unknown)
	for _, p := range []struct {
		words   string
		settled bool
	}{{"One", false}, {"One Two", false}, {"One Two", false}, {"One Two Three", true}, {"One Two Three", true}, {"One Two Three", true}} {
		live.Show(p.words, p.settled)
	}
	if want := []string{"|one", "one |two", "one two|", "one two three|"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if u.live(nil, language.Unknown) != nil {
		t.Error("words are shown although there is nothing to show them")
	}
}
