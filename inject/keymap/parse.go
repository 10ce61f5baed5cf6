package keymap

import (
	"fmt"
	"strconv"
	"strings"
)

// Real keymaps stay far below these; they bound the work that a text can ask.
const (
	maxText    = 1 << 20 // bytes
	maxGroups  = 32      // libxkbcommon's XKB_MAX_GROUPS
	maxLevels  = 64
	maxEntries = 256 // of one type
	maxInterps = 512
)

// Parse reads a compiled keymap in the XKB text format, version 1, as
// wl_keyboard.keymap sends it and xkbcomp(1) prints it; a NUL byte ends it.
// What would change the meaning of a key and is not known, a newer version of
// the format for one, is an error: a wrong keymap types wrong text. The error
// says line and column and what was expected there.
//
// The format: xkbcommon.org/doc/current/keymap-text-format-v1-v2.html and
// "The XKB Configuration Guide" of X.Org.
func Parse(text string) (*Map, error) {
	text, _, _ = strings.Cut(text, "\x00")
	if len(text) > maxText {
		return nil, fmt.Errorf("parse keymap: %d bytes are more than %d", len(text), maxText)
	}
	p := &parser{lexer: lexer{text: text}, source: newSource()}
	p.advance()
	p.keymap()
	if p.err != nil {
		return nil, p.err
	}
	return p.source.resolve(), nil
}

// A parser reads tokens into a source. The first error stops it: from then on
// every token is the end, so that each loop ends by itself.
type parser struct {
	lexer
	*source
	tok token
	err error
}

func (p *parser) advance() {
	if p.err != nil {
		return
	}
	p.tok = p.next()
	if p.tok.kind == broken {
		p.fail("the closing %s", map[string]string{`"`: `"`, "<": ">"}[p.tok.text])
	}
}

// fail notes that something else was expected at the current token.
func (p *parser) fail(format string, args ...any) { p.failAt(p.tok, format, args...) }

// failAt is fail for a token that was passed over.
func (p *parser) failAt(at token, format string, args ...any) {
	if p.err != nil {
		return
	}
	p.tok = at
	before := p.text[:p.tok.at]
	line := 1 + strings.Count(before, "\n")
	column := p.tok.at - strings.LastIndexByte(before, '\n')
	found := strconv.Quote(p.tok.text)
	if p.tok.kind == end {
		found = "the end"
	}
	p.err = fmt.Errorf("parse keymap: %d:%d: expected %s, found %s", line, column, fmt.Sprintf(format, args...), found)
	p.tok = token{kind: end, at: len(p.text)}
}

// is reports whether the current token is a mark.
func (p *parser) is(m string) bool { return p.tok.kind == mark && p.tok.text == m }

// skip passes over a mark and reports whether it was there.
func (p *parser) skip(m string) bool {
	if !p.is(m) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(m string) {
	if !p.skip(m) {
		p.fail("%q", m)
	}
}

// take returns the text of a token of a kind and passes over it.
func (p *parser) take(k kind, what string) string {
	if p.tok.kind != k {
		p.fail("%s", what)
		return ""
	}
	text := p.tok.text
	p.advance()
	return text
}

// keyword returns the next word, in lower case: names of fields have no case.
func (p *parser) keyword(what string) string {
	return strings.ToLower(p.take(word, what))
}

// until reports whether something stands before a closing mark, and passes
// over the mark when nothing does.
func (p *parser) until(m string) bool {
	if p.skip(m) {
		return false
	}
	if p.tok.kind == end {
		p.fail("%q", m)
		return false
	}
	return true
}

// pass skips to a semicolon, balanced brackets and all, and over it. It is for
// statements that say nothing about which symbol a key gives.
func (p *parser) pass() {
	p.passTo(";")
	p.expect(";")
}

// passTo skips to one of some marks that stands outside of brackets.
func (p *parser) passTo(marks string) {
	depth := 0
	for p.tok.kind != end {
		if p.tok.kind == mark {
			if depth == 0 && strings.Contains(marks, p.tok.text) {
				return
			}
			switch p.tok.text {
			case "{", "(", "[":
				depth++
			case "}", ")", "]":
				depth--
			}
		}
		p.advance()
	}
	p.fail("one of %q", marks)
}

// number reads a number, counted from 1, that may have a prefix: 2 or Level2.
func (p *parser) number(prefix string, limit int) int {
	at := p.tok
	text := p.take(word, "a number")
	if len(text) > len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
		text = text[len(prefix):]
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > limit {
		p.failAt(at, "a number from 1 to %d", limit)
		return 1
	}
	return n
}

// index reads a bracketed number: [Group1].
func (p *parser) index(prefix string, limit int) int {
	p.expect("[")
	n := p.number(prefix, limit)
	p.expect("]")
	return n
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

// section reads one section. Those of keycodes and modifiers come before what
// uses them, which is how every compiler writes them.
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

// flag reports one of the words that libxkbcommon and xkbcomp allow before a
// section, which say nothing in a compiled keymap.
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
