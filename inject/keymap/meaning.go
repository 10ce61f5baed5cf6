package keymap

import (
	"errors"
	"slices"
	"sync"

	"github.com/arealicehole/vocoder/internal/key"
)

// ErrNoChord says that no keys of a layout mean what a chord does.
var ErrNoChord = errors.New("the keyboard layout has no keys for the chord")

// errAmbiguous: the group in effect is not known, and the groups disagree.
var errAmbiguous = errors.New("the keys of the chord depend on the layout, and the one in effect is not known")

// american is the keyboard that the keys of a chord are named for.
var american = sync.OnceValue(US)

// Chord returns the keys of m that mean in a group what a chord means on an American
// keyboard. Ctrl+V is the key that gives v, and Shift is a key that is nothing but Shift:
// on Dvorak the key with the name KEY_V is k, and with the option grp:lshift_toggle the
// left Shift switches the group. A group without the symbol, such as a Cyrillic one, uses
// the key of another group, as toolkits do. A key without a meaning of its own keeps its
// code. The error is ErrNoChord, or says that the groups disagree in case of AllGroups.
func (m *Map) Chord(group int, us key.Stroke) (key.Stroke, error) {
	if group != AllGroups {
		return m.chord(group, us)
	}
	var found []key.Stroke
	for g := range m.groups {
		s, err := m.chord(g, us)
		if err == nil && !slices.ContainsFunc(found, func(f key.Stroke) bool { return sameStroke(f, s) }) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 0:
		return key.Stroke{}, ErrNoChord
	case 1:
		return found[0], nil
	}
	return key.Stroke{}, errAmbiguous
}

func (m *Map) chord(group int, us key.Stroke) (key.Stroke, error) {
	var found key.Stroke
	var set modifiers
	for _, c := range us.Mods {
		k, mods, ok := m.modifier(group, c, set)
		if !ok {
			return key.Stroke{}, ErrNoChord
		}
		found.Mods = append(found.Mods, k)
		set |= mods
	}
	for _, g := range m.groupsFrom(group) {
		if c, ok := m.meaning(g, us.Code, set, found.Mods); ok {
			found.Code = c
			return found, nil
		}
	}
	return key.Stroke{}, ErrNoChord
}

// groupsFrom returns all groups, group first.
func (m *Map) groupsFrom(group int) []int {
	all := []int{group}
	for g := range m.groups {
		if g != group {
			all = append(all, g)
		}
	}
	return all
}

// modifier returns the key that sets in a group what c sets on an American keyboard, and
// the modifiers, while those of held are set. It is c if c does, else the one that is held
// most often. Only Shift and Control are the same modifiers in every keymap.
func (m *Map) modifier(group int, c key.Code, held modifiers) (k key.Code, set modifiers, ok bool) {
	set = american().setBy(0, c, 0)
	if set != modShift && set != modControl {
		return c, m.setBy(group, c, held), true
	}
	if m.setBy(group, c, held) == set {
		return c, set, true
	}
	for i := range m.keys {
		at := m.keys[i].evdev()
		if m.setBy(group, at, held) == set && (!ok || holdCost(at) < holdCost(k)) {
			k, ok = at, true
		}
	}
	return k, set, ok
}

// setBy returns the modifiers that a key sets while it is down, none if it does anything
// else. Those of held are set before.
func (m *Map) setBy(group int, c key.Code, held modifiers) modifiers {
	k := m.keyOf(c)
	if k == nil || !k.typable() || k.group(group) == nil {
		return 0
	}
	l, _ := k.group(group).at(held)
	if l.action.effect != sets {
		return 0
	}
	return l.action.mods
}

func (m *Map) keyOf(c key.Code) *physicalKey {
	i := slices.IndexFunc(m.keys, func(k physicalKey) bool { return k.evdev() == c })
	if i < 0 {
		return nil
	}
	return &m.keys[i]
}

// meaning returns the key that gives in a group, with modifiers set, what c gives on an
// American keyboard. It is c if c does, else the one that is pressed most often, and none of
// the held ones. Shift counts for nothing: Ctrl+Shift+V is on the key of v.
func (m *Map) meaning(group int, c key.Code, set modifiers, held []key.Code) (found key.Code, ok bool) {
	want := american().symbolAt(0, c, 0)
	if want == noSymbol {
		return c, true
	}
	gives := func(c key.Code) bool {
		return m.symbolAt(group, c, set&^modShift) == want && m.symbolAt(group, c, set) != noSymbol && !slices.Contains(held, c)
	}
	if gives(c) {
		return c, true
	}
	for i := range m.keys {
		at := m.keys[i].evdev()
		if m.keys[i].typable() && gives(at) && (!ok || pressCost(at) < pressCost(found)) {
			found, ok = at, true
		}
	}
	return found, ok
}

// symbolAt returns what a key gives with modifiers set, or noSymbol if it also does
// something.
func (m *Map) symbolAt(group int, c key.Code, set modifiers) keysym {
	k := m.keyOf(c)
	if k == nil || k.group(group) == nil {
		return noSymbol
	}
	l, _ := k.group(group).at(set)
	if l.action.effect != harmless {
		return noSymbol
	}
	return l.symbol
}
