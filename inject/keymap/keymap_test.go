package keymap

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/key"
)

//go:generate ./testdata/generate.sh

func read(t testing.TB, name string) *Map {
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func strokes(codes ...[]key.Code) (all []key.Stroke) {
	for _, c := range codes {
		last := len(c) - 1
		s := key.Stroke{Code: c[last]}
		if last > 0 {
			s.Mods = c[:last]
		}
		all = append(all, s)
	}
	return all
}

func TestPlan(t *testing.T) {
	type codes = []key.Code
	for _, tt := range []struct {
		name  string
		file  string
		group int
		locks Locks
		char  rune
		want  []key.Stroke // nil: cannot be typed
	}{
		{"small letter", "us", 0, Locks{}, 'q', strokes(codes{16})},
		{"capital", "us", 0, Locks{}, 'Q', strokes(codes{42, 16})},
		{"digit of the main block", "us", 0, Locks{}, '7', strokes(codes{8})},
		{"digit under Num Lock", "us", 0, Locks{Num: true}, '7', strokes(codes{8})},
		{"capital under Caps Lock", "us", 0, Locks{Caps: true}, 'Q', strokes(codes{16})},
		{"small letter under Caps Lock", "us", 0, Locks{Caps: true}, 'q', strokes(codes{42, 16})},
		{"space", "us", 0, Locks{}, ' ', strokes(codes{57})},
		{"newline", "us", 0, Locks{}, '\n', nil},
		{"tab", "us", 0, Locks{}, '\t', nil},
		{"letter of another layout", "us", 0, Locks{}, 'ß', nil},

		{"moved letter", "de+us+ru.xkb", 0, Locks{}, 'y', strokes(codes{44})},
		{"umlaut", "de+us+ru.xkb", 0, Locks{}, 'Ä', strokes(codes{42, 40})},
		{"AltGr", "de+us+ru.xkb", 0, Locks{}, '€', strokes(codes{100, 18})},
		{"Shift and AltGr", "de+us+ru.xkb", 0, Locks{}, '¡', strokes(codes{42, 100, 2})},
		{"dead key", "de+us+ru.xkb", 0, Locks{}, 'é', strokes(codes{13}, codes{18})},
		{"dead key and capital", "de+us+ru.xkb", 0, Locks{}, 'È', strokes(codes{42, 13}, codes{42, 18})},
		{"accent by itself", "de+us+ru.xkb", 0, Locks{}, '^', strokes(codes{41}, codes{57})},
		{"no dead keys under Caps Lock", "de+us+ru.xkb", 0, Locks{Caps: true}, 'é', nil},
		{"disputed capital", "de+us+ru.xkb", 0, Locks{Caps: true}, 'ß', nil},
		{"second group", "de+us+ru.xkb", 1, Locks{}, 'y', strokes(codes{21})},
		{"third group", "de+us+ru.xkb", 2, Locks{}, 'Ж', strokes(codes{42, 39})},
		{"not in the third group", "de+us+ru.xkb", 2, Locks{}, 'y', nil},
		{"same in all groups", "de+us+ru.xkb", AllGroups, Locks{}, '5', strokes(codes{6})},
		{"same in two groups", "de+us+ru.xkb", AllGroups, Locks{}, 'a', nil},
		{"no such group", "de+us+ru.xkb", 3, Locks{}, 'a', nil},
		{"no group at all", "de+us+ru.xkb", -2, Locks{}, 'a', nil},

		{"level 3 by Caps Lock", "ch-fr.xkb", 0, Locks{}, '@', strokes(codes{100, 3})},
		{"level 3 of neo", "neo.xkb", 0, Locks{}, '{', strokes(codes{43, 32})},
		{"level 5 of neo", "neo.xkb", 0, Locks{}, 'α', strokes(codes{42, 43, 32})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := US()
			if tt.file != "us" {
				m = read(t, tt.file)
			}
			plan, err := m.Table(tt.group, tt.locks, DeadKeys()).Plan(string(tt.char))
			if tt.want == nil {
				var untypable *UntypableError
				if plan != nil || !errors.As(err, &untypable) || !slices.Equal(untypable.Runes, []rune{tt.char}) {
					t.Errorf("got %v, %v, want an error", plan, err)
				}
				return
			}
			if want := []Char{{tt.char, tt.want}}; err != nil || !reflect.DeepEqual(plan, want) {
				t.Errorf("got %v, %v, want %v", plan, err, want)
			}
		})
	}
}

func TestPlanIsAllOrNothing(t *testing.T) {
	plan, err := US().Table(0, Locks{}, nil).Plan("a→b…c→\x00")
	var untypable *UntypableError
	if plan != nil || !errors.As(err, &untypable) || string(untypable.Runes) != "→…\x00" {
		t.Fatalf("got %v, %v", plan, err)
	}
	if got := err.Error(); got != "characters that the keyboard layout lacks: 3" {
		t.Errorf("error %q", got)
	}
	if plan, err := US().Table(0, Locks{}, nil).Plan(""); len(plan) != 0 || err != nil {
		t.Errorf("empty text: %v, %v", plan, err)
	}
}

func TestWith(t *testing.T) {
	plain := US().Table(0, Locks{}, nil)
	lines := plain.With('\n', key.Stroke{Code: 28})
	if plan, err := lines.Plan("a\n"); err != nil || plan[1].Strokes[0].Code != 28 {
		t.Errorf("with Return: %v, %v", plan, err)
	}
	if _, err := plain.Plan("\n"); err == nil {
		t.Error("With changed the table it was called on")
	}
}

func TestGroups(t *testing.T) {
	got := read(t, "de+us+ru.xkb").Groups()
	if want := []string{"German", "English (US)", "Russian"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStrokes(t *testing.T) {
	table := US().Table(0, Locks{}, nil)
	if plan, err := table.Plan("Q"); err != nil || !reflect.DeepEqual(plan[0].Strokes, strokes([]key.Code{42, 16})) {
		t.Errorf("got %v, %v", plan, err)
	}
	if plan, err := table.Plan("ß"); err == nil {
		t.Errorf("got %v", plan)
	}
}

func TestLocked(t *testing.T) {
	for real, want := range map[uint8]struct {
		locks Locks
		ok    bool
	}{
		0:    {Locks{}, true},
		0x02: {Locks{Caps: true}, true},
		0x10: {Locks{Num: true}, true},
		0x12: {Locks{true, true}, true},
		0x01: {Locks{}, false},
		0x92: {Locks{true, true}, false},
	} {
		if l, ok := US().Locked(real); l != want.locks || ok != want.ok {
			t.Errorf("Locked(%#x) = %v, %v", real, l, ok)
		}
	}
}

// TestLaw types whole tables, in every group and under all locks.
func TestLaw(t *testing.T) {
	for _, name := range []string{"de+us+ru.xkb", "neo.xkb", "ch-fr.xkb", "../us.xkb"} {
		if chars := law(t, read(t, name)); chars < 500 {
			t.Errorf("%s: only %d characters", name, chars)
		}
	}
}

// law types every character of every table of m on a keyboard.
func law(t *testing.T, m *Map) (chars int) {
	compose := DeadKeys()
	composed := map[string]rune{}
	for _, q := range compose.sequences {
		composed[spell(q.symbols)] = q.char
	}
	for _, locks := range []Locks{{}, {Num: true}, {Caps: true}, {true, true}} {
		agreed := m.Table(AllGroups, locks, compose)
		for group := range m.groups {
			k := &keyboard{m: m, group: group}
			if locks.Caps {
				k.locked |= modLock
			}
			if locks.Num {
				k.locked |= m.numLock
			}
			for _, table := range []*Table{m.Table(group, locks, compose), agreed} {
				for r, strokes := range table.chars {
					chars++
					if r < ' ' || r == 0x7f || !k.types(Char{r, strokes}, composed) {
						t.Fatalf("group %d, locks %v: %v does not type %q", group, locks, strokes, r)
					}
				}
			}
		}
	}
	return chars
}

func BenchmarkTable(b *testing.B) {
	text, err := os.ReadFile("testdata/de+us+ru.xkb")
	if err != nil {
		b.Fatal(err)
	}
	compose := DeadKeys()
	b.ReportAllocs()
	for b.Loop() {
		m, err := Parse(string(text))
		if err != nil {
			b.Fatal(err)
		}
		m.Table(0, Locks{}, compose)
	}
}

// traps has characters that look typable and are not, or not so.
const traps = `xkb_keymap {
xkb_keycodes { <a> = 38; <b> = 39; <c> = 40; <d> = 41; <e> = 42; <shift> = 50; <ctrl> = 37; <alt> = 64; <num> = 77; <five> = 203; };
xkb_types {
	virtual_modifiers NumLock, Alt;
	type "ONE_LEVEL" { modifiers= none; };
	type "CONTROL" { modifiers= Control; map[Control]= 2; };
	type "ALT" { modifiers= Alt; map[Alt]= 2; };
	type "KEEPS" { modifiers= Lock; map[Lock]= 1; preserve[Lock]= Lock; };
	type "NUM" { modifiers= Mod2+Mod3; map[Mod2]= 2; map[Mod3]= 3; map[Mod2+Mod3]= 4; };
};
xkb_symbols {
	key <a> { type= "CONTROL", [ a, x ] };
	key <b> { type= "ALT", [ b, y ], [ B, Y ] };
	key <c> { type= "KEEPS", [ c ] };
	key <d> { type= "NUM", [ d, D, e, E ] };
	key <e> { [ m ], [ n ], [ o ] };
	key <shift> { [ Shift_L ], actions[Group1]= [ SetMods(modifiers=Shift) ] };
	key <ctrl> { [ Control_L ], actions[Group1]= [ SetMods(modifiers=Control) ] };
	key <alt> { virtualMods= Alt, [ Alt_L ], actions[Group1]= [ SetMods(modifiers=modMapMods) ] };
	key <num> { virtualMods= NumLock, [ Num_Lock ], actions[Group1]= [ LockMods(modifiers=NumLock) ] };
	key <five> { [ ISO_Level5_Shift ], actions[Group1]= [ SetMods(modifiers=Mod2+Mod3,clearLocks) ] };
	modifier_map Mod1 { <alt> };
	modifier_map Mod2 { <num> };
};
};`

func TestTraps(t *testing.T) {
	m, err := Parse(traps)
	if err != nil {
		t.Fatal(err)
	}
	law(t, m)
	for _, tt := range []struct {
		name    string
		group   int
		locks   Locks
		char    string
		typable bool
	}{
		{"plain", 0, Locks{}, "a", true},
		{"with Ctrl", 0, Locks{}, "x", false},
		{"with Alt", 0, Locks{}, "y", false},
		{"absent group wraps to the first", 2, Locks{}, "b", true},
		{"absent group wraps to the first, not the last", 2, Locks{}, "B", false},
		{"level kept, capital by Caps Lock", 0, Locks{Caps: true}, "C", true},
		{"level kept, no small letter", 0, Locks{Caps: true}, "c", false},
		{"two modifiers of one key", 0, Locks{}, "E", true},
		{"with Num Lock", 0, Locks{Num: true}, "D", true},
		{"key that would unlock Num Lock", 0, Locks{Num: true}, "E", false},
	} {
		_, err := m.Table(tt.group, tt.locks, nil).Plan(tt.char)
		if (err == nil) != tt.typable {
			t.Errorf("%s: %q: %v", tt.name, tt.char, err)
		}
	}
}

// TestAbsentGroup: what a key with two groups gives in the third is as the keymap says. All
// compositors have wrapping keys; xkbcomp prints the others, which an X server can have.
func TestAbsentGroup(t *testing.T) {
	for says, want := range map[string]string{
		"": "a", "groupsWrap": "a", "groupsClamp": "b", "groupsRedirect= Group1": "a", "groupsRedirect= Group2": "b",
	} {
		if says != "" {
			says += ", "
		}
		m, err := Parse(`xkb_keymap {
xkb_keycodes { <a> = 38; <b> = 39; };
xkb_types { type "ONE_LEVEL" { modifiers= none; }; };
xkb_symbols { key <a> { ` + says + `[ a ], [ b ] }; key <b> { [ x ], [ y ], [ z ] }; };
};`)
		if err != nil {
			t.Fatal(err)
		}
		table := m.Table(2, Locks{}, nil)
		for _, char := range []string{"a", "b"} {
			if _, err := table.Plan(char); (err == nil) != (char == want) {
				t.Errorf("%q: %s in the third group: %v, want only %s", says, char, err, want)
			}
		}
		if _, err := table.Plan("z"); err != nil {
			t.Errorf("%q: a key with three groups: %v", says, err)
		}
	}
}

// TestHeldKeyIsNotPressed: ≡ of neo is on Num Lock, which after another layout sets the
// level itself, as does the key without a name for Hyper. That one is no key of text.
func TestHeldKeyIsNotPressed(t *testing.T) {
	if plan, err := read(t, "us+neo.xkb").Table(1, Locks{}, nil).Plan("≡"); err == nil {
		t.Errorf("after another layout: %v", plan[0].Strokes)
	}
	plan, err := read(t, "neo.xkb").Table(0, Locks{}, nil).Plan("≡")
	if err != nil {
		t.Fatal(err)
	}
	if s := plan[0].Strokes[0]; s.Code != 69 || slices.Contains(s.Mods, s.Code) || !slices.Contains(s.Mods, 43) {
		t.Errorf("alone: %v", s)
	}
}
