package whisper

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
	"github.com/arealicehole/vocoder/whisper/internal/markup"
)

// ErrIncomplete is wrapped by the error of words that are probably not all that was said,
// although the client has asked a second time.
var ErrIncomplete = errors.New("the recognizer has probably left out words")

const (
	// minVoice is how much voice cannot be without a word.
	minVoice = 5 * time.Second
	// A text has at least minRate letters for each second of voice after the first
	// unhurried. Slow speakers reach 5; a recognizer that stopped early gives less.
	minRate   = 1.5
	unhurried = 20 * time.Second
)

// incomplete returns an error that wraps ErrIncomplete if the words of an answer are
// probably not all: their stream has no end, or there is far more voice in the clip.
func (r reply) incomplete(c pcm.Clip) error {
	n, spoken := r.letters(), c.Voice.Total()
	switch {
	case r.partial:
		return fmt.Errorf("%w: the answer has no end", ErrIncomplete)
	case n == 0 && spoken >= minVoice, float64(n) < minRate*(spoken-unhurried).Seconds():
		return fmt.Errorf("%w: there are %d letters for %v of voice", ErrIncomplete, n, spoken.Round(time.Second))
	}
	return nil
}

// better reports whether an answer is more likely than another to have all words.
func (r reply) better(than reply, c pcm.Clip) bool {
	if complete := r.incomplete(c) == nil; complete != (than.incomplete(c) == nil) {
		return complete
	}
	return r.letters() > than.letters()
}

// letters returns how long it takes to speak the words of an answer, in letters. It does
// not count stock phrases at the end, which recognizers add to an answer that they end
// early.
func (r reply) letters() int {
	words := withoutSounds(text.Line(markup.Remove(r.text)))
	if !hasWord(words) {
		return 0
	}
	sentences := strings.FieldsFunc(words, text.IsEnd)
	for len(sentences) > 1 && isStock(sentences[len(sentences)-1], nil) {
		sentences = sentences[:len(sentences)-1]
	}
	return letters(text.Plain(strings.Join(sentences, " ")))
}
