package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/script"
)

// minTorn is how long a line of whisper.cpp is at least, in bytes, if whisper.cpp
// broke it for its length: it breaks lines before 60, and no token is as long as
// the rest.
const minTorn = 40

// Line returns a text as one line: trimmed, with single spaces.
//
// whisper.cpp breaks long lines between any two tokens, also inside a word. Its
// tokens bring their own spaces. So if a text begins with a space, its long lines
// are joined as they are. All other lines are joined with a space, unless their
// script is written without spaces.
func Line(s string) string {
	tokens := strings.HasPrefix(s, " ")
	var b strings.Builder
	line := 0
	space, broken := false, false // before the next character
	for i, r := range s {
		switch {
		case r == unicode.ReplacementChar: // half a character at a line break of whisper.cpp
			continue
		case isBreak(r):
			broken = true
			continue
		case r == ' ' || r == '\t':
			space = true
			continue
		}
		if broken {
			torn := tokens && line >= minTorn
			space = space || !torn && !script.IsUnspaced(b.String(), s[i:])
			line = 0
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
			line++
		}
		b.WriteRune(r)
		line += utf8.RuneLen(r)
		space, broken = false, false
	}
	return strings.TrimSpace(b.String())
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

// isBreak reports whether r ends a line, in any way of Unicode (UAX #14).
func isBreak(r rune) bool { return strings.ContainsRune("\n\v\f\r\u0085\u2028\u2029", r) }

// isOpening reports whether r is a bracket or mark at the beginning of a word, and
// isClosing whether r is a mark or bracket at the end of a word.
func isOpening(r rune) bool { return strings.ContainsRune("([{¿¡（「『", r) }
func isClosing(r rune) bool {
	return strings.ContainsRune(",;:.!?%)]}…、。，！？；：）」』｡､", r) || isForeignMark(r)
}

// isForeignMark reports whether r is a comma or the end of a sentence in another script:
// Arabic, Urdu, Hindi, Armenian, Ethiopic, Khmer, Burmese.
func isForeignMark(r rune) bool { return strings.ContainsRune("،؛؟۔।॥։՝፣።។၊။", r) }

// IsEnd reports whether r ends a sentence.
func IsEnd(r rune) bool { return strings.ContainsRune(".!?…。！？｡؟۔।॥։።។။", r) }

// Plain returns a text for comparison: letters and digits in lower case, with
// single spaces.
func Plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case isWord(r):
			return unicode.ToLower(r)
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// isWord reports whether r is part of a word.
func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

func set(all ...string) map[string]bool {
	m := make(map[string]bool, len(all))
	for _, s := range all {
		m[s] = true
	}
	return m
}
