package whisper

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rules are how the user wants texts to be written. The zero Rules change
// nothing. They are pure and safe for concurrent use.
type Rules struct {
	Vocabulary  Vocabulary
	Punctuation []string // the languages whose spoken punctuation is written as marks
	Casing      Casing
	Spacing     Spacing
}

// A Casing says what becomes of capitals.
type Casing string

const (
	AsHeard  Casing = ""         // nothing
	Lower    Casing = "lower"    // there are none
	Sentence Casing = "sentence" // the first letter follows from what stands before
)

// A Spacing says what parts a text from the next.
type Spacing string

const (
	NoSpace Spacing = ""         // nothing
	After   Spacing = "trailing" // a space follows each text
	Smart   Spacing = "smart"    // a space stands before a text if one is needed
)

// Apply returns the text as it is to be typed. Before is what was typed last
// at the same place, as much of it as is known; empty if nothing is.
func (r Rules) Apply(text, before string) string {
	text = r.Vocabulary.replace(text)
	text = punctuate(text, languageOfMarks(text, r.Punctuation))
	text = r.Casing.apply(text, before)
	return r.Spacing.apply(text, before)
}

func (c Casing) apply(text, before string) string {
	switch c {
	case Lower:
		return strings.ToLower(text)
	case Sentence:
		before = strings.TrimRight(before, " \t\"”»)]")
		last, _ := utf8.DecodeLastRuneInString(before)
		switch {
		case before == "" || isEnd(last) || last == '\n':
			return capital(text)
		case isLink(text):
			return small(text)
		}
	}
	return text
}

func (s Spacing) apply(text, before string) string {
	if text == "" {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(text)
	end, _ := utf8.DecodeLastRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(before)
	switch {
	case s == After && !unicode.IsSpace(end) && !spaceless(end):
		return text + " "
	case s != Smart || before == "" || unicode.IsSpace(last) || unicode.IsSpace(first),
		strings.ContainsRune("([{“‘¿¡（「『/-", last),
		strings.ContainsRune(",;:.!?%)]}…", first),
		spaceless(last) && spaceless(first):
		return text
	}
	return " " + text
}

// capital returns s with its first letter in upper case, small in lower case.
func capital(s string) string { return mapFirst(s, unicode.ToUpper) }
func small(s string) string   { return mapFirst(s, unicode.ToLower) }

func mapFirst(s string, to func(rune) rune) string {
	i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	if i < 0 {
		return s
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	return s[:i] + string(to(r)) + s[i+n:]
}
