package keymap

import "strings"

func (p *parser) compatStatement() {
	switch at := p.tok; p.keyword("an interpretation") {
	case "virtual_modifiers":
		p.virtualModifiers()
	case "interpret":
		p.interpretation()
	case "interpret.usemodmapmods", "interpret.usemodmap":
		p.expect("=")
		p.defaults.levelOne = p.levelOne()
		p.expect(";")
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
	p.expect("{")
	for p.until("}") {
		p.interpretationField(&in)
	}
	p.expect(";")
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
	at := p.tok
	field := p.keyword("a field of an interpretation")
	switch field {
	case "virtualmodifier", "virtualmod":
		p.expect("=")
		in.virtual = p.modifiers()
		p.expect(";")
	case "usemodmapmods", "usemodmap":
		p.expect("=")
		in.levelOne = p.levelOne()
		p.expect(";")
	case "action":
		p.expect("=")
		in.action = p.actions()
		p.expect(";")
	case "repeat", "locking":
		p.pass()
	default:
		p.failAt(at, "a field of an interpretation")
	}
}

// levelOne reads the value of useModMapMods.
func (p *parser) levelOne() bool {
	at := p.tok
	switch p.keyword("level1 or AnyLevel") {
	case "level1", "levelone":
		return true
	case "anylevel", "any":
		return false
	}
	p.failAt(at, "level1 or AnyLevel")
	return false
}
