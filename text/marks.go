package text

import (
	"strings"
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

// opens reports whether the mark belongs to the word after it.
func (m mark) opens() bool {
	return strings.HasPrefix(string(m), " ") && !strings.HasSuffix(string(m), " ")
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
		"virgule": ", ", "point": ". ", "point final": ". ", "point dinterrogation": "\u202f? ", "point dexclamation": "\u202f! ",
		"deux points": "\u00a0: ", "deuxpoints": "\u00a0: ", "point virgule": "\u202f; ", "pointvirgule": "\u202f; ", "points de suspension": "… ",
		"trait dunion": "-", "tiret": " – ", "ouvrez la parenthèse": " (", "ouvrir la parenthèse": " (", "fermez la parenthèse": ") ",
		"fermer la parenthèse": ") ", "ouvrez les guillemets": " «\u00a0", "ouvrir les guillemets": " «\u00a0", "fermez les guillemets": "\u00a0» ",
		"fermer les guillemets": "\u00a0» ", "à la ligne": "\n", "nouvelle ligne": "\n", "nouveau paragraphe": "\n\n", "point à la ligne": ".\n",
	},
	"es": {
		"coma": ", ", "punto": ". ", "punto final": ". ", "punto y coma": "; ", "dos puntos": ": ", "puntos suspensivos": "… ", "abrir interrogación": " ¿",
		"cerrar interrogación": "? ", "abrir exclamación": " ¡", "cerrar exclamación": "! ", "abrir paréntesis": " (", "cerrar paréntesis": ") ",
		"abrir comillas": " «", "cerrar comillas": "» ", "guion": "-", "nueva línea": "\n", "nuevo párrafo": "\n\n", "punto y aparte": ".\n",
	},
	"it": {
		"virgola": ", ", "punto": ". ", "punto fermo": ". ", "punto interrogativo": "? ", "punto di domanda": "? ", "punto esclamativo": "! ",
		"due punti": ": ", "punto e virgola": "; ", "puntini di sospensione": "… ", "trattino": "-", "apri parentesi": " (", "chiudi parentesi": ") ",
		"apri virgolette": " «", "chiudi virgolette": "» ", "a capo": "\n", "nuova riga": "\n", "nuovo paragrafo": "\n\n", "punto a capo": ".\n",
		"punto e a capo": ".\n",
	},
	"pt": {
		"vírgula": ", ", "ponto": ". ", "ponto final": ". ", "ponto de interrogação": "? ", "ponto de exclamação": "! ", "dois pontos": ": ",
		"ponto e vírgula": "; ", "reticências": "… ", "hífen": "-", "travessão": " – ", "abre parênteses": " (", "fecha parênteses": ") ",
		"abre aspas": " “", "fecha aspas": "” ", "nova linha": "\n", "novo parágrafo": "\n\n",
	},
	"nl": {
		"komma": ", ", "punt": ". ", "vraagteken": "? ", "uitroepteken": "! ", "dubbele punt": ": ", "puntkomma": "; ", "koppelteken": "-",
		"haakje openen": " (", "haakje sluiten": ") ", "nieuwe regel": "\n", "nieuwe alinea": "\n\n",
	},
	"ru": {
		"запятая": ", ", "точка": ". ", "вопросительный знак": "? ", "знак вопроса": "? ", "восклицательный знак": "! ", "двоеточие": ": ",
		"точка с запятой": "; ", "многоточие": "… ", "дефис": "-", "тире": " – ", "открыть скобку": " (", "закрыть скобку": ") ",
		"открыть кавычки": " «", "закрыть кавычки": "» ", "новая строка": "\n", "с новой строки": "\n", "новый абзац": "\n\n",
	},
}

// maxName is the most words in a name of a mark.
const maxName = 4

// loose are the names of marks, by language, that are often meant as words. They are marks
// only with a reason: see phrase.isLoose.
var loose = map[string]map[string]bool{
	"en": set("period", "ellipsis", "dash"),
	"de": set("punkt"),
	"fr": set("point", "tiret", "deux points", "à la ligne", "point final"),
	"es": set("coma", "punto", "punto final", "dos puntos", "guion", "punto y aparte"),
	"it": set("punto", "due punti", "a capo"),
	"pt": set("ponto", "ponto final", "dois pontos", "travessão"),
	"nl": set("punt"),
	"ru": set("точка", "тире"),
}

// nouns are the languages in which a noun seldom comes after another noun, or after an
// adjective, without an article or preposition before both. So the name of a full stop at
// the end of a sentence is a mark if none is there.
var nouns = set("de", "fr", "es", "it", "pt", "nl")
