package keymap

import (
	"cmp"
	"slices"

	"github.com/arealicehole/vocoder/internal/key"
)

const (
	maxHeld   = 4  // modifier keys of one chord
	maxChords = 64 // real layouts have at most 16
)

// A chord is a set of modifier keys to hold, in pressing order, and the
// modifiers that are then in effect.
type chord struct {
	held []key.Code
	mods modifiers
	cost int
}

// A modifierKey is the cheapest key that sets some modifiers.
type modifierKey struct {
	*physicalKey
	mods modifiers
	cost int
}

// chords returns every useful chord in a group, the chord without keys first and the
// others by cost. Locked modifiers are always in effect. The chords do not have the key
// without.
func (m *Map) chords(group int, locked modifiers, without *physicalKey) []chord {
	usable := m.modifierKeys(group, locked, without)
	found := []chord{{mods: locked}}
	seen := map[modifiers]bool{locked: true}
	for start, held := 0, 0; held < maxHeld; held++ {
		stop := len(found)
		for _, c := range found[start:stop] {
			for _, k := range usable {
				// Held keys may change what a key does.
				mods, ok := m.sets(k.physicalKey, group, c.mods, locked)
				if !ok || mods != k.mods || seen[c.mods|mods] || len(found) == maxChords {
					continue
				}
				seen[c.mods|mods] = true
				keys := append(slices.Clone(c.held), k.evdev())
				found = append(found, chord{keys, c.mods | mods, c.cost + k.cost})
			}
		}
		start = stop
	}
	slices.SortStableFunc(found, func(a, b chord) int { return cmp.Compare(a.cost, b.cost) })
	return found
}

// modifierKeys returns the best key for each set of modifiers that keys set.
func (m *Map) modifierKeys(group int, locked modifiers, without *physicalKey) []modifierKey {
	best := map[modifiers]modifierKey{}
	for i := range m.keys {
		k := &m.keys[i]
		mods, ok := m.sets(k, group, locked, locked)
		if !ok || k == without {
			continue
		}
		cost := holdCost(k.evdev())
		if l, _ := k.group(group).at(locked); l.action.effect == latches {
			cost += latchCost
		}
		if old, ok := best[mods]; !ok || cost < old.cost {
			best[mods] = modifierKey{k, mods, cost}
		}
	}
	all := make([]modifierKey, 0, len(best))
	for _, k := range best {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b modifierKey) int { return cmp.Compare(a.mods, b.mods) })
	return all
}

// sets returns the modifiers that a key sets while it is down, with the modifiers set in
// effect. It is not ok if the key does anything else.
func (m *Map) sets(k *physicalKey, group int, set, locked modifiers) (mods modifiers, ok bool) {
	g := k.group(group)
	if g == nil || !k.writes() {
		return 0, false
	}
	l, _ := g.at(set)
	a := l.action
	switch {
	case a.effect != sets && a.effect != latches:
		return 0, false
	case a.mods == 0 || a.mods&m.foreign != 0:
		return 0, false
	case a.clears && a.mods&locked != 0:
		return 0, false
	}
	return a.mods, true
}
