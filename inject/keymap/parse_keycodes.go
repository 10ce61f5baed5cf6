package keymap

import "strconv"

// keycode reads a statement of xkb_keycodes: <AE01> = 10; alias <A> = <B>;
func (p *parser) keycode() {
	if p.tok.kind == label {
		at := p.tok
		name := p.take(label, "a key")
		p.expect("=")
		code := p.take(word, "a keycode")
		p.expect(";")
		n, err := strconv.ParseUint(code, 0, 16)
		if err != nil || p.codes[name] != nil || p.taken[uint16(n)] {
			p.failAt(at, "a new key with a new keycode")
			return
		}
		p.taken[uint16(n)] = true
		p.codes[name] = &definition{physicalKey: physicalKey{code: uint16(n), redirect: wrap}}
		return
	}
	switch at := p.tok; p.keyword("a key") {
	case "alias":
		name := p.take(label, "a key")
		p.expect("=")
		p.aliases[name] = p.take(label, "a key")
		p.expect(";")
	case "minimum", "maximum", "indicator", "virtual":
		p.pass()
	default:
		p.failAt(at, "a statement of xkb_keycodes")
	}
}
