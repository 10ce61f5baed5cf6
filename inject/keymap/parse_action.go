package keymap

// actions reads one action, or several in braces, which together spoil.
func (p *parser) actions() action {
	if !p.skip("{") {
		return p.action()
	}
	list := []action{}
	for p.until("}") {
		list = append(list, p.action())
		p.skip(",")
	}
	switch len(list) {
	case 0:
		return action{}
	case 1:
		return list[0]
	}
	return action{effect: spoils}
}

// action reads SetMods(modifiers=Shift,clearLocks) and the like.
func (p *parser) action() action {
	var a action
	name := p.keyword("an action")
	switch name {
	case "noaction", "voidaction":
		// VoidAction differs only in what an overlay may put in its place.
	case "moveptr", "movepointer", "ptrbtn", "pointerbutton", "lockptrbtn", "lockpointerbtn", "lockpointerbutton",
		"setptrdflt", "setpointerdefault":
		// These act while Mouse Keys is on; keys that have them are chosen last.
	case "setmods":
		a.effect = sets
	case "latchmods":
		a.effect = latches
	default:
		a.effect = spoils
	}
	p.expect("(")
	if a.effect == sets || a.effect == latches {
		p.actionFields(&a)
	} else {
		p.passTo(")")
	}
	p.expect(")")
	return a
}

func (p *parser) actionFields(a *action) {
	for !p.is(")") && p.tok.kind != end {
		negated := p.skip("!") || p.skip("~")
		at := p.tok
		switch p.keyword("a field of an action") {
		case "modifiers", "mods":
			p.expect("=")
			if p.tok.text == "modMapMods" || p.tok.text == "useModMapMods" || p.tok.text == "modMap" {
				a.modmap = true
				p.advance()
			} else {
				a.mods = p.modifiers()
			}
		case "clearlocks":
			a.clears = !negated && p.yes()
		case "latchtolock":
			p.yes() // a chord holds the latch around another key, which breaks it
		default:
			p.failAt(at, "a field of an action")
		}
		if !p.skip(",") {
			return
		}
	}
}

// yes reads the value of a field that may stand alone: clearLocks=true.
func (p *parser) yes() bool {
	if !p.skip("=") {
		return true
	}
	at := p.tok
	switch p.keyword("yes or no") {
	case "true", "yes", "on":
		return true
	case "false", "no", "off":
		return false
	}
	p.failAt(at, "yes or no")
	return false
}
