// Package keymap finds the keys that type a text on a keyboard layout. It
// reads the keymap that the display server has in effect and inverts it:
// from characters to the keys, held and pressed, which give them.
//
// The package is pure: it opens nothing, and what it returns never changes.
package keymap

import "github.com/arealicehole/vocoder/internal/key"

// A Map is a keymap: what every key gives, in each of its groups (layouts, as
// the user calls them) and under each set of modifiers. It is safe for
// concurrent use.
type Map struct {
	groups  []string
	keys    []physicalKey
	numLock modifiers // what Num Lock locks
	foreign modifiers // what must not be held while typing
}

// Groups returns the names of the groups in their order, at least one for
// every group that a key has; a group may be without a name.
func (m *Map) Groups() []string { return append([]string(nil), m.groups...) }

// Locked returns what a set of locked real modifiers, Shift in bit 0 to Mod5
// in bit 7, means for typing. It is not ok if others than Caps Lock and Num
// Lock are among them: every key is another one then.
func (m *Map) Locked(real uint8) (l Locks, ok bool) {
	set := modifiers(real)
	l = Locks{Caps: set&modLock != 0, Num: m.numLock != 0 && set&m.numLock == m.numLock}
	return l, set&^(modLock|m.numLock) == 0
}

// A physicalKey is one key of a Map.
type physicalKey struct {
	code     uint16 // XKB's, 8 more than the kernel's
	groups   []keyGroup
	redirect int
}

// A keyGroup is what a key gives in one group.
type keyGroup struct {
	*keyType
	levels    []level
	automatic bool // the type was found by the symbols
}

// typable reports whether a keyboard of ours can press the key: KEY_ESC to
// 247, above which the X protocol has no keycodes.
func (k *physicalKey) typable() bool { return k.code >= 9 && k.code <= 255 }

func (k *physicalKey) evdev() key.Code { return key.Code(k.code - 8) }

// group returns what the key gives in a group of the map, nil if nothing.
func (k *physicalKey) group(n int) *keyGroup {
	have := len(k.groups)
	switch {
	case have == 0:
		return nil
	case n < have:
	case k.redirect == clamp:
		n = have - 1
	case k.redirect == wrap:
		n %= have
	case k.redirect < have:
		n = k.redirect
	default:
		n = 0
	}
	return &k.groups[n]
}

// at returns the level that a set of modifiers selects and those of them that
// had a part in it. There may be nothing at that level.
func (g *keyGroup) at(set modifiers) (l level, consumed modifiers) {
	n, consumed := 0, g.mods
	for _, e := range g.entries {
		if e.mods == set&g.mods {
			n, consumed = e.level, g.mods&^e.preserve
			break
		}
	}
	if n < len(g.levels) {
		l = g.levels[n]
	}
	return l, consumed
}
