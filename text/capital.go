package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// capital returns s with its first letter as a sentence begins with it. Words that are
// always written so stay: iPhone, www.example.com, the end of a word ('s).
func (l lingo) capital(s string) string {
	word, _, _ := strings.Cut(strings.TrimLeft(s, " "), " ")
	if isFixed(word) || isContraction(s) || isClitic(word) {
		return s
	}
	switch {
	case turkic[string(l)]:
		return mapFirst(s, unicode.TurkishCase.ToTitle)
	case l == "nl" && isIJ(s):
		return strings.Replace(s, "ij", "IJ", 1)
	}
	return mapFirst(s, unicode.ToTitle)
}

// turkic are the languages with a dotted and a dotless i.
var turkic = set("tr", "az")

// isIJ reports whether the first letter of a Dutch text is ij, of which both parts become
// capitals.
func isIJ(s string) bool {
	return strings.HasPrefix(strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "ij")
}

// capitalsOf returns the language of a text as far as its capitals depend on it.
func capitalsOf(text string, codes []string) lingo {
	if len(codes) > 0 && !slices.ContainsFunc(codes, func(code string) bool { return code == "nl" || turkic[code] }) {
		return ""
	}
	return lingoOf(text, codes)
}

// lower returns s in lower case.
func (l lingo) lower(s string) string {
	if turkic[string(l)] {
		return strings.ToLowerSpecial(unicode.TurkishCase, s)
	}
	small := []rune(strings.ToLower(s))
	for i, r := range small { // the sigma at the end of a Greek word
		if r == 'σ' && i > 0 && unicode.IsLetter(small[i-1]) && (i+1 == len(small) || !isWord(small[i+1])) {
			small[i] = 'ς'
		}
	}
	return string(small)
}

// isClitic reports whether a word is one letter after an apostrophe: ’s avonds, ’n Abend.
func isClitic(word string) bool {
	r, n := utf8.DecodeRuneInString(word)
	return isApostrophe(r) && utf8.RuneCountInString(word[n:]) == 1
}

// toSmall returns s with its first letter in lower case.
func toSmall(s string) string { return mapFirst(s, unicode.ToLower) }

func mapFirst(s string, to func(rune) rune) string {
	i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	if i < 0 {
		return s
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	return s[:i] + string(to(r)) + s[i+n:]
}

// isFixed reports whether a word has its own capitals: a name such as iPhone, an address,
// the name of a file or of a variable.
func isFixed(word string) bool {
	if strings.ContainsAny(word, "@_/\\=") || strings.HasPrefix(word, "www.") {
		return true
	}
	word = strings.TrimFunc(word, func(r rune) bool { return !isWord(r) })
	first, n := utf8.DecodeRuneInString(word)
	if unicode.IsLower(first) && strings.ContainsFunc(word[n:], unicode.IsUpper) && !strings.ContainsFunc(word, func(r rune) bool { return r == '-' || isApostrophe(r) }) {
		return true // not d'Artagnan, e-Mail
	}
	name, ending, ok := strings.Cut(word, ".")
	return ok && name != "" && utf8.RuneCountInString(ending) > 1 && !strings.HasPrefix(ending, ".") && !strings.Contains(ending, "…")
}
