package selftest

import (
	"strings"
	"unicode"

	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/spell"
)

// report.Finding is how well the sentence was understood by a recognizer that knows
// English or is known not to.
func (w WordErrors) finding(length int, english bool) report.Finding {
	switch {
	case !english && 2*w.Wrong > w.Spoken:
		return report.Bad(report.Warning, "", "%d characters, which tell nothing of your language: the sentence is English, which the recognizer does not know", length)
	case length == 0:
		return report.Bad(report.Broken, "vocoder doctor", "it heard nothing in the sentence")
	case 2*w.Wrong > w.Spoken:
		return report.Bad(report.Warning, "", "%d characters; %d of %d words are wrong: does it understand English?", length, w.Wrong, w.Spoken)
	}
	return report.Good("%d characters; %d of %d words are wrong", length, w.Wrong, w.Spoken)
}

// compare counts the words that are missing, too many or other ones, whatever
// their case and punctuation.
func compare(spoken, written string) WordErrors {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '\'' })
	}
	a, b := split(spoken), split(written)
	return WordErrors{Spoken: len(a), Wrong: spell.Distance(a, b)}
}

// Wordings compare what was spoken with what came of it.
type WordErrors struct {
	Spoken int `json:"spoken"`
	Wrong  int `json:"wrong"` // missing, too many or other ones
}
