package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/script"
)

// A quotation mark opens in one language and closes in another: “ opens in English and
// closes in German, » closes in French and opens in Danish. So what is next to it decides:
// a mark that opens comes after a space, and a mark that closes after a letter or a mark.
const quotes = `"'“”„‟‘’‚‛«»‹›`

// needsSpace reports whether a space separates text from the text before.
func needsSpace(before, text string) bool {
	if text == "" || before == "" {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case unicode.IsSpace(last), unicode.IsSpace(first), script.IsUnspaced(before, text):
		return false
	case unicode.IsDigit(last) && startsDecimal(text):
		return false
	case last == '-':
		return isHanging(before, text)
	case last == '/':
		return strings.HasSuffix(before, " /")
	}
	return !(opensAtEnd(before) || closesAtStart(text) || isContraction(text) || endsElided(before))
}

// isHanging reports whether the hyphen at the end of before is one that a space follows: a
// dash, or the hyphen of a word whose second part comes later (Vor- und Nachteile).
func isHanging(before, text string) bool {
	word, _ := cutWord(text)
	return strings.HasSuffix(before, " -") || hangs[strings.ToLower(word)]
}

// hangs are the words after a hyphen at the end of a word.
var hangs = words("und oder bzw sowie bis and or to et ou y o e en of и или")

// opensAtEnd reports whether the last mark of a text belongs to the word after it.
func opensAtEnd(s string) bool {
	r, n := utf8.DecodeLastRuneInString(s)
	before := s[:len(s)-n]
	prev, _ := utf8.DecodeLastRuneInString(before)
	switch {
	case isOpening(r):
		return true
	case !strings.ContainsRune(quotes, r):
		return false
	case r == '»' && (prev == '\u00a0' || prev == '\u202f' || strings.Count(before, "«") > strings.Count(before, "»")):
		return false // « oui »
	}
	return before == "" || r == '„' || r == '‚' || unicode.IsSpace(prev) || strings.ContainsRune("—–", prev) || opensAtEnd(before)
}

// closesAtStart reports whether the first mark of a text belongs to the word before it.
func closesAtStart(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	next, _ := utf8.DecodeRuneInString(s[n:])
	switch {
	case strings.ContainsRune(".:!?%", r):
		return !isWord(next) && !strings.ContainsRune("/_\\~$", next) && !strings.HasPrefix(s, ":-") && !strings.HasPrefix(s, ":)") && !strings.HasPrefix(s, ":(") // .NET, ./run, :wq, %s
	case isClosing(r):
		return !strings.HasPrefix(s, ";-)") && !strings.HasPrefix(s, ";)")
	case !strings.ContainsRune(quotes, r) || r == '„' || r == '‚':
		return false
	case r == '«' && (next == '\u00a0' || next == '\u202f' || strings.Contains(s, " »")):
		return false // « oui »
	}
	return s[n:] == "" || unicode.IsSpace(next) || isClosing(next) || strings.ContainsRune(quotes, next) && closesAtStart(s[n:])
}

// startsDecimal reports whether a text begins with the decimals of a number.
func startsDecimal(s string) bool {
	return len(s) > 1 && (s[0] == '.' || s[0] == ',') && s[1] >= '0' && s[1] <= '9'
}

// isContraction reports whether a text begins with the end of an English word: 's, 'll. The
// Dutch words 't and 's (’s avonds) are words.
func isContraction(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	if !isApostrophe(r) {
		return false
	}
	ending, rest := cutWord(s[n:])
	next, _ := cutWord(strings.TrimLeft(rest, " "))
	return contractions[strings.ToLower(ending)] && !dutchTimes[strings.ToLower(next)]
}

var (
	contractions = words("s re ve ll d m")
	dutchTimes   = words("avonds ochtends morgens middags nachts zomers winters maandags dinsdags woensdags donderdags vrijdags zaterdags zondags werelds lands")
)

// endsElided reports whether a text ends with a word and an apostrophe that are joined to
// the next word: l’.
func endsElided(s string) bool {
	r, n := utf8.DecodeLastRuneInString(s)
	if !isApostrophe(r) {
		return false
	}
	s = s[:len(s)-n]
	i := strings.LastIndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	before, _ := utf8.DecodeLastRuneInString(s[:i+1])
	return elisions[strings.ToLower(s[i+1:])] && !isApostrophe(before) // rock 'n'
}
