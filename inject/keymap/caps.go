package keymap

import "unicode"

// capitalized returns the symbol of a key under Caps Lock, or noSymbol where
// programs disagree about it.
func (g *keyGroup) capitalized(s keysym, consumed modifiers) keysym {
	if !undisputed(s.char()) || g.typeName == "" && !g.undisputed() {
		return noSymbol
	}
	if consumed&modLock != 0 {
		return s // the level is the capital already
	}
	r := s.char()
	if r == 0 || s.keypad() || s.dead() {
		return s
	}
	if u := unicode.ToUpper(r); u != r {
		return symbolFor(u)
	}
	return s
}

// undisputed reports whether all symbols are undisputed. Libraries disagree about which
// letters are pairs, and so about a type that the symbols choose.
func (g *keyGroup) undisputed() bool {
	for _, l := range g.levels {
		if !undisputed(l.symbol.char()) {
			return false
		}
	}
	return true
}

// undisputed reports whether all libraries agree on the capital of r. They do if r has no
// case.
func undisputed(r rune) bool {
	switch {
	case r < 0x80,
		r >= 'А' && r <= 'я',
		r >= 'Α' && r <= 'Ω',
		r >= 'α' && r <= 'ω' && r != 'ς':
		return true
	case r == 'ª', r == 'º', r == 'ß', r == 'µ', r == 'ÿ':
		return false
	case r <= 0xff:
		return true
	}
	return unicode.ToUpper(r) == r && unicode.ToLower(r) == r && !unicode.In(r, unicode.Ll, unicode.Lu, unicode.Lt)
}
