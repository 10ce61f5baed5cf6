package keymap

import "strings"

type kind uint8

const (
	end    kind = iota
	word        // an identifier or a number
	quoted      // "text", without the quotes
	label       // <NAME> of a key, without the brackets
	mark        // one byte of punctuation
	broken      // a string or a label that does not end
)

// A token is one word of the text; at is its offset.
type token struct {
	kind kind
	text string
	at   int
}

// A lexer divides the text of a keymap into tokens.
type lexer struct {
	text string
	pos  int
}

func (l *lexer) next() token {
	l.skipSpace()
	at := l.pos
	if at == len(l.text) {
		return token{end, "", at}
	}
	switch c := l.text[at]; {
	case wordByte(c):
		for l.pos < len(l.text) && wordByte(l.text[l.pos]) {
			l.pos++
		}
		return token{word, l.text[at:l.pos], at}
	case c == '"':
		return l.until('"', quoted)
	case c == '<':
		return l.until('>', label)
	}
	l.pos++
	return token{mark, l.text[at:l.pos], at}
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			l.pos++
		case c == '#' || strings.HasPrefix(l.text[l.pos:], "//"):
			if n := strings.IndexByte(l.text[l.pos:], '\n'); n >= 0 {
				l.pos += n
			} else {
				l.pos = len(l.text)
			}
		default:
			return
		}
	}
}

// until reads what is between delimiters on one line. A backslash escapes the byte after
// it.
func (l *lexer) until(delimiter byte, k kind) token {
	at := l.pos
	for i := at + 1; i < len(l.text) && l.text[i] != '\n'; i++ {
		switch l.text[i] {
		case '\\':
			i++
		case delimiter:
			l.pos = i + 1
			return token{k, l.text[at+1 : i], at}
		}
	}
	l.pos = len(l.text)
	return token{broken, l.text[at : at+1], at}
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.'
}
