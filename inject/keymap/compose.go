package keymap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/key"
)

const (
	maxCompose  = 4 << 20 // bytes, files included into it counted
	maxIncludes = 5       // one in another, as libxkbcommon allows
	maxSequence = 3       // symbols: longer ones are slow and rare
)

// A Compose has what programs make of dead keys and of other sequences of symbols, as
// Compose(5) describes. It is safe for concurrent use.
type Compose struct {
	starters  map[keysym]bool // everything that begins a sequence
	sequences []sequence      // those to type with, begun by a dead key
}

// A sequence of symbols gives one character.
type sequence struct {
	symbols []keysym
	char    rune
}

// ParseCompose parses the Compose(5) file of the user's locale. It calls include for the
// text of an included file, with the name as written, which may contain %H, %L and %S. If
// include is nil, an included file is an error. A line that ParseCompose does not
// understand is an error with its number.
func ParseCompose(text string, include func(name string) (string, error)) (*Compose, error) {
	r := &composeReader{include: include, chars: map[string]rune{}, inner: map[string]bool{}, starters: map[keysym]bool{}}
	if err := r.read(text, 0); err != nil {
		return nil, fmt.Errorf("parse compose file: %w", err)
	}
	c := &Compose{starters: r.starters}
	for _, symbols := range r.order {
		char := r.chars[spell(symbols)]
		if symbols[0].dead() && len(symbols) <= maxSequence && !r.inner[spell(symbols)] && char != 0 {
			c.sequences = append(c.sequences, sequence{symbols, char})
		}
	}
	return c, nil
}

// WithoutDeadKeys returns a Compose that types nothing with dead keys, and still avoids
// the symbols that start a sequence.
func (c *Compose) WithoutDeadKeys() *Compose { return &Compose{starters: c.starters} }

// WithoutSpace returns a Compose without the sequences that have a space.
func (c *Compose) WithoutSpace() *Compose {
	letters := slices.DeleteFunc(slices.Clone(c.sequences), func(q sequence) bool { return slices.Contains(q.symbols, ' ') })
	return &Compose{starters: c.starters, sequences: letters}
}

// Agreed returns a Compose with the sequences of which c and o make the same. It avoids
// what starts a sequence of either.
func (c *Compose) Agreed(o *Compose) *Compose {
	both := &Compose{starters: maps.Clone(c.starters)}
	maps.Copy(both.starters, o.starters)
	theirs := map[string]rune{}
	for _, q := range o.sequences {
		theirs[spell(q.symbols)] = q.char
	}
	for _, q := range c.sequences {
		if theirs[spell(q.symbols)] == q.char {
			both.sequences = append(both.sequences, q)
		}
	}
	return both
}

// starts reports whether programs may take s for the start of a sequence.
func (c *Compose) starts(s keysym) bool { return c != nil && c.starters[s] }

// compose adds the characters that sequences of typable symbols give.
func (t *Table) compose(c *Compose) {
	costs := map[rune]int{}
	for _, q := range c.sequences {
		if _, direct := t.chars[q.char]; direct && costs[q.char] == 0 {
			continue
		}
		strokes, cost := t.sequence(q.symbols)
		if strokes == nil {
			continue
		}
		if old := costs[q.char]; old == 0 || cost < old {
			costs[q.char] = cost
			t.chars[q.char] = strokes
		}
	}
}

// sequence returns the strokes of symbols, nil if one cannot be typed.
func (t *Table) sequence(symbols []keysym) (strokes []key.Stroke, cost int) {
	for _, s := range symbols {
		e, ok := t.symbols[s]
		if !ok {
			return nil, 0
		}
		cost += e.cost + sequenceCost
	}
	for _, s := range symbols {
		strokes = append(strokes, t.symbols[s].stroke)
	}
	return strokes, cost
}

// A composeReader collects sequences. Of two equal sequences the last one counts. A
// sequence that a longer one begins with is never completed.
type composeReader struct {
	include  func(string) (string, error)
	size     int
	order    [][]keysym
	chars    map[string]rune // of a sequence; 0 for more or less than one
	inner    map[string]bool // beginnings of longer sequences
	starters map[keysym]bool
}

func (r *composeReader) read(text string, depth int) error {
	if r.size += len(text); r.size > maxCompose {
		return fmt.Errorf("more than %d bytes", maxCompose)
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		var err error
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "include"):
			err = r.includeFile(line[len("include"):], depth)
		default:
			err = r.line(line)
		}
		if err != nil {
			return fmt.Errorf("%d: %w", n, err)
		}
	}
	return nil
}

func (r *composeReader) includeFile(rest string, depth int) error {
	name, _, ok := unquote(strings.TrimSpace(rest))
	switch {
	case !ok:
		return fmt.Errorf("expected the name of a file in quotes")
	case r.include == nil:
		return fmt.Errorf("includes another file")
	case depth == maxIncludes:
		return fmt.Errorf("includes files %d deep", maxIncludes)
	}
	text, err := r.include(name)
	if err != nil {
		return err
	}
	return r.read(text, depth+1)
}

// line reads a sequence: <dead_acute> <e> : "é" eacute. A sequence with modifiers or
// unknown symbols is not typed, but what starts it is avoided.
func (r *composeReader) line(line string) error {
	left, right, ok := strings.Cut(line, ":")
	if !ok || !strings.Contains(left, "<") {
		return fmt.Errorf("expected symbols in brackets and a colon")
	}
	before, left, _ := strings.Cut(left, "<")
	var symbols []keysym
	usable := strings.TrimSpace(before) == ""
	for more := true; more; {
		var name, between string
		name, left, ok = strings.Cut(left, ">")
		if !ok {
			return fmt.Errorf("expected a closing bracket")
		}
		between, left, more = strings.Cut(left, "<")
		s, known := symbolOf(name)
		if !known && len(symbols) == 0 {
			return nil // no parsed keymap has its first symbol
		}
		usable = usable && known && strings.TrimSpace(between) == ""
		symbols = append(symbols, s)
	}
	r.starters[symbols[0]] = true
	if !symbols[0].dead() {
		return nil
	}
	var char rune
	if usable {
		char = result(strings.TrimSpace(right))
	}
	r.add(symbols, char)
	return nil
}

func (r *composeReader) add(symbols []keysym, char rune) {
	if _, ok := r.chars[spell(symbols)]; !ok {
		r.order = append(r.order, symbols)
		for i := 1; i < len(symbols); i++ {
			r.inner[spell(symbols[:i])] = true
		}
	}
	r.chars[spell(symbols)] = char
}

// spell returns a sequence as the key of a map.
func spell(symbols []keysym) string {
	var b strings.Builder
	for _, s := range symbols {
		b.Write([]byte{byte(s >> 24), byte(s >> 16), byte(s >> 8), byte(s)})
	}
	return b.String()
}

// result returns the character of a right side such as "é" eacute. It returns 0 if that is
// not exactly one character, or a control character.
func result(text string) rune {
	out, _, quoted := unquote(text)
	if !quoted {
		name, _, _ := strings.Cut(text, " ")
		s, _ := symbolOf(name)
		out = string(s.char())
	}
	char, size := utf8.DecodeRuneInString(out)
	if char == utf8.RuneError || size != len(out) || char < ' ' || char == 0x7f {
		return 0
	}
	return char
}

// unquote returns the string in the quotes at the start of a text. It knows the escapes of
// a quote and of a backslash. Others become a control character, which is not typed.
func unquote(text string) (inside, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", text, false
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:], true
		case text[i] == '\\' && i+1 < len(text):
			i++
			if text[i] != '"' && text[i] != '\\' {
				b.WriteByte(0)
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return "", text, false
}
