package keymap

import (
	"strconv"
	"strings"
)

// virtualModifiers reads the names of virtual modifiers:
// virtual_modifiers NumLock, Alt, LevelThree=0x80;
func (p *parser) virtualModifiers() {
	for {
		name := p.keyword("a virtual modifier")
		bit, known := p.mods[name]
		if !known {
			if len(p.mods) == maxModifiers {
				p.fail("at most %d modifiers", maxModifiers)
			}
			p.bits = append(p.bits, 0)
			bit = 1 << (len(p.bits) - 1)
			p.mods[name] = bit
		}
		if p.skip("=") {
			for i := range p.bits {
				if bit == 1<<i {
					p.bits[i] = p.modifiers()
				}
			}
		}
		if !p.skip(",") {
			break
		}
	}
	p.expect(";")
}

// modifiers reads a set: Shift+LevelThree, none, all, or a number.
func (p *parser) modifiers() modifiers {
	var set modifiers
	for {
		at := p.tok
		name := p.keyword("a modifier")
		if p.err != nil {
			return 0
		}
		m, ok := p.modifier(name)
		if !ok {
			p.failAt(at, "a modifier")
		}
		set |= m
		if !p.skip("+") {
			return set
		}
	}
}

func (p *parser) modifier(name string) (modifiers, bool) {
	switch name {
	case "none":
		return 0, true
	case "all":
		return allReal, true
	}
	if m, ok := p.mods[name]; ok {
		return m, true
	}
	n, err := strconv.ParseUint(name, 0, 32)
	return modifiers(n), err == nil && strings.HasPrefix(name, "0x")
}
