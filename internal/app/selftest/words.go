package selftest

import (
	"strings"
	"unicode"

	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/spell"
)

// finding returns the finding about a text of length characters. english says whether the
// recognizer may know English.
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

// compare compares what was spoken with what the recognizer wrote. It ignores case and
// punctuation.
func compare(spoken, written string) WordErrors {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '\'' })
	}
	a, b := split(spoken), split(written)
	return WordErrors{Spoken: len(a), Wrong: spell.Distance(a, b)}
}

// WordErrors counts the words that were spoken, and the errors of the recognizer.
type WordErrors struct {
	Spoken int `json:"spoken"`
	Wrong  int `json:"wrong"` // words that are missing, additional or different
}
