package recognition

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// A Live shows the words of a recording while the user speaks.
type Live struct {
	Wanted   func() bool                      // whether they are shown to anybody now
	Show     func(stable, provisional string) // gets the words so far; the provisional ones come last and may change
	Released <-chan struct{}                  // closed when the user has released the key
}

// maxShown limits the words that are shown, in bytes. Older ones are left out.
const maxShown = 4 << 10

// live returns what whisper needs in order to show the words of the utterance, or nil.
func (u *Utterance) live(l *Live, spoken language.Choice) *whisper.Live {
	if l == nil {
		return nil
	}
	codes := u.recognizer.spoken(spoken).Written()
	before, wasSettled := "", false // the words of the pass before
	return &whisper.Live{
		Released: l.Released,
		Open: func() (pcm.Clip, int, bool) {
			if !l.Wanted() {
				return pcm.Clip{}, 0, false
			}
			open, segments := u.open()
			u.recognizer.gain(open)
			return open, segments, true
		},
		Show: func(words string, settled bool) {
			now := u.recognizer.rules.Write(words, codes)
			if settled && wasSettled && now == before {
				return
			}
			stable, provisional := now, ""
			if !settled {
				stable, provisional = agree(before, now)
			}
			before, wasSettled = now, settled
			l.Show(newest(stable, maxShown-len(provisional)), newest(provisional, maxShown))
		},
	}
}

// open returns a copy of the sound after the segments, and how many segments were sent.
func (u *Utterance) open() (pcm.Clip, int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return pcm.Clip{Rate: pcm.Rate, Samples: slices.Clone(u.heard), Voice: slices.Clone(u.voice)}, u.sent
}

// newest returns the last words that have at most so many bytes.
func newest(words string, most int) string {
	if len(words) <= most {
		return words
	}
	words = words[len(words)-max(most, 0):]
	for words != "" && !utf8.RuneStart(words[0]) {
		words = words[1:]
	}
	_, rest, _ := strings.Cut(words, " ")
	return rest
}
