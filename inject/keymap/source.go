package keymap

import (
	"cmp"
	"slices"
)

// A source is a keymap as its text describes it, with virtual modifiers.
type source struct {
	codes    map[string]*definition
	taken    map[uint16]bool // keycodes in use
	aliases  map[string]string
	keys     []*definition // in the order of xkb_symbols
	mods     map[string]modifiers
	bits     []modifiers // the real modifiers of each modifier, by its bit
	types    map[string]*keyType
	interps  []interpretation
	defaults interpretation
	groups   []string
	lights   map[string]light  // by the names of indicators
	unknown  map[string]keysym // names of symbols that are not in the list
}

func newSource() *source {
	s := &source{
		codes:   map[string]*definition{},
		taken:   map[uint16]bool{},
		aliases: map[string]string{},
		mods:    map[string]modifiers{},
		types:   map[string]*keyType{},
		unknown: map[string]keysym{},
		lights:  map[string]light{},
	}
	for i, name := range []string{"shift", "lock", "control", "mod1", "mod2", "mod3", "mod4", "mod5"} {
		s.mods[name] = 1 << i
		s.bits = append(s.bits, 1<<i)
	}
	return s
}

// symbol returns the symbol with a name. A name that is not in the list gets a symbol
// without a character that equals no other.
func (s *source) symbol(name string) keysym {
	if known, ok := symbolOf(name); ok {
		return known
	}
	if _, ok := s.unknown[name]; !ok {
		s.unknown[name] = firstUnknown + keysym(len(s.unknown))
	}
	return s.unknown[name]
}

// real replaces the virtual modifiers of a set by real ones.
func (s *source) real(set modifiers) modifiers {
	found := set & allReal
	for i := realModifiers; i < len(s.bits); i++ {
		if set&(1<<i) != 0 {
			found |= s.bits[i]
		}
	}
	return found
}

// named returns the real modifiers of a virtual modifier, none if no key has it.
func (s *source) named(name string) modifiers { return s.real(s.mods[name]) }

// resolve computes the types, the actions and the modifiers of every key, in the order of
// libxkbcommon.
func (s *source) resolve() *Map {
	for _, d := range s.keys {
		s.interpret(d)
	}
	for _, d := range s.keys {
		for i := realModifiers; i < len(s.bits); i++ {
			if d.virtual&(1<<i) != 0 {
				s.bits[i] |= d.modmap
			}
		}
	}
	for _, t := range s.types {
		s.resolveType(t)
	}
	m := &Map{
		groups:  s.groups,
		numLock: s.named("numlock"),
		foreign: s.foreign(),
		caps:    s.light("Caps Lock"),
		num:     s.light("Num Lock"),
	}
	for _, d := range s.keys {
		s.resolveKey(d)
		m.keys = append(m.keys, d.physicalKey)
		for len(m.groups) < len(d.groups) {
			m.groups = append(m.groups, "")
		}
	}
	return m
}

// light returns what a light shows, in real modifiers.
func (s *source) light(name string) light {
	l := s.lights[name]
	l.mods = s.real(l.mods)
	return l
}

// interpret gives actions and virtual modifiers to a key that has no actions.
func (s *source) interpret(d *definition) {
	if d.explicit.actions {
		return
	}
	var virtual modifiers
	for gi := range d.groups {
		for li := range d.groups[gi].levels {
			l := &d.groups[gi].levels[li]
			if l.symbol == noSymbol || l.action.effect == spoils {
				continue
			}
			i := slices.IndexFunc(s.interps, func(in interpretation) bool { return in.matches(l.symbol, li, d.modmap) })
			if i < 0 {
				continue
			}
			l.action = s.interps[i].action
			if gi == 0 && li == 0 || !s.interps[i].levelOne {
				virtual |= s.interps[i].virtual
			}
		}
	}
	if !d.explicit.virtual {
		d.virtual = virtual
	}
}

// resolveType makes the modifiers of a type real. It removes entries whose modifiers no
// key sets.
func (s *source) resolveType(t *keyType) {
	t.mods = s.real(t.mods)
	t.entries = slices.DeleteFunc(t.entries, func(e typeEntry) bool { return e.mods != 0 && s.real(e.mods) == 0 })
	for i := range t.entries {
		t.entries[i].mods = s.real(t.entries[i].mods)
		t.entries[i].preserve = s.real(t.entries[i].preserve)
	}
}

// resolveKey makes the types and the modifiers of a key real.
func (s *source) resolveKey(d *definition) {
	for i := range d.groups {
		g := &d.groups[i]
		g.keyType = s.types[cmp.Or(g.typeName, automaticType(g.levels))]
		if g.keyType == nil {
			g.keyType, g.levels = &keyType{}, nil // nothing says how its levels are chosen
		}
		for j := range g.levels {
			a := &g.levels[j].action
			if a.modmap {
				a.mods = d.modmap
			}
			a.mods = s.real(a.mods)
		}
	}
}

// foreign returns the modifiers that must not be held while a character is typed, because
// programs would treat the key as a command.
func (s *source) foreign() modifiers {
	set := mod1 | mod4
	for _, name := range []string{"alt", "meta", "super", "hyper"} {
		set |= s.named(name)
	}
	set &^= s.named("levelthree") | s.named("levelfive")
	return set | modControl | modLock
}

// automaticType names the type of a group that has none: XKB protocol
// specification 16.2.
func automaticType(levels []level) string {
	at := func(i int) keysym {
		if i < len(levels) {
			return levels[i].symbol
		}
		return noSymbol
	}
	letters := at(0).lower() && at(1).upper()
	keypad := at(0).keypad() || at(1).keypad()
	switch n := len(levels); {
	case n <= 1:
		return "ONE_LEVEL"
	case n == 2 && letters:
		return "ALPHABETIC"
	case n == 2 && keypad:
		return "KEYPAD"
	case n == 2:
		return "TWO_LEVEL"
	case n <= 4 && letters && at(2).lower() && at(3).upper():
		return "FOUR_LEVEL_ALPHABETIC"
	case n <= 4 && letters:
		return "FOUR_LEVEL_SEMIALPHABETIC"
	case n <= 4 && keypad:
		return "FOUR_LEVEL_KEYPAD"
	case n <= 4:
		return "FOUR_LEVEL"
	}
	return ""
}
