package text

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/arealicehole/vocoder/internal/script"
)

// replace returns a text in which entries replace the spoken words, the longest
// first, and names replace words that sound and are spelled like them. It does not search
// in what it has replaced. Spoken are the codes of the languages that the text may be in;
// none if unknown.
func (v Vocabulary) replace(text string, spoken []string) string {
	if len(v.entries) == 0 {
		return text
	}
	h, l := v.hear(text, spoken), capitalsOf(text, spoken)
	in := []rune(norm.NFC.String(text))
	first := v.byFirst()
	var out []byte
	for i := 0; i < len(in); {
		var e entry
		n := 0
		if startsWord(in, i) {
			e, n = match(in[i:], first[fold(in[i])])
			if n == 0 {
				e, n = h.misheard(in[i:])
			}
			if n > 0 && e.name && !strings.ContainsAny(e.said, addressMarks) && isAddress(tokenAt(in, i)) {
				e, n = entry{}, 0
			}
			if e.name {
				v.used.note(e.said)
			}
		}
		switch {
		case n == 0:
			out = utf8.AppendRune(out, in[i])
			n = 1
		case e.written == "":
			var skip int
			out, skip = l.leaveOut(out, in[i+n:], unicode.IsUpper(in[i]))
			n += skip
		default:
			if strings.HasPrefix(e.written, "\n") {
				out = bytes.TrimRight(out, " ")
			}
			out = append(out, e.like(in[i:i+n], startsSentence(out), l)...)
			if isGap(e.written) {
				n += spaces(in[i+n:])
			}
		}
		i += n
	}
	return string(out)
}

// addressMarks are the marks within addresses and names of files.
const addressMarks = `.@_/\`

// tokenAt returns what is around a character, up to the next spaces.
func tokenAt(text []rune, i int) string {
	from, to := i, i
	for from > 0 && !unicode.IsSpace(text[from-1]) {
		from--
	}
	for to < len(text) && !unicode.IsSpace(text[to]) {
		to++
	}
	return string(text[from:to])
}

// isAddress reports whether a token is an address, or the name of a file or of a variable, in
// which a name has no capitals of its own: redis.conf, me@debian.org, /etc/kafka. A pair such
// as Redis/Kafka is none.
func isAddress(token string) bool {
	token = strings.TrimFunc(token, func(r rune) bool { return !isWord(r) && !strings.ContainsRune(`/~@_\`, r) })
	if strings.ContainsAny(token, `_\`) || strings.Contains(token, "://") || strings.HasPrefix(token, "/") || strings.HasPrefix(token, "~/") ||
		strings.Index(token, "@") > 0 || strings.HasPrefix(token, "www.") {
		return true
	}
	for before, rest, ok := strings.Cut(token, "."); ok; before, rest, ok = strings.Cut(rest, ".") {
		last, _ := utf8.DecodeLastRuneInString(before)
		if ending, _ := cutWord(rest); isWord(last) && utf8.RuneCountInString(ending) > 1 && !startsCapital(ending) {
			return true
		}
	}
	return false
}

func (v Vocabulary) byFirst() map[rune][]entry {
	first := make(map[rune][]entry)
	for _, e := range v.entries {
		first[e.spoken[0]] = append(first[e.spoken[0]], e)
	}
	return first
}

// match returns the first entry whose spoken words the text begins with, and their
// length in the text; 0 if there is none.
func match(text []rune, entries []entry) (entry, int) {
	for _, e := range entries {
		n := len(e.spoken)
		if n <= len(text) && slices.EqualFunc(text[:n], e.spoken, func(a, b rune) bool { return fold(a) == b }) && endsWord(text, n) {
			return e, n
		}
	}
	return entry{}, 0
}

// fold returns a rune as entries are compared: in lower case, each apostrophe the same, each
// space the same, and both sigmas.
func fold(r rune) rune {
	switch {
	case isApostrophe(r):
		return '\''
	case r == '\u00a0' || r == '\u202f':
		return ' '
	case r == 'ς': // at the end of a word in small letters alone
		return 'σ'
	}
	return unicode.ToLower(r)
}

// startsWord reports whether a word starts at i: also after the apostrophe of l'iPhone, but
// not of don't.
func startsWord(text []rune, i int) bool {
	if i == 0 {
		return true
	}
	if isApostrophe(text[i-1]) && i > 1 && isWord(text[i-2]) && isWord(text[i]) {
		return endsElided(string(text[max(0, i-10):i]))
	}
	return !inWord(text[i-1], text[i])
}

// endsWord reports whether a word ends before n: also before the apostrophe of Anna's, but
// not of it's and we're.
func endsWord(text []rune, n int) bool {
	if n == len(text) {
		return true
	}
	if isApostrophe(text[n]) && n+1 < len(text) && isWord(text[n-1]) && isWord(text[n+1]) {
		possessive := fold(text[n+1]) == 's' && (n+2 == len(text) || !isWord(text[n+2]))
		return possessive && !pronouns[strings.ToLower(string(text[:n]))]
	}
	return !inWord(text[n-1], text[n])
}

// pronouns are the words after which 's is a verb.
var pronouns = words("it he she that this what who where there here how when why let one")

// inWord reports whether two characters that follow each other are within one word.
func inWord(a, b rune) bool {
	return isWord(a) && isWord(b) && !script.IsSpaceless(a) && !script.IsSpaceless(b)
}

// nearby is how much of a text tells how words are left out, in bytes or characters.
const nearby = 100

// leaveOut leaves out words between before and after as if they had not been said:
// without the space and the comma that belonged to them. If the words began with a
// capital, the next word gets it. It returns what is before the next word, and how many
// characters of after it leaves out too.
func (l lingo) leaveOut(before []byte, after []rune, upper bool) ([]byte, int) {
	end := len(bytes.TrimRight(before, " "))
	last, _ := utf8.DecodeLastRune(before[:end])
	starts := end == 0 || IsEnd(last) || last == '\n'
	skip := spaces(after)
	next := head(after[skip:])
	first, _ := utf8.DecodeRuneInString(next)
	switch {
	case starts && isClosing(first) && closesAtStart(next): // Um, yes. Um... yes.
		skip += len([]rune(next)) - len([]rune(strings.TrimLeft(next, ",;:.…!?，、；：。！？،؛؟۔।։ ")))
	case isComma(last) && isComma(first): // So, um, yes.
		skip += 1 + spaces(after[skip+1:])
	case isComma(last) && IsEnd(first): // Yes, um.
		end = len(bytes.TrimRight(before, commas+" "))
	}
	if starts && upper {
		copy(after[skip:], []rune(l.capital(head(after[skip:]))))
	}
	before = before[:end]
	tail := before[max(0, end-nearby):]
	for len(tail) > 0 && !utf8.RuneStart(tail[0]) {
		tail = tail[1:]
	}
	if last != '\n' && needsSpace(string(tail), head(after[skip:])) {
		before = append(before, ' ')
	}
	return before, skip
}

// commas are the commas of all scripts.
const commas = ",，、､،՝፣၊"

func isComma(r rune) bool { return strings.ContainsRune(commas, r) }

func head(text []rune) string { return string(text[:min(len(text), nearby)]) }

// isGap reports whether written words end with a line break or a tab, which no space
// follows.
func isGap(s string) bool { return strings.HasSuffix(s, "\n") || strings.HasSuffix(s, "\t") }

// spaces returns how many spaces a text begins with.
func spaces(text []rune) int {
	n := slices.IndexFunc(text, func(r rune) bool { return r != ' ' })
	if n < 0 {
		return len(text)
	}
	return n
}

// startsSentence reports whether a sentence begins after a text.
func startsSentence(before []byte) bool {
	last, _ := utf8.DecodeLastRune(bytes.TrimRight(before, " "))
	return len(before) == 0 || IsEnd(last) || last == '\n'
}

// like returns the written words of an entry. They get a capital if the spoken words
// began with one, unless the entry has capitals itself. Within a sentence a name has none
// that the user did not give it, nor have the words for initials: recognizers write names with
// capitals, and BTW.
func (e entry) like(spoken []rune, starts bool, l lingo) string {
	if unicode.IsUpper(spoken[0]) && strings.ToLower(e.written) == e.written && (starts || !e.name && !areInitials(spoken)) {
		return l.capital(e.written)
	}
	return e.written
}

// areInitials reports whether words have several letters, all of them capitals: BTW, B.T.W.
func areInitials(words []rune) bool {
	n := 0
	for _, r := range words {
		switch {
		case unicode.IsLower(r):
			return false
		case unicode.IsUpper(r):
			n++
		}
	}
	return n > 1
}
