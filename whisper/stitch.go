package whisper

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A segment is the text of a part of an utterance.
type segment struct {
	text string
	gap  time.Duration // in which nobody spoke before it, from the last word on; negative is unknown
}

// Between two sentences fluent speakers stop for 130 to 400 ms, and within one for
// as long, mostly less: the gap alone decides nothing.
const (
	// sentenceGap is the gap from which a sentence has probably ended: two of three
	// of the seams in the test that have such a gap, and one of two of the others.
	sentenceGap = 240 * time.Millisecond
	// joinGap is the gap from which even a word that joins begins a sentence.
	joinGap = 300 * time.Millisecond
	// pauseGap is the gap after which what looks like a question was one.
	pauseGap = 400 * time.Millisecond
)

// before returns the text of segments as the context of a further one. A
// recogniser goes on as it is given it: after the end of a sentence with a
// capital, after none with a small letter if it can. So it is given the end that
// it wrote itself only where the gap says that this was one, and else decides again
// by what is said next.
func before(said []segment, gap time.Duration) string {
	text := stitch(said...)
	if gap >= 0 && gap < sentenceGap && !(text != "" && isShort(text)) {
		return trimEnds(text)
	}
	return text
}

// stitch joins segments that were spoken one after the other as one text. A
// recogniser that heard only a part ends it with a full stop and begins it with a
// capital; where the gap and the first word of the next part show that the sentence
// went on, both are taken back. No letter or digit is added, lost or moved.
func stitch(said ...segment) string {
	var all string
	for _, s := range said {
		all = seam(all, segment{strings.TrimSpace(s.text), s.gap})
	}
	return clip(all, maxText)
}

func seam(left string, s segment) string {
	right := s.text
	if bare := strings.TrimLeft(right, ".… "); left != "" && bare != "" && (strings.HasPrefix(right, "..") || strings.HasPrefix(right, "…")) {
		left, right = trimDots(left), bare
	}
	switch {
	case left == "":
		return right
	case right == "":
		return left
	}
	last, _ := utf8.DecodeLastRuneInString(left)
	first, _ := utf8.DecodeRuneInString(right)
	switch {
	case strings.ContainsRune(",;:.!?%)]}…、。，！？；：）」』", first): // it belongs to the word before
		if isEnd(last) && plain(right) == "" {
			return left
		}
		if isStop(last) && !isEnd(first) {
			left = trimDots(left)
		}
		return left + right
	case spaceless(last) && spaceless(first), strings.ContainsRune("([{“‘¿¡（「『", last):
		return left + right
	}
	return goOn(left, right, s.gap)
}

// goOn joins two texts that both have words. Where the second goes on with the
// sentence of the first, that loses its end and the second its capital.
func goOn(left, right string, gap time.Duration) string {
	last, _ := utf8.DecodeLastRuneInString(left)
	short := func(d time.Duration) bool { return gap >= 0 && gap < d }
	switch {
	case !isEnd(last):
		right = lower(right)
	case isShort(left):
	case isSmall(right) && !short(pauseGap):
		left = trimDots(left)
	case isSmall(right), isJoin(right) && short(joinGap), isCondition(left) && short(pauseGap):
		left, right = trimEnds(left), lower(right)
	}
	return left + " " + right
}

// lower returns a text without the capital of its first word, if that is one which
// has a capital only at the beginning of a sentence.
func lower(s string) string {
	if isLink(s) || starts[firstWord(s)] {
		return small(s)
	}
	return s
}

// isCondition reports whether the last sentence of a text begins with a condition
// and its main clause has not begun: no comma has come, or only "instead of …" after
// it.
func isCondition(s string) bool {
	sentences := strings.FieldsFunc(s, isEnd)
	if len(sentences) == 0 || strings.HasSuffix(s, "?") {
		return false
	}
	clauses := strings.FieldsFunc(sentences[len(sentences)-1], func(r rune) bool { return strings.ContainsRune(",;:", r) })
	for i, c := range clauses {
		word := firstWord(strings.TrimSpace(c))
		if i == 0 && !conditions[word] || i > 0 && !prepositions[word] {
			return false
		}
	}
	return true
}

// isSmall reports whether a text begins with a small letter, perhaps in quotation
// marks.
func isSmall(s string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, `"'“‘«„`))
	return unicode.IsLower(first)
}

// trimEnds takes the end of a sentence from the end.
func trimEnds(s string) string { return strings.TrimRight(s, ".!?… ") }

// trimDots takes full stops and ellipses from the end.
func trimDots(s string) string { return strings.TrimRight(s, ".… ") }

// isEnd reports whether r ends a sentence.
func isEnd(r rune) bool { return strings.ContainsRune(".!?…。！？", r) }

// isStop reports whether r is an end that recognisers write for want of
// anything better.
func isStop(r rune) bool { return r == '.' || r == '…' }

// isShort reports whether a text ends with an abbreviation.
func isShort(s string) bool {
	w := strings.Fields(s)
	word := strings.TrimRight(w[len(w)-1], ".")
	return runes(word) <= 2 || strings.Contains(word, ".") || abbreviations[strings.ToLower(word)]
}

// isLink reports whether a text begins with a word that joins: one that has a
// capital only at the beginning of a sentence, in any language it is one of.
func isLink(s string) bool { return links[firstWord(s)] }

// isJoin reports whether a text begins with a word that seldom begins a sentence.
func isJoin(s string) bool { return joins[firstWord(s)] }

// firstWord returns the word that a text begins with, in small letters; empty if it
// has more capitals than one.
func firstWord(s string) string {
	word := s
	if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		word = s[:i]
	}
	_, first := utf8.DecodeRuneInString(word)
	if rest := word[first:]; rest != strings.ToLower(rest) {
		return ""
	}
	return strings.ToLower(word)
}

var abbreviations = set("mrs", "prof", "etc", "approx", "dept", "bzw", "usw", "inkl", "mme", "sra", "inc", "ltd", "vgl", "evtl")

var links = set(
	"and", "but", "or", "so", "because", "that", "which", "who", "to", "of", "in", "on", "at", "for", "with", "from", "by",
	"as", "is", "are", "was", "were", "if", "when", "while", "then", "than", "the", "a", "an", "it", "its", "he", "she",
	"they", "we", "you", "this", "these", "those", "there", "their", "his", "her", "our", "your", "my", "not", "where", "what",
	"und", "aber", "oder", "weil", "dass", "der", "die", "das", "den", "dem", "ein", "eine", "einen", "mit", "von", "zu",
	"auf", "für", "bei", "nach", "ist", "sind", "wenn", "als", "wie", "nicht", "auch", "ich", "wir", "er", "es",
	"et", "mais", "ou", "que", "qui", "le", "la", "les", "un", "une", "des", "de", "du", "à", "dans", "pour", "avec", "sur", "est", "je", "nous",
	"y", "pero", "o", "el", "los", "las", "del", "con", "por", "para", "en", "no",
	"e", "ma", "che", "il", "lo", "di", "da", "per", "non", "com", "mas", "em",
	"en", "maar", "of", "het", "een", "van", "dat", "niet",
)

// joins are words that seldom begin a sentence.
var joins = set(
	"and", "et", "y", "und", "и", "or", "which", "than", "oder", "ou", "que", "qui", "de", "o", "del", "che",
	"или", "который", "которая", "которое", "которые",
)

// starts are words that are no names, and begin a sentence as often as they go on
// with one.
var starts = set(
	"can", "could", "would", "should", "must", "have", "has", "had", "do", "does", "did",
	"puede", "puedes", "pueden", "debe", "hay", "está", "esta", "este", "estas", "estos", "usted", "su", "sus", "si", "se",
	"vous", "tu", "il", "elle", "ils", "elles", "on", "ce", "cette", "ces", "si", "votre", "vos", "comme",
	"puoi", "può", "deve", "hai", "ha", "questo", "questa", "questi", "queste", "come", "si",
	"du", "man", "kann", "können", "muss", "dieser", "diese", "dieses",
	"вы", "ты", "он", "она", "оно", "они", "мы", "я", "это", "а", "но", "в", "на", "с", "по", "для", "из", "к", "от", "до", "если", "как", "при",
)

// conditions are words that a subordinate clause begins with, which a main clause
// follows.
var conditions = set(
	"if", "unless", "when", "while", "although", "wenn", "falls", "obwohl", "si", "cuando", "aunque", "quand", "lorsque",
	"se", "quando", "sebbene", "если", "когда", "хотя", "indien", "embora",
)

// prepositions are words that no main clause begins with, mostly.
var prepositions = set(
	"instead", "with", "without", "of", "for", "from", "statt", "anstatt", "mit", "ohne", "für", "von",
	"a", "al", "en", "con", "sin", "para", "por", "au", "à", "avec", "sans", "pour", "da", "di", "per", "senza", "invece",
	"вместо", "с", "без", "для", "от", "из",
)
