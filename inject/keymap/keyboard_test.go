package keymap

import (
	"unicode"

	"github.com/arealicehole/vocoder/internal/key"
)

// A keyboard is the other direction: it is pressed key by key and says what
// comes of it, by the rules of the XKB protocol and not by those of a Table.
type keyboard struct {
	m      *Map
	group  int
	locked modifiers
	keys   map[key.Code]*physicalKey
	down   []held
	latch  modifiers
	astray bool // something happened that typing must not cause
}

type held struct {
	code   key.Code
	action action
	alone  bool // no other key was pressed since
}

func (k *keyboard) mods() modifiers {
	set := k.locked | k.latch
	for _, h := range k.down {
		set |= h.action.mods
	}
	return set
}

func (k *keyboard) press(c key.Code) keysym {
	for i := range k.down {
		k.down[i].alone = false
		k.astray = k.astray || k.down[i].code == c
	}
	if k.keys == nil {
		k.keys = map[key.Code]*physicalKey{}
		for i := range k.m.keys {
			k.keys[k.m.keys[i].evdev()] = &k.m.keys[i]
		}
	}
	if pressed := k.keys[c]; pressed != nil {
		g := pressed.group(k.group)
		set := k.mods()
		l, consumed := g.at(set)
		h := held{c, action{}, true}
		switch l.action.effect {
		case sets, latches:
			h.action = l.action
		case spoils:
			k.astray = true
		}
		k.down = append(k.down, h)
		k.astray = k.astray || k.mods()&k.m.foreign&^k.locked != 0
		if capital := unicode.ToUpper(l.symbol.char()); set&modLock != 0 && consumed&modLock == 0 && capital != l.symbol.char() {
			return symbolFor(capital)
		}
		return l.symbol
	}
	return noSymbol
}

func (k *keyboard) release(c key.Code) {
	for i, h := range k.down {
		if h.code != c {
			continue
		}
		k.down = append(k.down[:i:i], k.down[i+1:]...)
		if h.action.effect == latches && h.alone {
			k.latch |= h.action.mods
		}
		if h.action.clears && h.action.mods&k.locked != 0 {
			k.astray = true
		}
		return
	}
}

func (k *keyboard) stroke(s key.Stroke) keysym {
	for _, c := range s.Mods {
		k.press(c)
	}
	given := k.press(s.Code)
	k.release(s.Code)
	for i := len(s.Mods) - 1; i >= 0; i-- {
		k.release(s.Mods[i])
	}
	return given
}

// types reports whether the keyboard gives a character and is at rest again.
func (k *keyboard) types(c Char, composed map[string]rune) bool {
	var symbols []keysym
	for _, s := range c.Strokes {
		symbols = append(symbols, k.stroke(s))
	}
	rest := len(k.down) == 0 && k.latch == 0 && !k.astray
	if len(symbols) == 1 {
		return rest && symbols[0].char() == c.Rune
	}
	return rest && composed[spell(symbols)] == c.Rune
}
