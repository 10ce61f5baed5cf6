package keymap

import (
	"errors"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/key"
)

// Keys by their names, which are those of an American keyboard.
const (
	leftCtrl   key.Code = 29
	leftShift  key.Code = 42
	rightShift key.Code = 54
	capsLock   key.Code = 58
	rightCtrl  key.Code = 97
	insert     key.Code = 110
	keyY       key.Code = 21
	keyZ       key.Code = 44
	keyV       key.Code = 47
	keyC       key.Code = 46
	keyEnter   key.Code = 28
	keyUnknown key.Code = 240
)

// TestChord: a chord is the keys that mean it in the layout, not those at its place.
func TestChord(t *testing.T) {
	type codes = []key.Code
	const dvorak = "dvorak+ru.xkb" // Left Shift switches the group, and Left Ctrl is Caps Lock
	for _, tt := range []struct {
		name  string
		file  string
		group int
		us    codes
		want  codes // nil: there is none
	}{
		{"the layout that it is named for", "us", 0, codes{leftCtrl, keyV}, codes{leftCtrl, keyV}},
		{"Ctrl+Y on QWERTZ", "de+us+ru.xkb", 0, codes{leftCtrl, keyY}, codes{leftCtrl, keyZ}},
		{"Ctrl+Z on QWERTZ", "de+us+ru.xkb", 0, codes{leftCtrl, keyZ}, codes{leftCtrl, keyY}},
		{"the other group is QWERTY", "de+us+ru.xkb", 1, codes{leftCtrl, keyY}, codes{leftCtrl, keyY}},
		{"a group without Latin letters has those of the first", "de+us+ru.xkb", 2, codes{leftCtrl, keyY}, codes{leftCtrl, keyZ}},
		{"the group is not known, and it matters", "de+us+ru.xkb", AllGroups, codes{leftCtrl, keyY}, nil},
		{"the group is not known, and it does not matter", "de+us+ru.xkb", AllGroups, codes{leftCtrl, keyV}, codes{leftCtrl, keyV}},
		{"Left Shift switches the layout", dvorak, 0, codes{leftShift, insert}, codes{rightShift, insert}},
		{"also in the other group", dvorak, 1, codes{leftShift, insert}, codes{rightShift, insert}},
		{"and with the group not known", dvorak, AllGroups, codes{leftShift, insert}, codes{rightShift, insert}},
		{"a line break", dvorak, 0, codes{leftShift, keyEnter}, codes{rightShift, keyEnter}},
		{"Left Ctrl is Caps Lock", dvorak, 0, codes{leftCtrl, keyC}, codes{rightCtrl, 23}},
		{"Ctrl+Shift+V on Dvorak", dvorak, 0, codes{leftCtrl, leftShift, keyV}, codes{rightCtrl, rightShift, 52}},
		{"the key that the user named is right", dvorak, 0, codes{rightShift, insert}, codes{rightShift, insert}},
		{"two levels of neo", "neo.xkb", 0, codes{leftCtrl, keyV}, codes{leftCtrl, 17}},
		{"Enter of neo", "neo.xkb", 0, codes{keyEnter}, codes{keyEnter}},
		{"a key without a meaning", "us", 0, codes{keyUnknown}, codes{keyUnknown}},
	} {
		m := US()
		if tt.file != "us" {
			m = read(t, tt.file)
		}
		got, err := m.Chord(tt.group, strokes(tt.us)[0])
		if (err == nil) != (tt.want != nil) || err == nil && !slices.Equal(append(got.Mods, got.Code), tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
		if tab, tabErr := m.Table(tt.group, Locks{}, nil).Chord(strokes(tt.us)[0]); !sameStroke(tab, got) || !errors.Is(tabErr, err) {
			t.Errorf("%s: the table has %v, %v", tt.name, tab, tabErr)
		}
	}
}

// TestNoChord: a layout without the keys says so, instead of pressing others.
func TestNoChord(t *testing.T) {
	m, err := Parse(traps)
	if err != nil {
		t.Fatal(err)
	}
	for _, us := range [][]key.Code{{leftShift, insert}, {leftCtrl, keyV}} {
		if got, err := m.Chord(0, strokes(us)[0]); !errors.Is(err, ErrNoChord) {
			t.Errorf("%v: %v, %v", us, got, err)
		}
	}
}
