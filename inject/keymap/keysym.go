package keymap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

//go:generate sh -c "go run gen.go < /usr/include/xkbcommon/xkbcommon-keysyms.h | gofmt > keysyms.go"

// A keysym is what a key gives at one level: a character, a dead key or a
// function. See xkbcommon-keysyms.h and appendix A of the X protocol.
type keysym uint32

const (
	noSymbol     keysym = 0
	voidSymbol   keysym = 0xffffff
	unicodeStart keysym = 0x01000000 // + a code point, where the character has no other

	// firstUnknown is the first number of names that this package does not know. With
	// a number, an interpretation still finds its key. No real symbol is as large.
	firstUnknown keysym = 0x80000000
)

// symbolOf returns the symbol with a name as XKB and Compose files spell it:
// a name of the list, U and a code point in hexadecimal, or 0x and a number.
func symbolOf(name string) (keysym, bool) {
	if i, ok := slices.BinarySearchFunc(symbolNames[:], name, func(e struct {
		name   string
		symbol keysym
	}, name string) int {
		return cmp.Compare(e.name, name)
	}); ok {
		return symbolNames[i].symbol, true
	}
	if digits, ok := strings.CutPrefix(name, "U"); ok {
		point, err := strconv.ParseUint(digits, 16, 32)
		if err != nil || point > unicode.MaxRune || !latin1(point) && point < 0x100 {
			return noSymbol, false
		}
		return symbolFor(rune(point)), true
	}
	if digits, ok := strings.CutPrefix(name, "0x"); ok {
		value, err := strconv.ParseUint(digits, 16, 29) // keysyms have 29 bits
		return keysym(value), err == nil
	}
	return noSymbol, false
}

// symbolFor returns the symbol of a character by its code point.
func symbolFor(r rune) keysym {
	if latin1(uint64(r)) {
		return keysym(r)
	}
	return keysym(r) + unicodeStart
}

// latin1 reports whether a number is both a symbol and its character.
func latin1(n uint64) bool {
	return n >= 0x20 && n <= 0x7e || n >= 0xa0 && n <= 0xff
}

// char returns the character of s, which may be a control character, or 0 if it has none.
func (s keysym) char() rune {
	switch {
	case latin1(uint64(s)):
		return rune(s)
	case s == 0xff80: // KP_Space
		return ' '
	case s >= 0xff08 && s <= 0xff0b, s == 0xff0d, s == 0xff1b, s == 0xffff, // BackSpace to Clear, Return, Escape, Delete
		s == 0xff89, s == 0xff8d, s == 0xffbd, s >= 0xffaa && s <= 0xffb9: // KP_Tab, KP_Enter, KP_Equal, KP_Multiply to KP_9
		return rune(s & 0x7f)
	case s >= unicodeStart && s <= unicodeStart+unicode.MaxRune:
		r := rune(s - unicodeStart)
		if r >= 0xd800 && r <= 0xdfff {
			return 0
		}
		return r
	}
	i, ok := slices.BinarySearchFunc(symbolRunes[:], s, func(e struct {
		symbol keysym
		char   rune
	}, s keysym) int {
		return cmp.Compare(e.symbol, s)
	})
	if !ok {
		return 0
	}
	return symbolRunes[i].char
}

// dead reports whether s waits for the next key and composes with it.
func (s keysym) dead() bool { return s >= 0xfe50 && s <= 0xfe93 }

// keypad reports whether s belongs to the keypad, which Num Lock governs.
func (s keysym) keypad() bool {
	return s >= 0xff80 && s <= 0xffbd || s >= 0x11000000 && s <= 0x1100ffff
}

// lower and upper report the letters that XKB calls a pair when it chooses the type of
// a key that has none.
func (s keysym) lower() bool {
	r := s.char()
	return r != 0 && !s.keypad() && unicode.ToUpper(r) != r && unicode.ToLower(r) == r
}

func (s keysym) upper() bool {
	r := s.char()
	return r != 0 && !s.keypad() && unicode.ToLower(r) != r && unicode.ToUpper(r) == r
}
