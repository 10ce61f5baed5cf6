// Package keymap finds the keys that type a text on a keyboard layout. It
// reads the keymap in effect, as the display server sends it, and inverts it:
// from characters to the keys, held and pressed, that give them.
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
	caps    light
	num     light
}

// A light is what the keymap has a light of the keyboard show.
type light struct {
	mods  modifiers // on while one of them is locked
	known bool      // it shows nothing else, such as the group
}

// Groups returns the names of the groups in their order, at least one for
// every group that a key has. A group without a name has "".
func (m *Map) Groups() []string { return append([]string(nil), m.groups...) }

// Locks are the lock modifiers that are on while typing. Num Lock costs
// nothing. Under Caps Lock a Table has only the letters that every program
// capitalizes alike, and no dead keys.
type Locks struct{ Caps, Num bool }

// Locked returns what a set of locked real modifiers, Shift in bit 0 to Mod5
// in bit 7, means for typing. It is not ok if the set has others than Caps Lock and
// Num Lock, because they change what every key gives.
func (m *Map) Locked(real uint8) (l Locks, ok bool) {
	set := modifiers(real)
	l = Locks{Caps: set&modLock != 0, Num: m.numLock != 0 && set&m.numLock == m.numLock}
	return l, set&^(modLock|m.numLock) == 0
}

// Lights returns the real modifiers that are locked if the lights Caps Lock and Num Lock
// are on or off as given. It is not ok if a light that is on shows something else on this
// keymap. With the option grp_led:caps the light shows the group, and with caps:shiftlock
// that Shift is locked. A compositor does not switch a light that the keymap does not have.
func (m *Map) Lights(caps, num bool) (real uint8, ok bool) {
	var set modifiers
	ok = true
	for _, l := range []struct {
		light
		on bool
	}{{m.caps, caps}, {m.num, num}} {
		if l.on {
			set |= l.mods
			ok = ok && l.known
		}
	}
	return uint8(set & allReal), ok
}

// A physicalKey is one key of a Map.
type physicalKey struct {
	code     uint16 // XKB's, 8 more than the kernel's
	groups   []keyGroup
	redirect int // what an absent group means: wrap, clamp or an index
}

// The values of redirect that are not an index.
const (
	wrap  = -1
	clamp = -2
)

// A keyGroup is what a key gives in one group.
type keyGroup struct {
	*keyType
	typeName string // "" if the symbols chose the type
	levels   []level
}

// A level gives one symbol, or none. Levels that give several are not used.
type level struct {
	symbol keysym
	action action
}

// A keyType says which modifiers select which level of a key.
type keyType struct {
	mods    modifiers // the only ones that count
	entries []typeEntry
}

// A typeEntry selects a level, counted from 0. Preserved modifiers are not
// consumed, so Caps Lock may still capitalize what the level gives.
type typeEntry struct {
	mods     modifiers
	preserve modifiers
	level    int
}

// An effect is what a key does, as far as typing depends on it.
type effect uint8

const (
	harmless effect = iota // does nothing to text, or nothing at all
	sets                   // modifiers, while it is down
	latches                // modifiers, while it is down or for the next key
	spoils                 // anything else: the key must not be pressed
)

// An action is what a key does apart from giving a symbol.
type action struct {
	effect effect
	mods   modifiers
	modmap bool // the modifiers are those that modifier_map gives the key
	clears bool // it unlocks its modifiers as it is released
}

// modifiers is a set: bits 0 to 7 are the real modifiers, which a keyboard
// event carries, the others the virtual ones in the order of their names.
type modifiers uint32

const (
	modShift modifiers = 1 << iota
	modLock
	modControl
	mod1
	mod2
	mod3
	mod4
	mod5

	realModifiers = 8
	allReal       = 1<<realModifiers - 1
	maxModifiers  = 32
)

// typable reports whether a virtual keyboard can press the key: KEY_ESC to
// 247, above which the X protocol has no keycodes.
func (k *physicalKey) typable() bool { return k.code >= 9 && k.code <= 255 }

// writes reports whether the key may be pressed for a text. Every virtual keyboard has
// these keys.
func (k *physicalKey) writes() bool { return k.typable() && k.evdev().IsText() }

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

// at returns the level that a set of modifiers selects, and the modifiers that
// selected it. The level may be empty.
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
