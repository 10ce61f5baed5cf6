package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A mark is how a punctuation mark is written: with a space where it is separated from
// the word next to it. "-" is joined to both words, and "\n" ends a line.
type mark string

// sign returns the mark without the spaces.
func (m mark) sign() string { return strings.Trim(string(m), " ") }

// endsSentence reports whether the mark ends a sentence.
func (m mark) endsSentence() bool {
	last, _ := utf8.DecodeLastRuneInString(m.sign())
	return IsEnd(last)
}

func (m mark) isBreak() bool { return strings.HasSuffix(string(m), "\n") }

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

// marks are the marks by language and by their spoken names, as Plain returns them.
// The languages are those of language.WithMarks.
var marks = map[string]map[string]mark{
	"en": {
		"comma": ", ", "period": ". ", "full stop": ". ", "question mark": "? ", "exclamation mark": "! ", "exclamation point": "! ", "colon": ": ",
		"semicolon": "; ", "dot dot dot": "… ", "ellipsis": "… ", "hyphen": "-", "dash": " – ", "open parenthesis": " (", "close parenthesis": ") ",
		"open bracket": " (", "close bracket": ") ", "open quote": " “", "close quote": "” ", "new line": "\n", "newline": "\n",
		"new paragraph": "\n\n",
	},
	"de": {
		"komma": ", ", "punkt": ". ", "fragezeichen": "? ", "ausrufezeichen": "! ", "doppelpunkt": ": ", "semikolon": "; ", "strichpunkt": "; ",
		"auslassungspunkte": "… ", "bindestrich": "-", "gedankenstrich": " – ", "klammer auf": " (", "klammer zu": ") ",
		"anführungszeichen auf": " „", "anführungszeichen zu": "“ ", "neue zeile": "\n", "neuer absatz": "\n\n",
	},
	"fr": {
		"virgule": ", ", "point": ". ", "point dinterrogation": "\u202f? ", "point dexclamation": "\u202f! ", "deux points": "\u00a0: ",
		"deuxpoints": "\u00a0: ", "point virgule": "\u202f; ", "pointvirgule": "\u202f; ", "points de suspension": "… ", "trait dunion": "-",
		"tiret": " – ", "ouvrez la parenthèse": " (", "ouvrir la parenthèse": " (", "fermez la parenthèse": ") ", "fermer la parenthèse": ") ",
		"ouvrez les guillemets": " «\u00a0", "ouvrir les guillemets": " «\u00a0", "fermez les guillemets": "\u00a0» ",
		"fermer les guillemets": "\u00a0» ", "à la ligne": "\n", "nouvelle ligne": "\n", "nouveau paragraphe": "\n\n",
	},
	"es": {
		"coma": ", ", "punto": ". ", "punto y coma": "; ", "dos puntos": ": ", "puntos suspensivos": "… ", "abrir interrogación": " ¿",
		"cerrar interrogación": "? ", "abrir exclamación": " ¡", "cerrar exclamación": "! ", "abrir paréntesis": " (", "cerrar paréntesis": ") ",
		"abrir comillas": " «", "cerrar comillas": "» ", "guion": "-", "nueva línea": "\n", "nuevo párrafo": "\n\n", "punto y aparte": ".\n",
	},
	"it": {
		"virgola": ", ", "punto": ". ", "punto interrogativo": "? ", "punto di domanda": "? ", "punto esclamativo": "! ", "due punti": ": ",
		"punto e virgola": "; ", "trattino": "-", "apri parentesi": " (", "chiudi parentesi": ") ", "apri virgolette": " «",
		"chiudi virgolette": "» ", "a capo": "\n", "nuova riga": "\n", "nuovo paragrafo": "\n\n",
	},
	"pt": {
		"vírgula": ", ", "ponto": ". ", "ponto final": ". ", "ponto de interrogação": "? ", "ponto de exclamação": "! ", "dois pontos": ": ",
		"ponto e vírgula": "; ", "hífen": "-", "abre parênteses": " (", "fecha parênteses": ") ", "nova linha": "\n", "novo parágrafo": "\n\n",
	},
	"nl": {
		"komma": ", ", "punt": ". ", "vraagteken": "? ", "uitroepteken": "! ", "dubbele punt": ": ", "puntkomma": "; ", "koppelteken": "-",
		"haakje openen": " (", "haakje sluiten": ") ", "nieuwe regel": "\n", "nieuwe alinea": "\n\n",
	},
}

// loose are the names of marks, by language, that are often meant as words. Such a
// name is replaced only if the recognizer wrote a pause next to it.
var loose = map[string]map[string]bool{
	"en": set("period", "colon", "ellipsis", "dash"),
	"de": set("punkt"),
	"fr": set("point", "tiret"),
	"es": set("coma", "punto", "dos puntos", "guion"),
	"it": set("punto", "due punti", "a capo"),
	"pt": set("ponto", "dois pontos"),
	"nl": set("punt"),
}

// maxName is the most words in a name of a mark.
const maxName = 3

// punctuate replaces spoken names of marks with the marks. A recognizer writes marks
// where it hears a pause, also next to the spoken name. Those are removed.
func punctuate(text, code string) string {
	if len(marks[code]) == 0 {
		return text
	}
	said := strings.Fields(text)
	var out strings.Builder
	glue := "" // between the last word and the next
	for i := 0; i < len(said); {
		m, n := named(code, said, i)
		if n == 0 {
			out.WriteString(glue + said[i])
			glue = " "
			i++
			continue
		}
		i += n
		before := out.String()
		out.Reset()
		out.WriteString(m.trim(before))
		if strings.HasPrefix(string(m), " ") && out.Len() > 0 {
			out.WriteString(glue)
		}
		out.WriteString(m.sign())
		_, glue, _ = strings.Cut(string(m), m.sign())
		if i < len(said) {
			said[i] = m.follow(said[i])
		}
	}
	return out.String()
}

// trim returns the text before the mark without the marks of the recognizer that it
// replaces.
func (m mark) trim(before string) string {
	if strings.HasPrefix(string(m), " ") {
		return before
	}
	trimmed := strings.TrimRight(before, ",;:.…")
	if m.endsSentence() {
		trimmed = strings.TrimRight(trimmed, "?!")
	}
	if m.isBreak() && m[0] != '.' && strings.HasSuffix(before, ".") {
		trimmed += "." // the sentence before a line break keeps its end
	}
	return trimmed
}

// follow returns a word as it is written after the mark. Its capital depends on the
// mark, not on whether the recognizer took the pause for the end of a sentence.
func (m mark) follow(word string) string {
	switch {
	case m.endsSentence() && m.sign() != "…", m.isBreak():
		return capital(word)
	case lingo("").isPlain(word):
		return toSmall(word)
	}
	return word
}

// named returns the mark that is named by the words from i on, and the number of
// these words; 0 if they name none.
func named(code string, said []string, i int) (mark, int) {
	for n := min(maxName, len(said)-i); n > 0; n-- {
		name := Plain(strings.Join(said[i:i+n], " "))
		if m, ok := marks[code][name]; ok && (!loose[code][name] || paused(said, i, i+n)) {
			return m, n
		}
	}
	return "", 0
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
