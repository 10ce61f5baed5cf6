package keymap

// actions reads one action, or several in braces. A level with several actions spoils.
func (p *parser) actions() action {
	if !p.is("{") {
		return p.action()
	}
	var all []action
	p.list("{", "}", func() { all = append(all, p.action()) })
	switch len(all) {
	case 0:
		return action{}
	case 1:
		return all[0]
	}
	return action{effect: spoils}
}

// action reads an action such as SetMods(modifiers=Shift,clearLocks).
func (p *parser) action() action {
	var a action
	switch p.keyword("an action") {
	case "noaction", "voidaction":
		// VoidAction differs only in what an overlay may put in its place.
	case "moveptr", "movepointer", "ptrbtn", "pointerbutton", "lockptrbtn", "lockpointerbtn", "lockpointerbutton",
		"setptrdflt", "setpointerdefault":
		// These act while Mouse Keys is on. Keys that have them are chosen last.
	case "setmods":
		a.effect = sets
	case "latchmods":
		a.effect = latches
	default:
		a.effect = spoils
	}
	if a.effect == sets || a.effect == latches {
		p.list("(", ")", func() { p.actionField(&a) })
		return a
	}
	p.expect("(")
	p.passTo(")")
	p.expect(")")
	return a
}

func (p *parser) actionField(a *action) {
	negated := p.skip("!") || p.skip("~")
	switch at := p.tok; p.keyword("a field of an action") {
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
		p.yes() // the key of a chord breaks the latch, so it does not become a lock
	default:
		p.failAt(at, "a field of an action")
	}
}

// yes reads the value of a field that is true without one: clearLocks=true.
func (p *parser) yes() bool {
	return !p.skip("=") || p.either("yes or no", []string{"true", "yes", "on"}, []string{"false", "no", "off"})
}
