package text

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Segment is the text of a part of an utterance.
type Segment struct {
	Text string
	Gap  time.Duration // silence since the last word before it; negative if unknown
}

// Fluent speakers pause for 130 to 400 ms between two sentences. Within a sentence
// they pause as long, mostly less. So the gap alone decides nothing.
const (
	// sentenceGap is the gap from which a sentence has probably ended. In the test,
	// two of three joints with such a gap are the end of a sentence, and one of two
	// joints with a shorter gap.
	sentenceGap = 240 * time.Millisecond
	// conjunctionGap is the gap from which a sentence begins even with a word that
	// seldom begins one.
	conjunctionGap = 300 * time.Millisecond
	// questionGap is the gap from which a question mark is believed.
	questionGap = 400 * time.Millisecond
)

// Context returns the text of segments as the context in which a recognizer hears
// the next segment. A recognizer continues its context: after the end of a sentence
// with a capital, otherwise with a small letter if it can. So the end that it wrote
// itself is part of the context only if the gap shows that the sentence ended.
// Otherwise the recognizer decides again from the next words. Codes are as for Join.
func Context(codes []string, said []Segment, gap time.Duration) string {
	text := Join(codes, said...)
	if gap >= 0 && gap < sentenceGap && !lingoOf(text, codes).keepsStop(text, "") {
		return trimEnd(text)
	}
	return text
}

// Join returns segments that follow each other as one text. A recognizer that heard only a part of a sentence ends it with a full
// stop and begins it with a capital. Join takes both back if the gap and the next
// word show that the sentence continued. It adds, drops and moves no letter or digit.
// Codes are the codes of the languages that the words may be in; none if unknown.
func Join(codes []string, said ...Segment) string {
	var heard []string
	for _, s := range said {
		heard = append(heard, s.Text)
	}
	l := lingoOf(strings.Join(heard, " "), codes)
	var all string
	for _, s := range said {
		all = l.join(all, Segment{strings.TrimSpace(s.Text), s.Gap})
	}
	return all
}

func (l lingo) join(left string, s Segment) string {
	right := s.Text
	if bare := strings.TrimLeft(right, ".… "); left != "" && bare != "" && (strings.HasPrefix(right, "..") || strings.HasPrefix(right, "…")) {
		left, right = trimStop(left), bare
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
	case isClosing(first) && closesAtStart(right): // it belongs to the word before
		if IsEnd(last) && strings.TrimFunc(right, func(r rune) bool { return r == ' ' || IsEnd(r) }) == "" {
			return left
		}
		if !IsEnd(first) && !l.keepsStop(left, right) {
			left = trimStop(left)
		}
		return left + right
	case last != '/' && last != '-' && !needsSpace(left, right):
		return left + right
	}
	return l.joinSentence(left, right, s.Gap)
}

// joinSentence joins two texts that both have words. If the second continues the
// sentence of the first, the first loses its end and the second its capital.
func (l lingo) joinSentence(left, right string, gap time.Duration) string {
	last, _ := utf8.DecodeLastRuneInString(left)
	within := func(d time.Duration) bool { return gap >= 0 && gap < d }
	word, _ := cutWord(right)
	switch {
	case last == ':' || endsQuoted(left): // a sentence may begin
	case !IsEnd(last):
		right = l.withoutCapital(right, left)
	case l.keepsStop(left, right):
	case beginsSmall(right) && !within(questionGap):
		left = trimStop(left)
	case beginsSmall(right), l.in(conjunctions, strings.ToLower(word)) && within(conjunctionGap) && !l.asks(right), isCondition(left) && within(questionGap):
		left = trimEnd(left)
		right = l.withoutCapital(right, left)
	}
	return left + " " + right
}

// asks reports whether a text begins with a question and a word of conjunctions that also
// asks: Which one? Che ore sono?
func (l lingo) asks(s string) bool {
	word, rest := cutWord(s)
	i := strings.IndexFunc(rest, IsEnd)
	return l.in(interrogatives, strings.ToLower(word)) && i >= 0 && strings.HasPrefix(rest[i:], "?")
}

// endsQuoted reports whether a text ends with the end of a sentence within quotation marks
// or brackets.
func endsQuoted(s string) bool {
	inner := strings.TrimRight(s, quotes+")] \u00a0\u202f")
	last, _ := utf8.DecodeLastRuneInString(inner)
	return inner != s && IsEnd(last)
}

// isCondition reports whether the last sentence of a text begins with a condition
// and its main clause has not begun: there is no comma, or only a phrase such as
// "instead of …" after each comma.
func isCondition(s string) bool {
	sentences := strings.FieldsFunc(s, IsEnd)
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

// beginsSmall reports whether a text begins with a small letter, perhaps after a
// quotation mark or dash.
func beginsSmall(s string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, quotes+"—– "))
	return unicode.IsLower(first)
}

// trimEnd removes the end of the last sentence.
func trimEnd(s string) string { return strings.TrimRight(s, ".!?… ") }

// trimStop removes full stops and ellipses at the end.
func trimStop(s string) string { return strings.TrimRight(s, ".…。｡۔। ") }

// firstWord returns the word that a text begins with in lower case, or "" if a
// letter after the first is a capital.
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
