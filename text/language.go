package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lingo is the code of the language whose rules apply to a text, or "" if the language
// is not known. Then a rule applies only if it is right in every language.
type lingo string

// tellingPart is how much of a text is enough to detect its language, in characters. More
// takes time: 1 ms for 300, 5 ms for 2,000.
const tellingPart = 300

// lingoOf returns the language of a text that is in one of some languages; in any language
// if codes has none.
func lingoOf(text string, codes []string) lingo {
	if len(codes) == 1 {
		return lingo(codes[0])
	}
	if code := Detect(clip(text, tellingPart)).Language(); len(codes) == 0 || slices.Contains(codes, code) {
		return lingo(code)
	}
	return ""
}

// in reports whether a table has a word for the language.
func (l lingo) in(table map[string]map[string]bool, word string) bool {
	if l != "" {
		return table[string(l)][word]
	}
	for _, all := range table {
		if all[word] {
			return true
		}
	}
	return false
}

// isSmall reports whether a word has a capital only at the beginning of a sentence.
func (l lingo) isSmall(word string) bool {
	return l.in(small, word) && (l != "" || !nameParts[word])
}

// withoutCapital returns a text without the capital of its first word, if that word has
// one only at the beginning of a sentence. Left is the text before it.
func (l lingo) withoutCapital(s, left string) string {
	word, rest := cutWord(s)
	if l.isPlain(word) && !l.isName(word, rest, left) {
		return toSmall(s)
	}
	return s
}

// isPlain reports whether a word is one of isSmall, alone (The), elided (L'homme), or with
// an ending (It's, Est-ce).
func (l lingo) isPlain(word string) bool {
	i := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) })
	if i < 0 {
		i = len(word)
	}
	base, ending := word[:i], word[i:]
	_, n := utf8.DecodeRuneInString(base)
	if n == 0 || strings.ToLower(word[n:]) != word[n:] || isHyphen(ending) && l != "fr" && l != "pt" {
		return false // IT, O'Brien, Vor- und Nachteile
	}
	base = strings.ToLower(base)
	return l.isSmall(base) || ending != "" && !isHyphen(ending) && (l == "fr" || l == "it") && elisions[base]
}

// isName reports whether a word of isPlain is a part of a name: The Hague, Luigi Di Maio,
// plan A. Rest is the text after it, left the text before it.
func (l lingo) isName(word, rest, left string) bool {
	lower := strings.ToLower(word)
	next, _ := cutWord(strings.TrimLeft(rest, " "))
	before := lastWord(left)
	switch after := strings.ToLower(next); {
	case before == "", l.in(articleNames, lower+" "+after):
		return true
	case utf8.RuneCountInString(word) == 1:
		return next == "" || !strings.HasPrefix(rest, " ") || labels[strings.ToLower(before)] || l == "en" && l.isSmall(after)
	case l == "de":
		return isIndefinite(before) // ein Muss
	}
	return articles[lower] && startsCapital(next) && startsCapital(before)
}

// cutWord returns the word that a text begins with, with the apostrophes and hyphens
// within it, and the text after it.
func cutWord(s string) (word, rest string) {
	i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !isApostrophe(r) && r != '-' })
	if i < 0 {
		i = len(s)
	}
	return s[:i], s[i:]
}

// lastWord returns the last word of a text, without marks after it and without what is
// elided before it: hépatite of l'hépatite.
func lastWord(s string) string {
	s = strings.TrimRightFunc(s, func(r rune) bool { return !isWord(r) })
	i := strings.LastIndexFunc(s, func(r rune) bool { return !isWord(r) && r != '-' })
	if i < 0 {
		return s
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return s[i+n:]
}

func startsCapital(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' }

func isHyphen(s string) bool { return strings.HasPrefix(s, "-") }

// keepsStop reports whether the full stop at the end of a text belongs to its last word, as
// with an abbreviation. So it does not tell that a sentence ended. Right is the text
// after it.
func (l lingo) keepsStop(left, right string) bool {
	w := strings.Fields(left)
	if len(w) == 0 {
		return true
	}
	last := strings.TrimLeftFunc(w[len(w)-1], func(r rune) bool { return !isWord(r) })
	word := strings.TrimRight(last, ".")
	lower := strings.ToLower(word)
	switch {
	case word == "" || !strings.HasSuffix(last, ".") || strings.HasSuffix(last, ".."):
		return word == "" && last != ""
	case strings.Contains(word, "."):
		return isInitials(word)
	case strings.TrimLeft(word, "0123456789") == "", l != "" && isRoman(word):
		return len(word) <= 2 && l == "" || ordinals[string(l)] && len(word) <= 5
	case utf8.RuneCountInString(word) == 1 && !(l != "" && l.in(abbreviations, lower)):
		next, rest := cutWord(right) // E. coli, but not plan B. and
		isInitial := next != "" && (!l.isSmall(next) || strings.HasPrefix(rest, ".")) || len(w) > 1 && utf8.RuneCountInString(strings.Trim(w[len(w)-2], "(.")) == 1
		return !(l == "en" && word == "I") && (word == lower || isInitial)
	}
	if l != "" && abbreviations[string(l)] == nil {
		return utf8.RuneCountInString(word) <= maxAbbreviation
	}
	return l.in(abbreviations, lower)
}

// maxAbbreviation is how long an abbreviation is in languages without a list, in letters.
const maxAbbreviation = 4

// isInitials reports whether a word is of letters with full stops: p.m, U.S, Ph.D.
func isInitials(word string) bool {
	for part := range strings.FieldsFuncSeq(word, func(r rune) bool { return r == '.' || r == '-' }) { // c.-à-d
		if n := utf8.RuneCountInString(part); n > 2 || strings.ContainsFunc(part, unicode.IsDigit) {
			return false
		}
	}
	return true
}

// isRoman reports whether a word is a Roman number.
func isRoman(word string) bool { return strings.Trim(word, "IVX") == "" }
