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
	case "indicator":
		p.indicator()
	case "interpret.repeat", "interpret.locking", "group":
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

// indicator reads what a light shows:
// indicator "Caps Lock" { !allowExplicit; whichModState= locked; modifiers= Lock; };
func (p *parser) indicator() {
	name := p.take(quoted, "the name of an indicator")
	l := light{known: true}
	p.body(func() {
		_ = p.skip("!") || p.skip("~")
		switch p.keyword("a field of an indicator") {
		case "modifiers", "mods":
			p.assign(func() { l.mods = p.modifiers() })
		case "whichmodstate", "whichmodifierstate":
			p.assign(func() {
				state := p.keyword("a state")
				l.known = l.known && (state == "locked" || state == "effective")
			})
		case "groups", "group", "controls", "ctrls":
			l.known = false
			p.pass()
		default: // what may switch the light besides the state of the keyboard
			p.pass()
		}
	})
	p.lights[name] = l
}
