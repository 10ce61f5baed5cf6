package text

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// languageOfMarks returns the language whose names of marks a text has. This is the
// language of the text if it is among codes. Otherwise it is the language of codes
// with the most names in the text, then with the most of its small words, then with the
// fewest marks. It is "" if no
// language of codes has names of marks.
func languageOfMarks(text string, codes []string) string {
	codes = slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return marks[code] == nil })
	if len(codes) == 0 {
		return ""
	}
	if len(codes) == 1 {
		return codes[0]
	}
	d := Detect(text)
	if code := d.Language(); slices.Contains(codes, code) {
		return code
	}
	plain := Plain(text)
	best := most(codes, func(code string) (n int) {
		for name := range marks[code] {
			n += strings.Count(" "+plain+" ", " "+name+" ")
		}
		return n
	})
	best = most(best, func(code string) (n int) {
		for word := range strings.FieldsSeq(plain) {
			if small[code][word] {
				n++
			}
		}
		return n
	})
	best = most(best, func(code string) int { return -newPhrase(code, text).count() }) // in doubt they are words
	return cmp.Or(d.among(best), best[0])
}

// most returns the codes for which n is greatest.
func most(codes []string, n func(code string) int) (best []string) {
	top := math.MinInt
	for _, code := range codes {
		switch m := n(code); {
		case m > top:
			best, top = []string{code}, m
		case m == top:
			best = append(best, code)
		}
	}
	return best
}

// punctuate replaces spoken names of marks with the marks, where they are meant as marks.
// A recognizer writes marks where it hears a pause, also next to the spoken name. Those
// are removed. Lines are written one by one, and the rest of the text stays as it is.
func punctuate(text, code string) string {
	if len(marks[code]) == 0 {
		return text
	}
	var out strings.Builder
	for text != "" {
		line, gap := cutLine(text)
		text = text[len(line)+len(gap):]
		p := newPhrase(code, line)
		out.WriteString(p.write())
		out.WriteString(gap)
	}
	return out.String()
}

// cutLine returns the first line of a text, and the line breaks, tabs and spaces after it.
// Such a gap is what a vocabulary wrote.
func cutLine(text string) (line, gap string) {
	isGap := func(r rune) bool { return isBreak(r) || r == '\t' }
	i := strings.IndexFunc(text, isGap)
	if i < 0 {
		return text, ""
	}
	line = strings.TrimRight(text[:i], " ")
	rest := strings.TrimLeftFunc(text[i:], func(r rune) bool { return isGap(r) || r == ' ' })
	return line, text[len(line) : len(text)-len(rest)]
}

// A phrase is a line of words in which marks may be named.
type phrase struct {
	code  string
	lingo lingo
	words []string // with the marks after them; a no-break space is within a word
	names []nameOf // by the index of their first word, whether they are meant as marks or as words
	marks []named  // those that are meant as marks, likewise
	times map[mark]int
	sure  bool // some name is surely a mark, so the user dictates marks
}

// named is a mark and how many words name it; 0 if the word names none.
type named struct {
	mark mark
	n    int
}

func newPhrase(code, line string) *phrase {
	p := &phrase{code: code, lingo: lingo(code), words: wordsOf(line)}
	for i := range p.words {
		p.names = append(p.names, nameAt(code, p.words[i:]))
	}
	p.marks = make([]named, len(p.words))
	p.tally()
	p.find()
	if p.count() > 0 || p.doubled() {
		p.sure = true
		p.find()
	}
	return p
}

// wordsOf returns the words of a line. A mark after a space, as in French, is part of the
// word before it.
func wordsOf(line string) (all []string) {
	for _, w := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' }) {
		if len(all) > 0 && strings.Trim(w, ":;!?") == "" {
			all[len(all)-1] += " " + w
			continue
		}
		all = append(all, w)
	}
	return all
}

// count returns how many marks there are.
func (p *phrase) count() (n int) {
	for _, m := range p.marks {
		n += min(1, m.n)
	}
	return n
}

// find finds the marks.
func (p *phrase) find() {
	p.marks = make([]named, len(p.words))
	for i := 0; i < len(p.words); {
		name, m := p.name(i)
		if m.n > 0 && p.isMark(name, m, i) {
			p.marks[i] = m
			i += m.n
			continue
		}
		i += max(1, m.n)
	}
}

// write returns the line with the marks.
func (p *phrase) write() string {
	out, kept := "", 0 // kept is the length of what is dictated marks at the end, with all before
	glue := ""         // between the last word and the next
	for i := 0; i < len(p.words); {
		m := p.marks[i].mark
		if m == "" {
			out += glue + p.words[i]
			glue = " "
			i++
			continue
		}
		i += p.marks[i].n
		out = out[:kept] + p.trim(m, out[kept:])
		if strings.HasPrefix(string(m), " ") && out != "" {
			out += glue
		}
		out += m.sign()
		kept = len(out)
		_, glue, _ = strings.Cut(string(m), m.sign())
		if i < len(p.words) && p.marks[i].n == 0 {
			p.words[i] = p.follow(m, p.words[i])
		}
	}
	return out
}

// trim returns the text before the mark without the marks of the recognizer that it
// replaces.
func (p *phrase) trim(m mark, before string) string {
	if m.opens() {
		return before
	}
	if m.isBreak() && m[0] == '\n' {
		return strings.TrimRight(before, ",;")
	}
	trimmed := strings.TrimRight(before, ",;: \u00a0\u202f")
	if m[0] != '.' && strings.HasSuffix(trimmed, ".") && p.lingo.keepsStop(trimmed, "") {
		return trimmed // etc., and
	}
	trimmed = strings.TrimRight(trimmed, ",;:.… \u00a0\u202f")
	if m.endsSentence() || m.isBreak() {
		trimmed = strings.TrimRight(trimmed, "?!,;:.… \u00a0\u202f")
	}
	return trimmed
}

// follow returns a word as it is written after the mark. Its capital depends on the
// mark, not on whether the recognizer took the pause for the end of a sentence.
func (p *phrase) follow(m mark, word string) string {
	switch {
	case m.endsSentence() && m.sign() != "…", m.isBreak():
		return p.lingo.capital(word)
	case strings.ContainsAny(m.sign(), ",;-–"):
		if first, _ := cutWord(word); p.lingo.isPlain(first) && utf8.RuneCountInString(first) > 1 {
			return toSmall(word)
		}
	}
	return word
}
