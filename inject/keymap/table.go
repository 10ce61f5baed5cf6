package keymap

import (
	"fmt"
	"maps"
	"slices"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Table has the strokes that type each character exactly. Chords hold Shift and the keys
// that choose further levels (AltGr), never Ctrl, Alt, Super or a lock. It is safe for
// concurrent use.
type Table struct {
	keymap  *Map
	group   int
	chars   map[rune][]key.Stroke
	symbols map[keysym]entry
}

// An entry is the cheapest stroke found.
type entry struct {
	stroke key.Stroke
	cost   int
}

// AllGroups means a group that is not known.
const AllGroups = -1

// Table returns what can be typed in a group of m, counted from 0. A group that m does not
// have has nothing. AllGroups has the characters whose strokes are the same in all groups.
// A symbol that starts a sequence of c is not typed as itself, because a program may treat
// it as the start. Dead keys are used as c says. Without c no key composes.
func (m *Map) Table(group int, locks Locks, c *Compose) *Table {
	if group == AllGroups {
		return m.agreed(locks, c)
	}
	t := &Table{keymap: m, group: group, chars: map[rune][]key.Stroke{}, symbols: map[keysym]entry{}}
	if group < 0 || group >= len(m.groups) {
		return t
	}
	t.fill(m, group, locks, c)
	if c != nil && !locks.Caps { // programs disagree on dead keys and Caps Lock
		t.compose(c)
	}
	return t
}

// agreed returns what all groups type alike.
func (m *Map) agreed(locks Locks, c *Compose) *Table {
	t := m.Table(0, locks, c)
	t.group = AllGroups
	for group := 1; group < len(m.groups); group++ {
		other := m.Table(group, locks, c)
		maps.DeleteFunc(t.chars, func(r rune, s []key.Stroke) bool {
			return !slices.EqualFunc(s, other.chars[r], sameStroke)
		})
		maps.DeleteFunc(t.symbols, func(s keysym, e entry) bool {
			return !sameStroke(e.stroke, other.symbols[s].stroke)
		})
	}
	return t
}

func sameStroke(a, b key.Stroke) bool {
	return a.Code == b.Code && slices.Equal(a.Mods, b.Mods)
}

// fill finds the cheapest stroke for each symbol and each character.
func (t *Table) fill(m *Map, group int, locks Locks, c *Compose) {
	var locked modifiers
	if locks.Caps {
		locked |= modLock
	}
	if locks.Num {
		locked |= m.numLock
	}
	costs := map[rune]int{}
	chords := m.chords(group, locked, nil)
	for i := range m.keys {
		k := &m.keys[i]
		g := k.group(group)
		if g == nil || !k.writes() {
			continue
		}
		usable := chords
		if slices.ContainsFunc(chords, func(c chord) bool { return slices.Contains(c.held, k.evdev()) }) {
			usable = m.chords(group, locked, k) // a held key cannot be pressed
		}
		for _, with := range usable {
			s, side := g.gives(with.mods, locked, m.foreign)
			if s == noSymbol || c.starts(s) && !s.dead() {
				continue
			}
			e := entry{key.Stroke{Mods: with.held, Code: k.evdev()}, pressCost(k.evdev()) + with.cost + side}
			if old, ok := t.symbols[s]; !ok || e.cost < old.cost {
				t.symbols[s] = e
			}
			r := s.char()
			if r < ' ' || r == 0x7f {
				continue
			}
			if old, ok := costs[r]; !ok || e.cost < old {
				costs[r] = e.cost
				t.chars[r] = []key.Stroke{e.stroke}
			}
		}
	}
}

// gives returns the symbol that a key gives under some modifiers, or noSymbol if it must
// not be pressed then, and the cost of what else the key does.
func (g *keyGroup) gives(set, locked, foreign modifiers) (s keysym, side int) {
	l, consumed := g.at(set)
	switch l.action.effect {
	case harmless:
	case sets:
		if l.action.mods&foreign != 0 || l.action.clears && l.action.mods&locked != 0 {
			return noSymbol, 0
		}
		side = sideCost
	default:
		return noSymbol, 0
	}
	if l.symbol == voidSymbol {
		return noSymbol, 0
	}
	if set&modLock != 0 {
		return g.capitalized(l.symbol, consumed), side
	}
	return l.symbol, side
}

// A Char is a character of a text and the strokes that type it, several if it
// needs a dead key. Typing may stop between characters and not within one.
type Char struct {
	Rune    rune
	Strokes []key.Stroke // must not be changed
}

// Plan returns how to type a text, character by character. If the table lacks a character,
// it returns an *UntypableError. The table lacks control characters unless With added
// them.
func (t *Table) Plan(text string) ([]Char, error) {
	plan := make([]Char, 0, len(text))
	var missing []rune
	for _, r := range text {
		strokes, ok := t.chars[r]
		if !ok && !slices.Contains(missing, r) {
			missing = append(missing, r)
		}
		plan = append(plan, Char{r, strokes})
	}
	if missing != nil {
		return nil, &UntypableError{missing}
	}
	return plan, nil
}

// An UntypableError has the characters of a text that cannot be typed.
type UntypableError struct {
	Runes []rune // each once, in the order of the text
}

// Error says how many characters there are. It does not say which, because the user said
// them.
func (e *UntypableError) Error() string {
	return fmt.Sprintf("characters that the keyboard layout lacks: %d", len(e.Runes))
}

// With returns a table that also types r by strokes. It is for characters that keys do not
// give in every program alike, such as a line break.
func (t *Table) With(r rune, strokes ...key.Stroke) *Table {
	chars := maps.Clone(t.chars)
	chars[r] = strokes
	return &Table{t.keymap, t.group, chars, t.symbols}
}

// Chord is Map.Chord in the group of the table.
func (t *Table) Chord(us key.Stroke) (key.Stroke, error) { return t.keymap.Chord(t.group, us) }
