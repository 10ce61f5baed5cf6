package inject

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/arealicehole/vocoder/internal/printable"
)

// A Newline is what a line break in a text becomes.
type Newline string

const (
	Space      Newline = "space"       // one space; the zero value means this too
	ShiftEnter Newline = "shift-enter" // a new line where Enter alone would send
	Enter      Newline = "enter"       // which runs a command in a terminal
)

// Rules say what is done to a text before it is written.
type Rules struct {
	Newline          Newline
	ASCIIPunctuation bool // “ ” ‘ ’ – — … and special spaces become ASCII
}

// The zero-width joiner and non-joiner, which shape letters and emoji.
const (
	zwnj = '\u200c'
	zwj  = '\u200d'
)

// Clean returns text as it may be written: valid UTF-8 in form NFC. It keeps letters,
// marks, numbers, punctuation, symbols and spaces, line breaks as r has them, and joiners
// where the script or emoji around them needs them. It removes controls, formats, private
// and unassigned characters, so that no recognizer can press Escape, turn the direction of
// a line or hide a word. Symbols and ideographs that are newer than the Unicode tables of
// this program stay. Clean changes nothing in its own result, nor in the rest of its result
// from any character on.
func Clean(text string, r Rules) string {
	text = r.breaks(strings.Map(allowed, text))
	if r.ASCIIPunctuation {
		text = toASCII.Replace(text)
	}
	for { // without a joiner, the characters around it can compose and change
		next := norm.NFC.String(joined(text))
		if next == text {
			break
		}
		text = next
	}
	return text
}

// breaks replaces tabs and line breaks. If line breaks become spaces, a run of breaks and
// spaces becomes one space, and breaks at the ends go, because most recognizers end their
// answer with one.
func (r Rules) breaks(text string) string {
	if r.Newline == ShiftEnter || r.Newline == Enter {
		return strings.Map(func(c rune) rune {
			switch {
			case c == '\t':
				return ' '
			case isBreak(c):
				return '\n'
			}
			return c
		}, strings.ReplaceAll(text, "\r\n", "\n"))
	}
	lines := strings.FieldsFunc(text, isBreak)
	if len(lines) == 1 && lines[0] == text {
		return text
	}
	var b strings.Builder
	for i, l := range lines {
		if i == 0 && !strings.HasPrefix(text, l) {
			l = strings.TrimLeft(l, " ")
		}
		if b.Len() > 0 {
			if l = strings.TrimLeft(l, " "); l == "" {
				continue
			}
			b.WriteByte(' ')
		}
		b.WriteString(strings.TrimRight(l, " "))
	}
	return b.String()
}

func isBreak(c rune) bool {
	switch c {
	case '\t', '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// allowed returns c if it may be written or is a break, else -1.
func allowed(c rune) rune {
	switch {
	case printable.Is(c), isTag(c), isBreak(c):
		return c
	}
	return -1
}

// isSymbol reports whether c can be a part of an emoji.
func isSymbol(c rune) bool { return unicode.Is(unicode.So, c) || printable.IsNewer(c) }

// isTag reports whether c is a tag. Tags are invisible. They mean something only in the
// flags.
func isTag(c rune) bool { return c >= 0xe0020 && c <= 0xe007f }

// flags are the flags of England, Scotland and Wales: the emoji that have tags (UTS #51,
// emoji-sequences.txt).
var flags = [...][]rune{flag("gbeng"), flag("gbsct"), flag("gbwls")}

// flag returns the flag of a region: a black flag, the code in tags, and the end of tags.
func flag(region string) []rune {
	all := []rune{'\U0001f3f4'}
	for _, c := range region {
		all = append(all, 0xe0000+c)
	}
	return append(all, 0xe007f)
}

// flagLength returns how many characters of the flag are at the beginning of text; 0 if
// it begins with none of the flags.
func flagLength(text []rune) int {
	for _, f := range flags {
		if len(text) >= len(f) && slices.Equal(text[:len(f)], f) {
			return len(f)
		}
	}
	return 0
}

var toASCII = strings.NewReplacer(
	"“", `"`, "”", `"`, "„", `"`, "‟", `"`, "«", `"`, "»", `"`, "″", `"`,
	"‘", "'", "’", "'", "‚", "'", "‛", "'", "‹", "'", "›", "'", "′", "'",
	"‐", "-", "‑", "-", "‒", "-", "–", "-", "−", "-", "—", "--", "―", "--",
	"…", "...", "‥", "..",
	"\u00a0", " ", "\u2000", " ", "\u2001", " ", "\u2002", " ", "\u2003", " ", "\u2004", " ", "\u2005", " ", "\u2006", " ",
	"\u2007", " ", "\u2008", " ", "\u2009", " ", "\u200a", " ", "\u202f", " ", "\u205f", " ",
)

// joined returns text without the joiners and tags that have no meaning.
func joined(text string) string {
	in := []rune(text)
	out := make([]rune, 0, len(in))
	flag := 0 // the end of the flag that a character belongs to
	for i, c := range in {
		next := ' '
		if i+1 < len(in) {
			next = in[i+1]
		}
		flag = max(flag, i+flagLength(in[i:]))
		joiner := c == zwnj || c == zwj
		if joiner && joins(out, c, next) || isTag(c) && i < flag || !joiner && !isTag(c) {
			out = append(out, c)
		}
	}
	return string(out)
}

// joins reports whether the joiner c has a meaning between before and next.
//
//	Persian, Hindi   letter ZWNJ letter      the letters do not connect
//	Bengali          virama ZWJ              half a letter, also at the end of a word
//	emoji            symbol [U+FE0F] ZWJ symbol
func joins(before []rune, c, next rune) bool {
	last := len(before) - 1
	for last >= 0 && unicode.Is(unicode.M, before[last]) {
		last-- // to what the marks are on
	}
	if last < 0 {
		return false
	}
	base := before[last]
	if shaping(base) {
		return c == zwj || shaping(next) || unicode.Is(unicode.M, next)
	}
	skin := base >= 0x1f3fb && base <= 0x1f3ff
	return c == zwj && (skin || isSymbol(base) || isTag(base)) && (isSymbol(next) || unicode.Is(unicode.Sm, next))
}

// shaping reports whether c is of a script whose letters change their form next to a
// joiner (The Unicode Standard, 9.2, 12.1 and 23.2).
func shaping(c rune) bool {
	return unicode.Is(unicode.L, c) && unicode.In(c,
		unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mandaic, unicode.Mongolian, unicode.Adlam, unicode.Hanifi_Rohingya,
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu,
		unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Myanmar, unicode.Khmer, unicode.Tibetan, unicode.Balinese, unicode.Javanese)
}
