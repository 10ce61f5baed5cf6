package whisper

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds a text, in characters.
const maxText = 8000

// minLine is how long a line of whisper.cpp is, in bytes, when it is broken for
// its length: it breaks before 60, and no token is nearly as long as the rest.
const minLine = 40

// words returns a text as it is typed: its lines joined, trimmed, spaces single
// and of bounded length.
//
// whisper.cpp breaks long lines between any two tokens, also inside a word. Its
// tokens bring their own spaces, so its texts begin with one, and such lines
// are joined as they are. Those of others are joined with a space, unless they
// are in a script that has none.
func words(s string) string {
	tokens := strings.HasPrefix(s, " ")
	var b strings.Builder
	n, last, line := 0, rune(0), 0
	space, broken := false, false // what stood before the next character
	for _, r := range s {
		switch {
		case r == unicode.ReplacementChar: // half a character, torn by a break
			continue
		case isBreak(r):
			broken = true
			continue
		case r == ' ' || r == '\t':
			space = true
			continue
		}
		if broken {
			torn := tokens && line >= minLine
			space = space || !torn && !(spaceless(last) && spaceless(r))
			line = 0
		}
		if space && n > 0 {
			b.WriteByte(' ')
			n, line = n+1, line+1
		}
		if n >= maxText {
			break
		}
		b.WriteRune(r)
		n, line, last = n+1, line+utf8.RuneLen(r), r
		space, broken = false, false
	}
	return strings.TrimSpace(clip(b.String(), maxText))
}

// clip returns the first n characters of s.
func clip(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// isBreak reports whether r ends a line, in any of Unicode's ways (UAX #14).
func isBreak(r rune) bool {
	switch r {
	case '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// spaceless reports whether r belongs to a script that is written without
// spaces.
func spaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		r >= '\u3000' && r <= '\u303f' || r >= '\uff01' && r <= '\uff60' // their punctuation
}

func runes(s string) int { return utf8.RuneCountInString(s) }
