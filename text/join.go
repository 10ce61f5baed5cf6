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
// Otherwise the recognizer decides again from the next words.
func Context(said []Segment, gap time.Duration) string {
	text := Join(said...)
	if gap >= 0 && gap < sentenceGap && !(text != "" && endsShort(text)) {
		return trimEnd(text)
	}
	return text
}

// Join returns segments that follow each other as one text, of at most MaxLength
// characters. A recognizer that heard only a part of a sentence ends it with a full
// stop and begins it with a capital. Join takes both back if the gap and the next
// word show that the sentence continued. It adds, drops and moves no letter or digit.
func Join(said ...Segment) string {
	var all string
	for _, s := range said {
		all = join(all, Segment{strings.TrimSpace(s.Text), s.Gap})
	}
	return clip(all, MaxLength)
}

func join(left string, s Segment) string {
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
	case isClosing(first): // it belongs to the word before
		if IsEnd(last) && Plain(right) == "" {
			return left
		}
		if isStop(last) && !IsEnd(first) {
			left = trimStop(left)
		}
		return left + right
	case spaceless(last) && spaceless(first), isOpening(last):
		return left + right
	}
	return joinSentence(left, right, s.Gap)
}

// joinSentence joins two texts that both have words. If the second continues the
// sentence of the first, the first loses its end and the second its capital.
func joinSentence(left, right string, gap time.Duration) string {
	last, _ := utf8.DecodeLastRuneInString(left)
	within := func(d time.Duration) bool { return gap >= 0 && gap < d }
	switch {
	case !IsEnd(last):
		right = withoutCapital(right)
	case endsShort(left):
	case beginsSmall(right) && !within(questionGap):
		left = trimStop(left)
	case beginsSmall(right), conjunctions[firstWord(right)] && within(conjunctionGap), isCondition(left) && within(questionGap):
		left, right = trimEnd(left), withoutCapital(right)
	}
	return left + " " + right
}

// withoutCapital returns a text without the capital of its first word, if that word
// has one only at the beginning of a sentence.
func withoutCapital(s string) string {
	if isLink(s) || starts[firstWord(s)] {
		return small(s)
	}
	return s
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
// quotation mark.
func beginsSmall(s string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, `"'“‘«„`))
	return unicode.IsLower(first)
}

// trimEnd removes the end of the last sentence.
func trimEnd(s string) string { return strings.TrimRight(s, ".!?… ") }

// trimStop removes full stops and ellipses at the end.
func trimStop(s string) string { return strings.TrimRight(s, ".… ") }

// isStop reports whether r is an end that recognizers also write where they know no
// better one.
func isStop(r rune) bool { return r == '.' || r == '…' }

// endsShort reports whether a text ends with an abbreviation.
func endsShort(s string) bool {
	w := strings.Fields(s)
	word := strings.TrimRight(w[len(w)-1], ".")
	return utf8.RuneCountInString(word) <= 2 || strings.Contains(word, ".") || abbreviations[strings.ToLower(word)]
}

// isLink reports whether a text begins with a word that has a capital only at the
// beginning of a sentence, in every language that has this word.
func isLink(s string) bool { return links[firstWord(s)] }

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

// abbreviations are words of more than two letters that end with a full stop.
var abbreviations = set(strings.Fields("mrs prof etc approx dept bzw usw inkl mme sra inc ltd vgl evtl")...)

// links are the words of isLink.
var links = set(strings.Fields(`
	and but or so because that which who to of in on at for with from by as is are was were if when while then than the a an it its he she they
	we you this these those there their his her our your my not where what und aber oder weil dass der die das den dem ein eine einen mit von zu
	auf für bei nach ist sind wenn als wie nicht auch ich wir er es et mais ou que qui le la les un une des de du à dans pour avec sur est je
	nous y pero o el los las del con por para en no e ma che il lo di da per non com mas em en maar of het een van dat niet
`)...)

// conjunctions are words that seldom begin a sentence.
var conjunctions = set(strings.Fields("and et y und и or which than oder ou que qui de o del che или который которая которое которые")...)

// starts are words that are no names. They begin a sentence as often as they
// continue one.
var starts = set(strings.Fields(`
	can could would should must have has had do does did puede puedes pueden debe hay está esta este estas estos usted su sus si se vous tu il
	elle ils elles on ce cette ces si votre vos comme puoi può deve hai ha questo questa questi queste come si du man kann können muss dieser
	diese dieses вы ты он она оно они мы я это а но в на с по для из к от до если как при
`)...)

// conditions are words at the beginning of a subordinate clause that a main clause
// follows.
var conditions = set(strings.Fields("if unless when while although wenn falls obwohl si cuando aunque quand lorsque se quando sebbene если когда хотя indien embora")...)

// prepositions are words that seldom begin a main clause.
var prepositions = set(strings.Fields(`
	instead with without of for from statt anstatt mit ohne für von a al en con sin para por au à avec sans pour da di per senza invece вместо с
	без для от из
`)...)
