package keymap

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// MaxText is the limit of a keymap, in bytes. Real keymaps have 40 to 90 KB.
const MaxText = 1 << 20

// Limits of the work that a text can cause. Real keymaps are far below them.
const (
	maxGroups  = 32 // libxkbcommon's XKB_MAX_GROUPS
	maxLevels  = 64
	maxEntries = 256 // of one type
	maxInterps = 512
)

// A parser reads tokens into a source. The first error stops it: after the error every
// token is the end, so that each loop ends.
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

// fail records that something else was expected at the current token.
func (p *parser) fail(format string, args ...any) { p.failAt(p.tok, format, args...) }

// failAt is fail for an earlier token.
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

// until reports whether something is before a closing mark. If not, it passes over the
// mark.
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

// assign reads an equals sign, a value and a semicolon.
func (p *parser) assign(value func()) {
	p.expect("=")
	value()
	p.expect(";")
}

// list reads items between brackets, with commas between them.
func (p *parser) list(opening, closing string, item func()) {
	p.expect(opening)
	for p.until(closing) {
		item()
		if !p.is(closing) {
			p.expect(",")
		}
	}
}

// either reads a word of one of two lists, and reports whether it is of the first.
func (p *parser) either(what string, yes, no []string) bool {
	at := p.tok
	name := p.keyword(what)
	if slices.Contains(yes, name) {
		return true
	}
	if !slices.Contains(no, name) {
		p.failAt(at, "%s", what)
	}
	return false
}

// pass skips a statement with its semicolon. It is for statements that do not decide which
// symbol a key gives.
func (p *parser) pass() {
	p.passTo(";")
	p.expect(";")
}

// passTo skips to one of some marks outside of brackets.
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
