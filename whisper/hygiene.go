package whisper

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/pcm"
)

const (
	// fastest is how many letters a second nobody speaks: fast speakers
	// reach 25.
	fastest = 30
	// fast and normal are how many letters a second a text may have of which
	// people say little and recognisers make up much: as fast as people speak
	// if the recogniser does not say how sure it is, and not so fast if it says
	// that it is not.
	fast   = 25
	normal = 20
	// doubtful is the no_speech_prob from which a stock phrase is not believed;
	// a real "thank you" stays below 0.02, one out of nothing is above 0.06.
	doubtful = 0.06
	// noSpeech and noSense are where Whisper itself drops a segment.
	noSpeech = 0.6
	noSense  = -1.0
	// short is how long a text can be that is refused for its words, in
	// characters.
	short = 120
)

// believe returns the words of an answer as they are to be typed, or an error
// that wraps ErrNotSpeech if nobody said them: a recogniser that hears nothing
// makes something up. Words alone are never a reason, whatever they are: it takes
// the doubt of the recogniser or of the sound as well. What stands in brackets for
// a sound, as [Music], is left out. Of an endless repetition after real words
// those words are kept.
func believe(text string, said reply, q question, c Config) (string, error) {
	whole := text
	text = withoutSounds(text)
	switch {
	case text == "" || !hasWord(text) && text != whole:
		return "", nil
	case !hasWord(text):
		return "", made("no letter or digit")
	}
	p := plain(text)
	doubt := said.doubts(q.clip).of(p)
	if runes(text) <= short {
		switch {
		case doubt && isBracketed(text):
			return "", made("the name of a sound")
		case doubt && isCredit(p):
			return "", made("the credits of a film")
		case doubt && isStock(text, c.Phrases):
			return "", made("a stock phrase")
		case doubt && (isEcho(p, plain(c.Prompt)) || isEcho(p, plain(q.before))):
			return "", made("an echo of the prompt")
		case said.silent():
			return "", made("no speech by its own scores")
		}
	}
	length := q.clip.Duration()
	switch head, loop := loops(text); {
	case loop.repeats >= 12 && tooFast(loop.length, length, fastest/2), loop.repeats >= 4 && tooFast(letters(text), length, fastest):
		if head == "" {
			return "", made("a repetition")
		}
		text = head + loop.unit
	case loop.repeats >= 3 && doubt && 2*loop.length > runes(text):
		return "", made("a repetition")
	}
	if tooFast(letters(text), length, fastest) {
		return "", made("faster than speech")
	}
	return text, nil
}

func made(why string) error { return fmt.Errorf("%w: %s", ErrNotSpeech, why) }

// tooFast reports whether n characters in a time are more than rate a second;
// half a second of them is forgiven, since keys are pressed late.
func tooFast(n int, in time.Duration, rate float64) bool {
	return float64(n) > rate*(in.Seconds()+0.5)
}

// A doubt is what the recogniser's scores and the sound tell against a text.
type doubt struct {
	rate  float64 // letters for which a second of voice is enough; 0 is no doubt
	voice time.Duration
}

// doubts returns what tells against a text of the clip. A recogniser that is sure
// of a part of it is believed, and so is one where nobody knows of a voice.
func (r reply) doubts(c pcm.Clip) doubt {
	if c.Voice == nil || slices.ContainsFunc(r.scores, func(s score) bool { return s.noSpeech < doubtful }) {
		return doubt{}
	}
	if len(r.scores) > 0 {
		return doubt{rate: normal, voice: c.Voice.Total()}
	}
	return doubt{rate: fast, voice: c.Voice.Total()}
}

// of reports whether there is too little voice for a text, which is plain.
func (d doubt) of(plain string) bool {
	return d.rate > 0 && float64(letters(plain)) > d.rate*d.voice.Seconds()
}

// silent reports whether Whisper itself would drop every segment.
func (r reply) silent() bool {
	return len(r.scores) > 0 && !slices.ContainsFunc(r.scores, func(s score) bool {
		return s.noSpeech < noSpeech || s.logProb > noSense
	})
}

// plain returns a text for comparison: letters and digits in lower case, single
// spaces.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			return unicode.ToLower(r)
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// hasWord reports whether a text has anything to say aloud, in any script. A sign
// that is a word, too, is what Whisper writes for "dollar" or "percent" alone.
func hasWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.In(r, unicode.Sc, unicode.Sm) || strings.ContainsRune("%&@#°§", r)
	})
}

// letters returns how long a text is to say, in letters: a character of a script
// in which it is a syllable counts as two.
func letters(s string) int {
	n := 0
	for _, r := range s {
		if n++; unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			n++
		}
	}
	return n
}

// brackets are those in which recognisers name sounds.
var brackets = map[rune]rune{'[': ']', '(': ')', '*': '*', '（': '）', '【': '】', '<': '>'}

// maxSound bounds the name of a sound with its brackets, in bytes.
const maxSound = 80

// withoutSounds returns a text without the sounds that are named in it, as
// [Music], (coughs) or *sighs*: Whisper's way to say that nobody spoke.
func withoutSounds(s string) string {
	var b strings.Builder
	rest, found := s, false
	for rest != "" {
		r, size := utf8.DecodeRuneInString(rest)
		if end := brackets[r]; end != 0 {
			inside := rest[size:min(len(rest), maxSound)]
			if i := strings.IndexRune(inside, end); i >= 0 && isSound(inside[:i]) {
				rest, found = rest[size+i+utf8.RuneLen(end):], true
				continue
			}
		}
		b.WriteString(rest[:size])
		rest = rest[size:]
	}
	if !found {
		return s
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// isSound reports whether words name a sound, and nothing else.
func isSound(s string) bool {
	named := false
	for _, w := range strings.Fields(plain(s)) {
		switch {
		case sounds[w]:
			named = true
		case !soundWords[w]:
			return false
		}
	}
	return named
}

// isBracketed reports whether all words of a text stand in brackets, or among
// notes.
func isBracketed(s string) bool {
	var end rune
	for _, r := range s {
		switch {
		case end != 0:
			if r == end {
				end = 0
			}
		case brackets[r] != 0:
			end = brackets[r]
		case unicode.IsLetter(r), unicode.IsNumber(r):
			return strings.ContainsAny(s, "♪♫🎵")
		}
	}
	return end == 0
}

// isCredit reports whether a text has what occurs in the credits of films, or is
// nothing but the address of a page.
func isCredit(plain string) bool {
	return strings.HasPrefix(plain, "www") && !strings.Contains(plain, " ") ||
		slices.ContainsFunc(credits, func(s string) bool { return strings.Contains(plain, s) })
}

// isStock reports whether a text, or each of its sentences, is a stock phrase.
func isStock(s string, more []string) bool {
	known := func(s string) bool {
		p := plain(s)
		return p == "" || phrases[p] || slices.ContainsFunc(more, func(m string) bool { return plain(m) == p })
	}
	return known(s) || !slices.ContainsFunc(strings.FieldsFunc(s, isEnd), func(s string) bool { return !known(s) })
}

// isEcho reports whether at least two words are those of the context.
func isEcho(plain, context string) bool {
	return strings.Contains(plain, " ") && strings.Contains(" "+context+" ", " "+plain+" ")
}

// A loop is the end of a text that repeats itself.
type loop struct {
	unit    string // as it stands the first time
	repeats int
	length  int // of all repeats, in characters
}

// maxUnit is how long a unit of a loop can be, in words or, where there are
// none, in characters.
const maxUnit = 40

// loops finds the longest repetition at the end of a text, and
// what stands before, with the space between.
func loops(text string) (head string, _ loop) {
	parts, glue := strings.Fields(text), " "
	if len(parts) < 3 { // no words: a script without spaces
		parts, glue = strings.Split(text, ""), ""
	}
	same := make([]string, len(parts))
	for i, p := range parts {
		if same[i] = plain(p); same[i] == "" {
			same[i] = p
		}
	}
	best, period := 0, 0
	for p := 1; p <= min(len(same)/2, maxUnit); p++ {
		n := 0
		for n < len(same)-p && same[len(same)-1-n] == same[len(same)-1-n-p] {
			n++
		}
		if n >= p && n+p > best {
			best, period = n+p, p
		}
	}
	if period == 0 {
		return text, loop{}
	}
	start := len(parts) - best/period*period // whole units only
	if head = strings.Join(parts[:start], glue); head != "" {
		head += glue
	}
	return head, loop{
		unit:    strings.Join(parts[start:start+period], glue),
		repeats: best / period,
		length:  runes(strings.Join(parts[start:], glue)),
	}
}
