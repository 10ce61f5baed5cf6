package recognition

import (
	"strings"
	"unicode"

	"github.com/arealicehole/vocoder/text"
)

// agree divides the words of a pass, the newest of an utterance, into those at its
// beginning that the pass before has too, and the rest. Capitals and marks do not count.
// Both parts together are the words, unchanged.
func agree(before, now string) (stable, provisional string) {
	was, is := units(before), units(now)
	for i, u := range is {
		if i >= len(was) || was[i].plain != u.plain {
			return now[:u.start], now[u.start:]
		}
	}
	return now, ""
}

// A unit is a word, or a letter of a script that has no spaces between words.
type unit struct {
	plain string
	start int // in bytes
}

func units(words string) []unit {
	var all []unit
	start, end := 0, 0
	add := func() {
		if plain := text.Plain(words[start:end]); plain != "" {
			all = append(all, unit{plain, start})
		}
		start = end
	}
	alone := false // the unit that begins at start is a letter of its own
	for i, r := range words {
		end = i
		letter := unicode.In(r, unspaced...)
		if unicode.IsSpace(r) || !unicode.IsMark(r) && (letter || alone) {
			add()
			start, alone = i, letter
		}
	}
	end = len(words)
	add()
	for i := range all { // the space before a unit belongs to the one before it
		rest := words[all[i].start:]
		all[i].start += len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
	}
	return all
}

// unspaced are the scripts that write no space between words.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}
