// Package printable makes text from outside safe to show: words of a server, names of
// devices and windows, lines of a file. Such a text could otherwise change the title of a
// terminal, write into its clipboard, or turn the direction of a line.
package printable

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The zero-width non-joiner and joiner, which shape letters and emoji.
const (
	zwnj = '\u200c'
	zwj  = '\u200d'
)

// Is reports whether r may be shown and typed: a letter, mark, number, punctuation mark,
// symbol, space or joiner. Controls, formats such as those that change the direction,
// private and unassigned characters are not, except those of IsNewer. Neither is U+FFFD, which broken bytes become.
func Is(r rune) bool {
	switch r {
	case zwnj, zwj:
		return true
	case unicode.ReplacementChar:
		return false
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs) || IsNewer(r)
}

// IsNewer reports whether c is unassigned in the Unicode tables of this program, but can
// only become a symbol or an ideograph: Unicode reserves these blocks for them (Blocks.txt,
// DerivedGeneralCategory.txt).
func IsNewer(c rune) bool {
	if !unicode.Is(unicode.Cn, c) {
		return false
	}
	return c >= 0x20a0 && c <= 0x20cf || // currency
		c >= 0x1cc00 && c <= 0x1cebf || c >= 0x1f000 && c <= 0x1fbff || // pictographs
		c >= 0x20000 && c <= 0x2fffd || c >= 0x30000 && c <= 0x3fffd // Han
}

// IsText reports whether s does nothing but show: it has only what Is allows, line breaks,
// tabs, and the marks of Line.
func IsText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && r != '\t' && r != unicode.ReplacementChar && !Is(r) })
}

// Text returns words of a user for a terminal or a pipe: without what Is refuses, except
// line breaks and tabs. It changes nothing in a text that can be typed, except that it
// shows the flags of England, Scotland and Wales as black flags, without their tags.
func Text(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || Is(r) {
			return r
		}
		return -1
	}, s)
}

// Lines is Line for each line of s. It keeps line breaks and tabs.
func Lines(s string, most int) string {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(s, "\n") {
		text, isWhole := strings.CutSuffix(line, "\n")
		b.WriteString(cut(text, most, true))
		if isWhole {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Line returns s as one line with at most so many characters. U+FFFD marks what cannot be
// shown, once for a run of it, and … what was cut off. White space at the ends is removed.
func Line(s string, most int) string {
	return cut(strings.TrimSpace(strings.ToValidUTF8(s, "\ufffd")), most, false)
}

func cut(s string, most int, tabs bool) string {
	var b strings.Builder
	n, last := 0, rune(0)
	for _, r := range s {
		switch {
		case Is(r), tabs && r == '\t':
		case unicode.IsSpace(r) && r != '\u0085':
			r = ' '
		default:
			r = unicode.ReplacementChar
		}
		if r == unicode.ReplacementChar && last == r {
			continue
		}
		if n++; n > most {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// MaxLine is the usual limit of a line, in characters: several lines of a terminal.
const MaxLine = 400
