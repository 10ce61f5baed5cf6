package keymap

import "strings"

func (p *parser) compatStatement() {
	switch at := p.tok; p.keyword("an interpretation") {
	case "virtual_modifiers":
		p.virtualModifiers()
	case "interpret":
		p.interpretation()
	case "interpret.usemodmapmods", "interpret.usemodmap":
		p.assign(func() { p.defaults.levelOne = p.levelOne() })
	case "interpret.repeat", "interpret.locking", "indicator", "group":
		p.pass()
	default:
		p.failAt(at, "a statement of xkb_compatibility")
	}
}

func (p *parser) interpretation() {
	in := p.defaults
	in.match, in.mods = "anyofornone", allReal
	if name := p.take(word, "a symbol"); name != "Any" && name != "any" {
		in.symbol = p.symbol(name)
	}
	if p.skip("+") {
		p.predicate(&in)
	}
	p.body(func() { p.interpretationField(&in) })
	if len(p.interps) == maxInterps {
		p.fail("at most %d interpretations", maxInterps)
	}
	p.interps = append(p.interps, in)
}

// predicate reads AnyOf(Shift+Lock), or Shift+Lock, which means exactly.
func (p *parser) predicate(in *interpretation) {
	switch name := strings.ToLower(p.tok.text); name {
	case "noneof", "anyofornone", "anyof", "allof", "exactly":
		p.advance()
		in.match = name
		p.expect("(")
		in.mods = p.modifiers()
		p.expect(")")
	default:
		in.match = "exactly"
		in.mods = p.modifiers()
	}
}

func (p *parser) interpretationField(in *interpretation) {
	switch at := p.tok; p.keyword("a field of an interpretation") {
	case "virtualmodifier", "virtualmod":
		p.assign(func() { in.virtual = p.modifiers() })
	case "usemodmapmods", "usemodmap":
		p.assign(func() { in.levelOne = p.levelOne() })
	case "action":
		p.assign(func() { in.action = p.actions() })
	case "repeat", "locking":
		p.pass()
	default:
		p.failAt(at, "a field of an interpretation")
	}
}

// levelOne reads the value of useModMapMods.
func (p *parser) levelOne() bool {
	return p.either("level1 or AnyLevel", []string{"level1", "levelone"}, []string{"anylevel", "any"})
}
