// Package text turns the words of a recognizer into the text to type: vocabulary,
// spoken punctuation, capitals, the joint to the text before, and the user's own
// command.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/script"
)

// Rules are the settings for how texts are written. They are applied in two steps,
// Write and Continue, because what comes before a text is known only when it is
// typed. The zero Rules change nothing. They are safe for concurrent use.
type Rules struct {
	Vocabulary    Vocabulary
	Punctuation   string // whose spoken names become marks: "on" for those of the language spoken, or the code of one
	Casing        Casing
	SmartSpace    bool     // separate a text from the text before it where a space is needed
	TrailingSpace bool     // end each text with a space
	Languages     []string // the codes of the languages that the texts may be in; none if unknown
}

// A Casing says how capitals are written.
type Casing string

// The casings, as the setting text.casing names them.
const (
	AsHeard  Casing = "as-heard" // as the recognizer wrote them; the zero value means this too
	Lower    Casing = "lower"    // all letters become small
	Sentence Casing = "sentence" // the first letter follows from the text before
)

// Write returns a text with the recognizer's words as the rules have them. Spoken
// are the codes of the languages that the words may be in; none if unknown.
func (r Rules) Write(words string, spoken []string) string {
	text := r.Vocabulary.replace(words, spoken)
	text = punctuate(text, languageOfMarks(text, r.languagesOfMarks(spoken)))
	if r.Casing == Lower {
		text = capitalsOf(text, spoken).lower(text)
	}
	return text
}

// languagesOfMarks returns the languages in which marks may be named.
func (r Rules) languagesOfMarks(spoken []string) []string {
	switch {
	case r.Punctuation != "on":
		return []string{r.Punctuation}
	case len(spoken) == 0:
		return language.WithMarks()
	}
	return spoken
}

// Continue returns a text of Write as it is typed after the text before. Before is
// what was typed last at the same place, as much of it as is known, or "".
func (r Rules) Continue(text, before string) string {
	if r.Casing == Sentence {
		text = r.continueSentence(text, before)
	}
	if r.SmartSpace && needsSpace(before, text) {
		text = " " + text
	}
	if r.TrailingSpace && bearsSpace(text) {
		text += " "
	}
	return text
}

// continueSentence returns text with a capital if a sentence begins with it, and
// without one if the sentence before continues with a word that has none elsewhere.
func (r Rules) continueSentence(text, before string) string {
	l := lingoOf(before+" "+text, r.Languages)
	end := strings.TrimRight(before, " \t\u00a0\u202f")
	last, _ := utf8.DecodeLastRuneInString(end)
	switch {
	case end == "" || last == '\n':
		return l.capital(text)
	case last == '…' || last == ':' || strings.HasSuffix(end, "..."), l.keepsStop(end, text), startsDash(text), opensAtEnd(end):
		return text
	case IsEnd(last) || endsQuoted(end) && !beginsSmall(text):
		return l.capital(text)
	case endsQuoted(end):
		return text
	}
	return l.withoutCapital(text, end)
}

// bearsSpace reports whether a space may come after a text. None comes after a mark that
// belongs to the next word, and none after Chinese and Japanese.
func bearsSpace(text string) bool {
	last, n := utf8.DecodeLastRuneInString(text)
	if script.EndsCJK(text) {
		return false
	}
	return n > 0 && !unicode.IsSpace(last) && !endsElided(text) && !(n < len(text) && opensAtEnd(text) || isOpening(last))
}

// startsDash reports whether a text begins with a dash. What follows may be the sentence
// before: ¿Vienes? —preguntó.
func startsDash(text string) bool {
	return strings.HasPrefix(text, "—") || strings.HasPrefix(text, "–")
}
