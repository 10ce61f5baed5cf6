package whisper

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
)

// ErrNotSpeech is wrapped by the error of a text that the recognizer made up.
var ErrNotSpeech = errors.New("not speech")

// LeftOut is the error of words without a part that the recognizer made up. It can be
// joined with an error that wraps ErrIncomplete.
type LeftOut struct {
	Words string // of the part
	Why   error  // wraps ErrNotSpeech
}

func (e *LeftOut) Error() string { return "a part is left out: " + e.Why.Error() }

const (
	// maxRate is how many letters a second are faster than speech: fast speakers
	// reach 25.
	maxRate = 30
	// maxUnscored and maxScored are how many letters a second of voice a text has at
	// most that is not suspicious. The recognizer gave no scores, or gave scores of
	// which none is sure: then its text must be slower than fast speech.
	maxUnscored = 25
	maxScored   = 20
	// sure is the no_speech_prob of a segment below which the recognizer is sure of
	// it. A spoken "thank you" is below 0.02, one made up is above 0.06.
	sure = 0.06
	// repetitive is the compression_ratio of a segment above which Whisper itself tries
	// again.
	repetitive = 2.4
	// softVoice is the probability from which a frame may be a soft voice.
	softVoice = 0.2
	// Whisper itself drops a segment above noSpeech and below noSense.
	noSpeech = 0.6
	noSense  = -1.0
	// maxPhrase is how long a text is that is refused for its words, in characters.
	maxPhrase = 120
)

// filter returns the words of an answer as they are to be typed. A recognizer that
// hears nothing makes something up; then the error wraps ErrNotSpeech. Words alone
// are never a reason to refuse a text: its scores or the sound must make it
// suspicious too. The names of sounds in brackets, such as [Music], are removed. Of
// words and an endless repetition after them, the words remain.
func filter(words string, answer reply, q question, c Config) (string, error) {
	whole := words
	words = withoutSounds(words)
	switch {
	case words == "" || !hasWord(words) && words != whole:
		return "", nil
	case !hasWord(words) && (isFiller(words) || !q.clip.Voice.Speaks()):
		return "", notSpeech("no letter or digit")
	case !hasWord(words):
		return words, nil
	}
	p := text.Plain(words)
	suspicious := answer.suspicious(q.clip, p)
	if utf8.RuneCountInString(words) <= maxPhrase {
		switch {
		case suspicious && isBracketed(words):
			return "", notSpeech("the name of a sound")
		case suspicious && isCredit(p):
			return "", notSpeech("the credits of a film")
		case suspicious && isStock(words, c.Phrases):
			return "", notSpeech("a stock phrase")
		case suspicious && isEcho(p, text.Plain(c.context(q, maxPrompt))):
			return "", notSpeech("an echo of the prompt")
		case answer.silent():
			return "", notSpeech("no speech by its own scores")
		}
	}
	length := q.clip.Duration()
	switch head, loop := loops(words); {
	case loop.repeats >= 12 && tooFast(loop.length, length, maxRate/2), loop.repeats >= 4 && tooFast(letters(words), length, maxRate):
		if head == "" {
			return "", notSpeech("a repetition")
		}
		words = head + loop.unit
	case loop.repeats >= 3 && suspicious && 2*loop.length > utf8.RuneCountInString(words):
		return "", notSpeech("a repetition")
	}
	if tooFast(letters(words), length, maxRate) {
		return "", notSpeech("faster than speech")
	}
	return words, nil
}

func notSpeech(why string) error { return fmt.Errorf("%w: %s", ErrNotSpeech, why) }

// tooFast reports whether n characters in a time are more than rate a second. It
// adds half a second to the time, because users press the key late.
func tooFast(n int, in time.Duration, rate float64) bool {
	return float64(n) > rate*(in.Seconds()+0.5)
}

// suspicious reports whether the clip has too little voice for the answer, whose
// plain text is given. It is not suspicious if the recognizer is sure of a part, or
// if the voice in the clip is unknown.
func (r reply) suspicious(c pcm.Clip, plain string) bool {
	if c.Voice == nil || slices.ContainsFunc(r.scores, score.isSure) {
		return false
	}
	rate := maxUnscored
	if len(r.scores) > 0 {
		rate = maxScored
	}
	return float64(letters(plain)) > float64(rate)*voiceLength(c.Voice).Seconds()
}

// isSure reports whether the recognizer is sure that a segment was said.
func (s score) isSure() bool { return s.noSpeech < sure && s.compression <= repetitive }

// voiceLength returns how long a voice speaks. If the clip has a word for certain, soft frames
// count too: a whisper may have no others.
func voiceLength(v pcm.Voice) time.Duration {
	if !v.Speaks() {
		return v.Total()
	}
	n := 0
	for _, p := range v {
		if p >= softVoice {
			n++
		}
	}
	return time.Duration(n) * pcm.VoiceFrame
}

// silent reports whether Whisper itself would drop every segment.
func (r reply) silent() bool {
	return len(r.scores) > 0 && !slices.ContainsFunc(r.scores, func(s score) bool {
		return s.noSpeech < noSpeech || s.logProb > noSense
	})
}

// hasWord reports whether a text has anything that can be spoken, in any script. It
// includes signs, because Whisper writes a sign for "dollar" or "percent" alone.
func hasWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.In(r, unicode.Sc, unicode.Sm) || strings.ContainsRune("%&@#°§", r)
	})
}

// isFiller reports whether a text has only marks that recognizers write for silence and
// music. Other marks may have been dictated, such as a question mark.
func isFiller(s string) bool {
	return strings.Trim(s, " .…·-–—_*~♪♫♬🎵🎶🎼") == "" || utf8.RuneCountInString(s) > maxMarks
}

// maxMarks is how many marks may be dictated without a word, in characters.
const maxMarks = 8

// letters returns how long it takes to speak a text, in letters. A character that is
// a syllable counts as two.
func letters(s string) int {
	n := 0
	for _, r := range s {
		if n++; unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			n++
		}
	}
	return n
}

// brackets are the brackets in which recognizers name sounds.
var brackets = map[rune]rune{'[': ']', '(': ')', '*': '*', '（': '）', '【': '】', '<': '>'}

// maxSound is the limit for the name of a sound with its brackets, in bytes.
const maxSound = 80

// withoutSounds returns a text without the names of sounds, such as [Music],
// (coughs) or *sighs*. Whisper writes them where it hears no words.
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

// isSound reports whether all words belong to the name of a sound.
func isSound(s string) bool {
	named := false
	for _, w := range strings.Fields(text.Plain(s)) {
		switch {
		case slices.Contains(sounds, w):
			named = true
		case !slices.Contains(soundWords, w):
			return false
		}
	}
	return named
}

// isBracketed reports whether all words of a text are in brackets, or the text has
// notes of music.
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

// isCredit reports whether a text has words of the credits of films, or is the
// address of a web page alone.
func isCredit(plain string) bool {
	return strings.HasPrefix(plain, "www") && !strings.Contains(plain, " ") ||
		slices.ContainsFunc(credits, func(s string) bool { return strings.Contains(plain, s) })
}

// isStock reports whether a text, or each of its sentences, is a stock phrase.
func isStock(s string, more []string) bool {
	known := func(s string) bool {
		p := text.Plain(s)
		return p == "" || slices.Contains(phrases, p) || slices.ContainsFunc(more, func(m string) bool { return text.Plain(m) == p })
	}
	return known(s) || !slices.ContainsFunc(strings.FieldsFunc(s, text.IsEnd), func(s string) bool { return !known(s) })
}

// isEcho reports whether a text of at least two words is part of the context.
func isEcho(plain, context string) bool {
	return strings.Contains(plain, " ") && strings.Contains(" "+context+" ", " "+plain+" ")
}

// A loop is a repetition at the end of a text.
type loop struct {
	unit    string // as it is written the first time
	repeats int
	length  int // of all repeats, in characters
}

// maxUnit is the limit of a unit of a loop, in words, or in characters for a text
// without spaces.
const maxUnit = 40

// loops returns the longest repetition at the end of a text, and the text before it
// with the space between.
func loops(words string) (head string, _ loop) {
	parts, glue := strings.Fields(words), " "
	if len(parts) < 3 { // no words: a script without spaces
		parts, glue = strings.Split(words, ""), ""
	}
	same := make([]string, len(parts))
	for i, p := range parts {
		if same[i] = text.Plain(p); same[i] == "" {
			same[i] = p
		}
	}
	best, period := 0, 0
	for p := 1; p <= maxUnit; p++ {
		n := 0
		for n < len(same)-p && same[len(same)-1-n] == same[len(same)-1-n-p] {
			n++
		}
		if n >= p && n+p > best {
			best, period = n+p, p
		}
	}
	if period == 0 {
		return words, loop{}
	}
	start := len(parts) - best/period*period // whole units only
	if head = strings.Join(parts[:start], glue); head != "" {
		head += glue
	}
	return head, loop{
		unit:    strings.Join(parts[start:start+period], glue),
		repeats: best / period,
		length:  utf8.RuneCountInString(strings.Join(parts[start:], glue)),
	}
}
