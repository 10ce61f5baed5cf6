package speech

import (
	"strings"
	"unicode"

	"github.com/arealicehole/vocoder/internal/spell"
)

// spoken maps spellings to the spoken words. Recognizers use different spellings, which
// are not errors.
var spoken = map[string]string{
	"mr": "mister", "mrs": "missus", "dr": "doctor", "metres": "meters",
	"0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five",
	"6": "six", "7": "seven", "8": "eight", "9": "nine", "10": "ten",
}

// Words splits a text into words for comparison: in lower case, without punctuation except
// the apostrophe in a word, small numbers written out.
func Words(text string) []string {
	words := split(text)
	for i, w := range words {
		if s, ok := spoken[w]; ok {
			words[i] = s
		}
	}
	return words
}

// split returns the words of a text in lower case.
func split(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\''
	})
	kept := words[:0]
	for _, w := range words {
		if w = strings.Trim(w, "'"); w != "" {
			kept = append(kept, w)
		}
	}
	return kept
}

// A Score counts words and mistakes. Add the scores of clips before you call Rate: a
// mean of rates would give more weight to the words of short clips.
type Score struct {
	Words  int // spoken
	Errors int // substituted, deleted or inserted
}

// Compare scores a recognized text against the spoken text.
func Compare(spoken, recognized string) Score {
	want := Words(spoken)
	return Score{len(want), spell.Distance(want, Words(recognized))}
}

// Plus returns the sum of both scores.
func (s Score) Plus(t Score) Score { return Score{s.Words + t.Words, s.Errors + t.Errors} }

// Rate returns the word error rate: mistakes for each spoken word. It is 0 without
// spoken words, and may exceed 1.
func (s Score) Rate() float64 {
	if s.Words == 0 {
		return 0
	}
	return float64(s.Errors) / float64(s.Words)
}
