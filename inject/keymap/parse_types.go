package keymap

func (p *parser) typeStatement() {
	switch at := p.tok; p.keyword("a type") {
	case "virtual_modifiers":
		p.virtualModifiers()
	case "type":
		name := p.take(quoted, "the name of a type")
		t := &keyType{}
		p.expect("{")
		for p.until("}") {
			p.typeField(t)
		}
		p.expect(";")
		p.types[name] = t
	default:
		p.failAt(at, "a statement of xkb_types")
	}
}

func (p *parser) typeField(t *keyType) {
	switch at := p.tok; p.keyword("a field of a type") {
	case "modifiers":
		p.expect("=")
		t.mods = p.modifiers()
		p.expect(";")
	case "map":
		e := p.typeEntry(t)
		p.expect("=")
		e.level = p.number("level", maxLevels) - 1
		p.expect(";")
	case "preserve":
		e := p.typeEntry(t)
		p.expect("=")
		e.preserve = p.modifiers()
		p.expect(";")
	case "level_name":
		p.pass()
	default:
		p.failAt(at, "a field of a type")
	}
}

// typeEntry reads bracketed modifiers and returns the entry of t that has
// them, a new one of level 0 if there is none.
func (p *parser) typeEntry(t *keyType) *typeEntry {
	p.expect("[")
	mods := p.modifiers()
	p.expect("]")
	for i := range t.entries {
		if t.entries[i].mods == mods {
			return &t.entries[i]
		}
	}
	if len(t.entries) == maxEntries {
		p.fail("at most %d entries", maxEntries)
		return &typeEntry{}
	}
	t.entries = append(t.entries, typeEntry{mods: mods})
	return &t.entries[len(t.entries)-1]
}
