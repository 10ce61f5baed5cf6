package keymap

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// accents are the dead keys that put a combining mark on a letter.
var accents = [...]struct {
	name string
	mark rune
}{
	{"dead_grave", 0x300},
	{"dead_acute", 0x301},
	{"dead_circumflex", 0x302},
	{"dead_tilde", 0x303},
	{"dead_macron", 0x304},
	{"dead_breve", 0x306},
	{"dead_abovedot", 0x307},
	{"dead_diaeresis", 0x308},
	{"dead_hook", 0x309},
	{"dead_abovering", 0x30a},
	{"dead_doubleacute", 0x30b},
	{"dead_caron", 0x30c},
	{"dead_belowdot", 0x323},
	{"dead_cedilla", 0x327},
	{"dead_ogonek", 0x328},
}

// ligatures are characters of layouts that X.Org's locales replace by two characters.
const ligatures = "ﻻﻷﻹﻵ\u17fb\u17fc\u17fd\u17fe\u17ff"

// DeadKeys returns what every program makes of dead keys, also one that reads no file of
// Compose(5): an accent on a letter where Unicode has a character for the two, and ^ ~ `
// from the accent and a space.
func DeadKeys() *Compose {
	c := &Compose{starters: map[keysym]bool{}}
	for _, r := range ligatures {
		c.starters[symbolFor(r)] = true
	}
	dead := map[rune]keysym{}
	for _, a := range accents {
		s, _ := symbolOf(a.name)
		dead[a.mark] = s
		c.starters[s] = true
	}
	for _, q := range []struct{ mark, char rune }{{0x300, '`'}, {0x302, '^'}, {0x303, '~'}} {
		c.sequences = append(c.sequences, sequence{[]keysym{dead[q.mark], ' '}, q.char})
	}
	for r := rune(0xc0); r < 0x2000; r++ {
		letter, mark, ok := pair(r)
		if !ok || dead[mark] == 0 {
			continue
		}
		for _, s := range symbolsOf(letter) {
			c.sequences = append(c.sequences, sequence{[]keysym{dead[mark], s}, r})
		}
	}
	return c
}

// pair returns the letter and the mark that r is composed of. It is not ok for ϒ, because
// a capital Upsilon with a hook is a letter of formulas.
func pair(r rune) (letter, mark rune, ok bool) {
	parts := norm.NFD.String(string(r))
	letter, size := utf8.DecodeRuneInString(parts)
	mark, rest := utf8.DecodeRuneInString(parts[size:])
	ok = rest > 0 && size+rest == len(parts) && unicode.IsLetter(letter) && letter != 'ϒ'
	return letter, mark, ok && norm.NFC.String(parts) == string(r)
}

// symbolsOf returns the symbols of a letter. In sequences, a letter that has a name goes by
// its name and not by its code point.
func symbolsOf(r rune) []keysym {
	var named []keysym
	for _, e := range symbolRunes {
		if e.char == r {
			named = append(named, e.symbol)
		}
	}
	if named == nil {
		return []keysym{symbolFor(r)}
	}
	return named
}
