package keymap

import "math/bits"

func (p *parser) symbolsStatement() {
	switch at := p.tok; p.keyword("a statement of xkb_symbols") {
	case "virtual_modifiers":
		p.virtualModifiers()
	case "name":
		p.groupName()
	case "modifier_map", "modmap", "mod_map":
		p.modifierMap()
	case "key":
		p.key()
	default:
		p.failAt(at, "a statement of xkb_symbols")
	}
}

func (p *parser) groupName() {
	n := p.index("group", maxGroups)
	p.expect("=")
	name := p.take(quoted, "the name of a group")
	p.expect(";")
	for len(p.groups) < n {
		p.groups = append(p.groups, "")
	}
	p.groups[n-1] = name
}

// modifierMap reads modifier_map Shift { <LFSH>, <RTSH> };
func (p *parser) modifierMap() {
	mods := p.modifiers() & allReal
	p.list("{", "}", func() { p.definition(p.take(label, "a key")).modmap |= mods })
	p.expect(";")
}

// definition returns the key with a name. A key without a keycode is ignored, as the
// compilers do, because no keyboard has it.
func (p *parser) definition(name string) *definition {
	if real, ok := p.aliases[name]; ok && p.codes[name] == nil {
		name = real
	}
	if d := p.codes[name]; d != nil {
		return d
	}
	return &definition{}
}

func (p *parser) key() {
	at := p.tok
	d := p.definition(p.take(label, "a key"))
	if d.defined {
		p.failAt(at, "a key once only")
	}
	d.defined = true
	p.keys = append(p.keys, d)
	reader := keyReader{p: p, d: d}
	p.list("{", "}", reader.field)
	p.expect(";")
	for i := range d.groups {
		if d.groups[i].typeName == "" {
			d.groups[i].typeName = reader.typeName
		}
	}
}

// A keyReader reads the fields of a key. A list without a number belongs to the first group
// that has no list. Symbols and actions are counted separately.
type keyReader struct {
	p        *parser
	d        *definition
	typeName string // for the groups without their own
	symbols  uint64 // the groups that have a list, by bit
	actions  uint64
}

func (r *keyReader) field() {
	if r.p.is("[") {
		r.symbolList(r.first(&r.symbols))
		return
	}
	at := r.p.tok
	switch name := r.p.keyword("a field of a key"); name {
	case "type":
		r.typeOf()
	case "symbols":
		r.symbolList(r.listed(&r.symbols))
	case "actions":
		r.d.explicit.actions = true
		r.actionList(r.listed(&r.actions))
	case "virtualmods", "virtual_mods", "virtualmodifiers", "vmods":
		r.p.expect("=")
		r.d.explicit.virtual = true
		r.d.virtual = r.p.modifiers()
	case "groupswrap", "groupsclamp", "groupsredirect":
		r.absent(name)
	case "repeat", "repeats", "repeating", "locks", "locking", "radiogroup", "permanentradiogroup", "allownone",
		"overlay1", "overlay2":
		// Overlays act while a control is on, like Mouse Keys.
		r.p.passTo(",}")
	default:
		r.p.failAt(at, "a field of a key")
	}
}

// typeOf reads ="ALPHABETIC" for all groups or [Group2]="ALPHABETIC" for one.
func (r *keyReader) typeOf() {
	name := &r.typeName
	if r.p.is("[") {
		name = &r.group(r.p.index("group", maxGroups)).typeName
	}
	r.p.expect("=")
	*name = r.p.take(quoted, "the name of a type")
}

// absent reads what a group means that the key does not have.
func (r *keyReader) absent(name string) {
	switch {
	case name == "groupsredirect":
		r.p.expect("=")
		r.d.redirect = r.p.number("group", maxGroups) - 1
	case !r.p.yes():
	case name == "groupsclamp":
		r.d.redirect = clamp
	default:
		r.d.redirect = wrap
	}
}

// listed reads what is before a list, and returns the group of the list.
func (r *keyReader) listed(have *uint64) *keyGroup {
	if !r.p.is("[") {
		r.p.expect("=")
		return r.first(have)
	}
	n := r.p.index("group", maxGroups)
	r.p.expect("=")
	*have |= 1 << (n - 1)
	return r.group(n)
}

// first returns the first group that has no list.
func (r *keyReader) first(have *uint64) *keyGroup {
	n := bits.TrailingZeros64(^*have) + 1
	*have |= 1 << (n - 1)
	return r.group(n)
}

func (r *keyReader) group(n int) *keyGroup {
	if n > maxGroups {
		r.p.fail("at most %d groups", maxGroups)
		return &keyGroup{}
	}
	for len(r.d.groups) < n {
		r.d.groups = append(r.d.groups, keyGroup{})
	}
	return &r.d.groups[n-1]
}

// symbolList reads [ a, A, { f, f }, NoSymbol ].
func (r *keyReader) symbolList(g *keyGroup) {
	r.levels(g, func(l *level) {
		if !r.p.is("{") {
			l.symbol = r.p.symbol(r.p.take(word, "a symbol"))
			return
		}
		var all []keysym
		r.p.list("{", "}", func() { all = append(all, r.p.symbol(r.p.take(word, "a symbol"))) })
		switch len(all) {
		case 0:
		case 1:
			l.symbol = all[0]
		default:
			l.symbol, l.action = voidSymbol, action{effect: spoils}
		}
	})
}

func (r *keyReader) actionList(g *keyGroup) {
	r.levels(g, func(l *level) {
		if a := r.p.actions(); l.action.effect != spoils {
			l.action = a
		}
	})
}

// levels reads a list in brackets with one item for each level.
func (r *keyReader) levels(g *keyGroup, item func(*level)) {
	n := 0
	r.p.list("[", "]", func() {
		if n == maxLevels {
			r.p.fail("at most %d levels", maxLevels)
			return
		}
		if n == len(g.levels) {
			g.levels = append(g.levels, level{})
		}
		item(&g.levels[n])
		n++
	})
}
