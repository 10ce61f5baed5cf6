package whisper

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/arealicehole/vocoder/internal/pcm"
)

const (
	// fastest is how many characters a second nobody speaks: fast speakers
	// reach 25.
	fastest = 30
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

// blank is what whisper.cpp says of silence.
const blank = "[BLANK_AUDIO]"

// believe returns the words of an answer as they are to be typed, or an error
// that wraps ErrNotSpeech if nobody said them: a recogniser that hears nothing
// makes something up. Only a whole text that is implausible in itself is
// refused; a phrase alone is no reason. Of an endless repetition after real
// words those words are kept.
func believe(text string, said reply, q question, c Config) (string, error) {
	if strings.Contains(text, blank) {
		text = words(strings.ReplaceAll(text, blank, " "))
	}
	if text == "" || isMarker(text) {
		return "", nil
	}
	p := plain(text)
	doubt := said.doubt(p, q.clip)
	if runes(text) <= short {
		switch {
		case isCredit(p):
			return "", made("the credits of a film")
		case doubt && (phrases[p] || slices.ContainsFunc(c.Phrases, func(s string) bool { return plain(s) == p })):
			return "", made("a stock phrase")
		case doubt && (isEcho(p, plain(c.Prompt)) || isEcho(p, plain(q.before))):
			return "", made("an echo of the prompt")
		case said.silent():
			return "", made("no speech by its own scores")
		}
	}
	length := q.clip.Duration()
	if head, loop := loops(text); loop.repeats >= 4 {
		endless := loop.repeats >= 12 && tooFast(loop.length, length, fastest/2)
		if endless || tooFast(runes(text), length, fastest) || head == "" && doubt {
			if head == "" {
				return "", made("a repetition")
			}
			text = head + loop.unit
		}
	}
	if tooFast(runes(text), length, fastest) {
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

// doubt reports whether there is a reason to believe that nobody said the
// text: the scores if there are any, else that too little of the clip is loud
// enough to hold it.
func (r reply) doubt(plain string, c pcm.Clip) bool {
	if len(r.scores) > 0 {
		return !slices.ContainsFunc(r.scores, func(s score) bool { return s.noSpeech < doubtful })
	}
	return float64(runes(plain)) > fastest*loud(c).Seconds()
}

// silent reports whether Whisper itself would drop every segment.
func (r reply) silent() bool {
	return len(r.scores) > 0 && !slices.ContainsFunc(r.scores, func(s score) bool {
		return s.noSpeech < noSpeech || s.logProb > noSense
	})
}

// The levels of loud, as amplitudes of 16-bit samples: below quiet nothing is
// speech, above sure everything may be.
const (
	quiet = 100
	sure  = 400
)

// loud returns how much of the clip stands out: frames of 20 ms three times as
// loud as its quietest tenth, or a quarter as loud as its loudest.
func loud(c pcm.Clip) time.Duration {
	const frame = 20 * time.Millisecond
	n := c.Rate / 50
	if n == 0 {
		return 0
	}
	var levels []float64
	for f := range slices.Chunk(c.Samples, n) {
		sum := 0.0
		for _, s := range f {
			sum += float64(s) * float64(s)
		}
		levels = append(levels, math.Sqrt(sum/float64(len(f))))
	}
	if len(levels) == 0 {
		return 0
	}
	slices.Sort(levels)
	floor, peak := levels[len(levels)/10], levels[len(levels)-1]
	threshold := max(quiet, min(3*floor, max(peak/4, sure)))
	i, _ := slices.BinarySearch(levels, threshold)
	return time.Duration(len(levels)-i) * frame
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

// isMarker reports whether a text only names sounds, as [Music], (coughs),
// *sighs* or ♪ do: Whisper's way to say that nobody spoke.
func isMarker(s string) bool {
	pairs := map[rune]rune{'[': ']', '(': ')', '*': '*', '（': '）', '【': '】', '<': '>'}
	var end rune
	for _, r := range s {
		switch {
		case end != 0:
			if r == end {
				end = 0
			}
		case pairs[r] != 0:
			end = pairs[r]
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return false
		}
	}
	return end == 0 && strings.ContainsAny(s, "[(*（【<♪♫🎵") && runes(s) <= short
}

func isCredit(plain string) bool {
	return slices.ContainsFunc(credits, func(s string) bool { return strings.Contains(plain, s) })
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

// loops finds the repetition at the end of a text that covers most of it, and
// what stands before, with the space between.
func loops(text string) (head string, _ loop) {
	parts, glue := strings.Fields(text), " "
	if len(parts) < 4 { // no words: a script without spaces
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
