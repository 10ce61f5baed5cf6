package keymap

import (
	"fmt"
	"strings"
)

// Parse reads a compiled keymap in the XKB text format, version 1, as
// wl_keyboard.keymap sends it and xkbcomp(1) prints it; a NUL byte ends it.
// Anything unknown that could change the meaning of a key is an error, such as a newer
// version of the format, because a wrong keymap types wrong text. The error has the line
// and the column and what was expected there.
//
// The format: xkbcommon.org/doc/current/keymap-text-format-v1-v2.html and
// "The XKB Configuration Guide" of X.Org.
func Parse(text string) (*Map, error) {
	text, _, _ = strings.Cut(text, "\x00")
	if len(text) > MaxText {
		return nil, fmt.Errorf("parse keymap: %d bytes are more than %d", len(text), MaxText)
	}
	p := &parser{lexer: lexer{text: text}, source: newSource()}
	p.advance()
	p.keymap()
	if p.err != nil {
		return nil, p.err
	}
	return p.source.resolve(), nil
}

// keymap reads the whole text.
func (p *parser) keymap() {
	for p.tok.kind == word && flag(p.tok.text) {
		p.advance()
	}
	if p.tok.text != "xkb_keymap" {
		p.fail("xkb_keymap")
	}
	p.advance()
	if p.tok.kind == quoted {
		p.advance()
	}
	p.expect("{")
	seen := map[string]bool{}
	for p.until("}") {
		p.section(seen)
	}
	p.skip(";")
	if p.tok.kind != end {
		p.fail("the end")
	}
	for _, name := range []string{"xkb_keycodes", "xkb_types", "xkb_symbols"} {
		if !seen[name] {
			p.fail("a section %s", name)
		}
	}
}

// section reads one section. Keycodes and modifiers must come before what uses them, as
// every compiler writes them.
func (p *parser) section(seen map[string]bool) {
	for p.tok.kind == word && flag(p.tok.text) {
		p.advance()
	}
	at := p.tok
	name := p.take(word, "a section")
	if p.tok.kind == quoted {
		p.advance()
	}
	switch {
	case seen[name]:
		p.failAt(at, "one section %s only", name)
	case name == "xkb_keycodes":
		p.body(p.keycode)
	case name == "xkb_types":
		p.body(p.typeStatement)
	case name == "xkb_compatibility", name == "xkb_compatibility_map", name == "xkb_compat":
		p.body(p.compatStatement)
	case name == "xkb_symbols":
		p.body(p.symbolsStatement)
	case name == "xkb_geometry":
		p.pass() // the looks of a keyboard
	case p.err == nil:
		p.failAt(at, "a section")
	}
	seen[name] = true
}

// flag reports whether text is a word that libxkbcommon and xkbcomp allow before a section.
// In a compiled keymap it means nothing.
func flag(text string) bool {
	switch text {
	case "default", "partial", "hidden", "alphanumeric_keys", "modifier_keys", "keypad_keys", "function_keys", "alternate_group":
		return true
	}
	return false
}

// body reads the statements of a section.
func (p *parser) body(statement func()) {
	p.expect("{")
	for p.until("}") {
		statement()
	}
	p.skip(";")
}
