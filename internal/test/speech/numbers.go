package speech

import (
	"strconv"
	"strings"

	"github.com/arealicehole/vocoder/internal/spell"
)

// Split returns the words of a text of the language for comparison, as Words does. It also
// writes numbers out that are in digits: "20" is "veinte" in Spanish. It knows 0 to 20,
// and 30, 40 to 90; other numbers stay digits.
func (l Language) Split(text string) (words []string) {
	text = strings.ReplaceAll(strings.ToLower(text), "ё", "е")
	for _, w := range split(text) {
		if n, err := strconv.Atoi(w); err == nil {
			words = append(words, split(l.number(n, w))...)
		} else if s, ok := spoken[w]; ok && l.Code == "en" {
			words = append(words, s)
		} else {
			words = append(words, w)
		}
	}
	return words
}

// number returns a number in words, or otherwise if the number is not known.
func (l Language) number(n int, otherwise string) string {
	ones, tens := strings.Fields(l.ones), strings.Fields(l.tens)
	switch {
	case n >= 0 && n < len(ones):
		return ones[n]
	case n%10 == 0 && n >= 30 && n/10-3 < len(tens):
		return tens[n/10-3]
	}
	return otherwise
}

// Compare scores a recognized text of the language against the spoken text. A number in
// digits is not an error.
func (l Language) Compare(said, recognized string) Score {
	want := l.Split(said)
	return Score{len(want), spell.Distance(want, l.Split(recognized))}
}
