package keymap

import "slices"

func (p *parser) typeStatement() {
	switch at := p.tok; p.keyword("a type") {
	case "virtual_modifiers":
		p.virtualModifiers()
	case "type":
		t := &keyType{}
		p.types[p.take(quoted, "the name of a type")] = t
		p.body(func() { p.typeField(t) })
	default:
		p.failAt(at, "a statement of xkb_types")
	}
}

func (p *parser) typeField(t *keyType) {
	switch at := p.tok; p.keyword("a field of a type") {
	case "modifiers":
		p.assign(func() { t.mods = p.modifiers() })
	case "map":
		e := p.typeEntry(t)
		p.assign(func() { e.level = p.number("level", maxLevels) - 1 })
	case "preserve":
		e := p.typeEntry(t)
		p.assign(func() { e.preserve = p.modifiers() })
	case "level_name":
		p.pass()
	default:
		p.failAt(at, "a field of a type")
	}
}

// typeEntry reads modifiers in brackets and returns the entry of t that has them. If
// there is none, it adds one of level 0.
func (p *parser) typeEntry(t *keyType) *typeEntry {
	p.expect("[")
	mods := p.modifiers()
	p.expect("]")
	i := slices.IndexFunc(t.entries, func(e typeEntry) bool { return e.mods == mods })
	if i < 0 {
		if len(t.entries) == maxEntries {
			p.fail("at most %d entries", maxEntries)
			return &typeEntry{}
		}
		i = len(t.entries)
		t.entries = append(t.entries, typeEntry{mods: mods})
	}
	return &t.entries[i]
}
