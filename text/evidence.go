package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// name returns the name of a mark that begins with word i, and the mark.
func (p *phrase) name(i int) (string, named) { return p.names[i].name, p.names[i].named }

// A nameOf is the name of a mark, and the mark.
type nameOf struct {
	name string
	named
}

// nameAt returns the name of a mark that some words begin with. A name is whole words
// without anything else, but for a mark of the recognizer after the last one. So 'comma'
// in quotation marks, comma-separated and "full. Stop" name none.
func nameAt(code string, words []string) nameOf {
	for n := min(maxName, len(words)); n > 0; n-- {
		name := Plain(strings.Join(words[:n], " "))
		if m, ok := marks[code][name]; ok && areBare(words[:n]) {
			return nameOf{name, named{m, n}}
		}
	}
	return nameOf{}
}

func areBare(said []string) bool {
	for k, w := range said {
		if k == len(said)-1 {
			w = strings.TrimRight(w, ".,;:!?… \u00a0\u202f")
		}
		if strings.ContainsFunc(w, func(r rune) bool { return !isWord(r) && !isApostrophe(r) && r != '-' }) {
			return false
		}
	}
	return true
}

// isMark reports whether the name at word i is meant as a mark.
func (p *phrase) isMark(name string, m named, i int) bool {
	switch {
	case p.isBound(m, i) || p.isListed(m, i):
		return p.sure && m.mark.endsSentence() && !loose[p.code][name] && i+m.n == len(p.words) && pointers[p.plain(i-1)]
	case loose[p.code][name]:
		return p.isLoose(m, i)
	case p.pausesBefore(i) && p.pausesAfter(i+m.n):
		return true
	case i+m.n < len(p.words) && !p.pausesAfter(i+m.n):
		next := p.plain(i + m.n)
		switch {
		case compounds[p.code][next], m.mark.isBreak() && followers[p.code][next]:
			return false
		case i == 0 && !restarts[next]:
			return !followers[p.code][next] && !subjects[p.code]
		}
	}
	return true
}

// isLoose reports whether a name that is often a word is meant as a mark. It is one if the
// recognizer wrote pauses on both sides; if it names a break after a dictated mark; if a clause
// ends before it and a sentence ends or begins after it; or if other marks show that the user dictates them.
func (p *phrase) isLoose(m named, i int) bool {
	end := i + m.n
	before, after := p.pausesBefore(i), p.pausesAfter(end)
	ends := m.mark.endsSentence() || strings.HasPrefix(string(m.mark), ".")
	switch {
	case strings.HasSuffix(p.words[end-1], "?"), strings.HasSuffix(p.words[end-1], "!"):
		return false // the recognizer heard another end
	case before && after, m.mark.isBreak() && p.endsMark(i) && end < len(p.words) && !followers[p.code][p.plain(end)]:
		return true
	case !after && !p.beginsSentence(end):
		return p.sure && !followers[p.code][p.plain(end)] && (m.mark == ", " || p.times[m.mark] > 1 || ends && p.hasCapital(end))
	case before, !ends && end < len(p.words) && startsQuestion(p.words[end]):
		return i > 0
	case !ends && end == len(p.words): // no text ends with a comma or a colon without a pause
		return false
	case p.lingo.in(negations, "ne") && p.isNegated(i):
		return false
	}
	return enders[p.code][p.plain(i-1)] || p.sure || ends && nouns[p.code]
}

// pausesBefore reports whether the recognizer wrote a pause before word i, or a mark comes
// before it.
func (p *phrase) pausesBefore(i int) bool {
	return i == 0 || endsWithMark(p.words[i-1]) || p.endsMark(i)
}

// endsMark reports whether a dictated mark ends before word i.
func (p *phrase) endsMark(i int) bool {
	for k := max(0, i-maxName); k < i; k++ {
		if p.marks[k].n > 0 && k+p.marks[k].n == i {
			return true
		}
	}
	return false
}

// pausesAfter reports whether the recognizer wrote a pause before word i, the text ends
// there, or another name begins there.
func (p *phrase) pausesAfter(i int) bool {
	if i == len(p.words) || endsWithMark(p.words[i-1]) {
		return true
	}
	name, m := p.name(i)
	return m.n > 0 && !loose[p.code][name]
}

// beginsSentence reports whether word i has a capital only because a sentence begins with
// it. I and a name show nothing.
func (p *phrase) beginsSentence(i int) bool {
	if startsQuestion(p.words[i]) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(p.words[i])
	word, _ := cutWord(p.words[i])
	return unicode.IsUpper(first) && p.lingo.isPlain(word)
}

// hasCapital reports whether word i has a capital that may be the beginning of a sentence.
func (p *phrase) hasCapital(i int) bool {
	word, _ := cutWord(p.words[i])
	return startsCapital(word) && p.code != "de" && word != "I"
}

func startsQuestion(word string) bool {
	return strings.HasPrefix(word, "¿") || strings.HasPrefix(word, "¡")
}

// isBound reports whether the words before the name at word i make it a noun.
func (p *phrase) isBound(m named, i int) bool {
	if i > 0 && p.isDecimal(m, i) {
		return true
	}
	if i == 0 || endsWithMark(p.words[i-1]) || p.endsMark(i) {
		return false
	}
	before := p.words[i-1]
	word := strings.ToLower(lastWord(before))
	isElided := strings.ContainsFunc(before, isApostrophe)
	switch {
	case isElided && p.code == "en":
		return word == "s" // the company's new line
	case binders[p.code][word]:
		return !p.isAlone(word, i-1)
	case openers[p.plain(i)]:
		return modals[p.code][word]
	case isElided: // l'ultimo punto
		return adjectives[p.code][word]
	case i == 1 || endsWithMark(p.words[i-2]):
		return adjectives[p.code][word]
	}
	article := strings.ToLower(lastWord(p.words[i-2]))
	if !binders[p.code][article] || exclamations[article] {
		return false
	}
	end := i + m.n
	isSubject := i == 2 && end < len(p.words) && !endsWithMark(p.words[end-1]) && copulas[p.plain(end)]
	return isSubject || adjectives[p.code][word] || p.code == "de" && isInflected(article, before)
}

// isAlone reports whether word i, which is one of binders, needs no noun: an answer (No,
// comma), or the last word of a thing (the red one).
func (p *phrase) isAlone(word string, i int) bool {
	starts := i == 0 || endsWithMark(p.words[i-1])
	if word != "one" || starts {
		return starts && (word == "no" || word == "non")
	}
	before := p.plain(i - 1)
	return binders[p.code][before] || adjectives[p.code][before]
}

// isInflected reports whether a German word has the ending of an adjective after an
// article. Verbs, which also come after der, die and das, have other endings.
func isInflected(article, word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	stem := strings.TrimRight(word, "ernsm")
	switch {
	case unicode.IsUpper(first) || stem == word:
		return false
	case isIndefinite(article) || strings.HasPrefix(article, "dies") || strings.HasPrefix(article, "jed"):
		return true
	}
	return strings.HasPrefix(article, "d") && slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(stem, e) })
}

var endings = []string{"st", "ig", "lich", "isch", "nd", "bar", "sam"}

// isIndefinite reports whether a German word is an indefinite article: ein, kein, mein.
func isIndefinite(word string) bool {
	stem, _, found := strings.Cut(strings.ToLower(word), "ein")
	return found && (stem == "" || stem == "k" || stem == "m" || stem == "d" || stem == "s") || strings.HasPrefix(strings.ToLower(word), "unser")
}

// isDecimal reports whether the name at word i is the comma in a number.
func (p *phrase) isDecimal(m named, i int) bool {
	end := i + m.n
	return m.mark == ", " && end < len(p.words) && !endsWithMark(p.words[end-1]) && p.isNumber(i-1) && p.isNumber(end)
}

func (p *phrase) isNumber(i int) bool {
	word := p.plain(i)
	return numbers[p.code] != nil && (numbers[p.code][word] || word != "" && strings.Trim(word, "0123456789") == "")
}

// isListed reports whether the name at word i is one of several that are counted up: a
// comma or a semicolon, Punkt und Komma.
func (p *phrase) isListed(m named, i int) bool {
	end := i + m.n
	if end+1 < len(p.words) && !endsWithMark(p.words[end-1]) && lists[p.plain(end)] {
		if _, next := p.name(end + 1); next.n > 0 && next.mark != m.mark {
			return true
		}
	}
	if i < 2 || !lists[p.plain(i-1)] {
		return false
	}
	for k := max(0, i-1-maxName); k < i-1; k++ {
		if _, before := p.name(k); before.n > 0 && k+before.n == i-1 && before.mark != m.mark {
			return p.marks[k].n == 0
		}
	}
	return false
}

// lists are the words between the last two things that are counted up.
var lists = words("or and oder und ou et o y e of en или и versus")

// isNegated reports whether a negation comes before word i in its clause.
func (p *phrase) isNegated(i int) bool {
	for i--; i >= 0 && !endsWithMark(p.words[i]) && !p.endsMark(i+1); i-- {
		if first, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(p.words[i], "’", "'")), "'"); negations[p.code][first] {
			return true
		}
	}
	return false
}

// tally counts how often each mark is named, and not as a noun.
func (p *phrase) tally() {
	p.times = map[mark]int{}
	for i, m := range p.names {
		if m.n > 0 && !p.isBound(m.named, i) {
			p.times[m.mark]++
		}
	}
}

// doubled reports whether a full stop is named twice or more, once at the end.
func (p *phrase) doubled() bool {
	for i, m := range p.names {
		if m.n > 0 && i+m.n == len(p.words) && loose[p.code][m.name] && m.mark.endsSentence() && !p.isBound(m.named, i) {
			return p.times[m.mark] > 1
		}
	}
	return false
}

// plain returns word i as Plain does.
func (p *phrase) plain(i int) string { return Plain(p.words[i]) }

func endsWithMark(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	return IsEnd(last) || strings.ContainsRune(",;:", last)
}
