package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A mark is a punctuation mark and its place in a text.
type mark struct {
	sign  string
	place place
	// loose means that the name is often meant as a word. It is taken for the mark
	// only if the recognizer wrote a pause next to it.
	loose bool
}

// A place is how a mark is joined to the words next to it.
type place uint8

const (
	closing place = iota // joined to the word before
	opening              // joined to the word after
	between              // joined to both
	apart                // joined to neither
	line                 // a line break
)

// languageOfMarks returns the language whose names of marks a text has. This is the
// language of the text if it is among codes. Otherwise it is the language of codes
// with the most names in the text. It is "" if no language of codes has names of
// marks.
func languageOfMarks(text string, codes []string) string {
	codes = slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return marks[code] == nil })
	if len(codes) == 0 {
		return ""
	}
	if len(codes) == 1 {
		return codes[0]
	}
	if code := Detect(text).Language(); slices.Contains(codes, code) {
		return code
	}
	words := " " + Plain(text) + " "
	best, most := "", -1
	for _, code := range codes {
		n := 0
		for name := range marks[code] {
			n += strings.Count(words, " "+name+" ")
		}
		if n > most {
			best, most = code, n
		}
	}
	return best
}

// marks are the spoken names of marks by language, as Plain returns them. Its keys
// are those of language.WithMarks.
var marks = map[string]map[string]mark{
	"en": {
		"comma": {sign: ","}, "period": {sign: ".", loose: true}, "full stop": {sign: "."}, "question mark": {sign: "?"},
		"exclamation mark": {sign: "!"}, "exclamation point": {sign: "!"}, "colon": {sign: ":", loose: true}, "semicolon": {sign: ";"},
		"dot dot dot": {sign: "…"}, "ellipsis": {sign: "…", loose: true}, "hyphen": {"-", between, false}, "dash": {"–", apart, true},
		"open parenthesis": {"(", opening, false}, "close parenthesis": {sign: ")"}, "open bracket": {"(", opening, false}, "close bracket": {sign: ")"},
		"open quote": {"“", opening, false}, "close quote": {sign: "”"}, "new line": {"\n", line, false}, "newline": {"\n", line, false},
		"new paragraph": {"\n\n", line, false},
	},
	"de": {
		"komma": {sign: ","}, "punkt": {sign: ".", loose: true}, "fragezeichen": {sign: "?"}, "ausrufezeichen": {sign: "!"},
		"doppelpunkt": {sign: ":"}, "semikolon": {sign: ";"}, "strichpunkt": {sign: ";"}, "auslassungspunkte": {sign: "…"},
		"bindestrich": {"-", between, false}, "gedankenstrich": {"–", apart, false}, "klammer auf": {"(", opening, false}, "klammer zu": {sign: ")"},
		"anführungszeichen auf": {"„", opening, false}, "anführungszeichen zu": {sign: "“"}, "neue zeile": {"\n", line, false}, "neuer absatz": {"\n\n", line, false},
	},
	"fr": {
		"virgule": {sign: ","}, "point": {sign: ".", loose: true}, "point dinterrogation": {sign: "\u202f?"}, "point dexclamation": {sign: "\u202f!"},
		"deux points": {sign: "\u00a0:"}, "deuxpoints": {sign: "\u00a0:"}, "point virgule": {sign: "\u202f;"}, "pointvirgule": {sign: "\u202f;"},
		"points de suspension": {sign: "…"}, "trait dunion": {"-", between, false}, "tiret": {"–", apart, true},
		"ouvrez la parenthèse": {"(", opening, false}, "ouvrir la parenthèse": {"(", opening, false}, "fermez la parenthèse": {sign: ")"}, "fermer la parenthèse": {sign: ")"},
		"ouvrez les guillemets": {"«\u00a0", opening, false}, "ouvrir les guillemets": {"«\u00a0", opening, false},
		"fermez les guillemets": {sign: "\u00a0»"}, "fermer les guillemets": {sign: "\u00a0»"},
		"à la ligne": {"\n", line, false}, "nouvelle ligne": {"\n", line, false}, "nouveau paragraphe": {"\n\n", line, false},
	},
	"es": {
		"coma": {sign: ",", loose: true}, "punto": {sign: ".", loose: true}, "punto y coma": {sign: ";"}, "dos puntos": {sign: ":", loose: true},
		"puntos suspensivos": {sign: "…"}, "abrir interrogación": {"¿", opening, false}, "cerrar interrogación": {sign: "?"},
		"abrir exclamación": {"¡", opening, false}, "cerrar exclamación": {sign: "!"}, "abrir paréntesis": {"(", opening, false}, "cerrar paréntesis": {sign: ")"},
		"abrir comillas": {"«", opening, false}, "cerrar comillas": {sign: "»"}, "guion": {"-", between, true},
		"nueva línea": {"\n", line, false}, "nuevo párrafo": {"\n\n", line, false}, "punto y aparte": {".\n", line, false},
	},
	"it": {
		"virgola": {sign: ","}, "punto": {sign: ".", loose: true}, "punto interrogativo": {sign: "?"}, "punto di domanda": {sign: "?"},
		"punto esclamativo": {sign: "!"}, "due punti": {sign: ":", loose: true}, "punto e virgola": {sign: ";"}, "trattino": {"-", between, false},
		"apri parentesi": {"(", opening, false}, "chiudi parentesi": {sign: ")"}, "apri virgolette": {"«", opening, false}, "chiudi virgolette": {sign: "»"},
		"a capo": {"\n", line, true}, "nuova riga": {"\n", line, false}, "nuovo paragrafo": {"\n\n", line, false},
	},
	"pt": {
		"vírgula": {sign: ","}, "ponto": {sign: ".", loose: true}, "ponto final": {sign: "."}, "ponto de interrogação": {sign: "?"},
		"ponto de exclamação": {sign: "!"}, "dois pontos": {sign: ":", loose: true}, "ponto e vírgula": {sign: ";"}, "hífen": {"-", between, false},
		"abre parênteses": {"(", opening, false}, "fecha parênteses": {sign: ")"}, "nova linha": {"\n", line, false}, "novo parágrafo": {"\n\n", line, false},
	},
	"nl": {
		"komma": {sign: ","}, "punt": {sign: ".", loose: true}, "vraagteken": {sign: "?"}, "uitroepteken": {sign: "!"}, "dubbele punt": {sign: ":"},
		"puntkomma": {sign: ";"}, "koppelteken": {"-", between, false}, "haakje openen": {"(", opening, false}, "haakje sluiten": {sign: ")"},
		"nieuwe regel": {"\n", line, false}, "nieuwe alinea": {"\n\n", line, false},
	},
}

// maxName is the most words in a name of a mark.
const maxName = 3

// punctuate replaces spoken names of marks with the marks. A recognizer writes marks
// where it hears a pause, also next to the spoken name. Those are removed.
func punctuate(text, code string) string {
	names := marks[code]
	if len(names) == 0 {
		return text
	}
	said := strings.Fields(text)
	var out strings.Builder
	glue := "" // between the last word and the next
	for i := 0; i < len(said); {
		m, n := named(names, said, i)
		if n == 0 {
			out.WriteString(glue)
			out.WriteString(said[i])
			glue = " "
			i++
			continue
		}
		i += n
		before := strings.TrimRight(out.String(), " ")
		if m.place != opening && m.place != apart {
			before = strings.TrimRight(before, ",;:.…")
			if last, _ := utf8.DecodeLastRuneInString(m.sign); IsEnd(last) {
				before = strings.TrimRight(before, "?!")
			}
			if m.place == line && strings.HasSuffix(strings.TrimRight(out.String(), " "), ".") {
				before += "." // the sentence before a line break keeps its end
			}
		}
		out.Reset()
		out.WriteString(before)
		glue = m.write(&out, glue)
		if i < len(said) {
			said[i] = m.follow(said[i])
		}
	}
	return out.String()
}

// write writes the mark, and returns what separates it from the next word.
func (m mark) write(out *strings.Builder, glue string) string {
	if (m.place == opening || m.place == apart) && out.Len() > 0 {
		out.WriteString(glue)
	}
	out.WriteString(m.sign)
	switch m.place {
	case closing, apart:
		return " "
	}
	return ""
}

// follow returns a word as it is written after the mark. Its capital depends on the
// mark, not on whether the recognizer took the pause for the end of a sentence.
func (m mark) follow(word string) string {
	last, _ := utf8.DecodeLastRuneInString(m.sign)
	switch {
	case IsEnd(last) && last != '…', m.place == line:
		return capital(word)
	case isLink(word):
		return small(word)
	}
	return word
}

// named returns the mark that is named by the words from i on, and the number of
// these words; 0 if they name none.
func named(names map[string]mark, said []string, i int) (mark, int) {
	for n := min(maxName, len(said)-i); n > 0; n-- {
		m, ok := names[Plain(strings.Join(said[i:i+n], " "))]
		if ok && (!m.loose || paused(said, i, i+n)) {
			return m, n
		}
	}
	return mark{}, 0
}

// paused reports whether the recognizer wrote a pause before the words from i to j,
// or after them.
func paused(said []string, i, j int) bool {
	if j == len(said) || endsWithMark(said[j-1]) || i > 0 && endsWithMark(said[i-1]) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(said[j])
	return unicode.IsUpper(first) && !strings.HasPrefix(said[j], "I")
}

func endsWithMark(word string) bool {
	last, _ := utf8.DecodeLastRuneInString(word)
	return IsEnd(last) || strings.ContainsRune(",;:", last)
}
