package keymap

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseErrors(t *testing.T) {
	const head = "xkb_keymap {\nxkb_keycodes { <AE01> = 10; };\nxkb_types { type \"ONE_LEVEL\" { modifiers= none; }; };\n"
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", `1:1: expected xkb_keymap, found the end`},
		{"no keymap", "hello", `1:1: expected xkb_keymap, found "hello"`},
		{"newer format", "xkb_keymap_v9 {};", `1:1: expected xkb_keymap, found "xkb_keymap_v9"`},
		{"cut off", head[:30], `2:16: expected the closing >, found "<"`},
		{"without symbols", head + "};", `4:3: expected a section xkb_symbols, found the end`},
		{"unknown section", head + "xkb_magic { };\n};", `4:1: expected a section, found "xkb_magic"`},
		{"section twice", head + "xkb_types { };\n};", `4:1: expected one section xkb_types only, found "xkb_types"`},
		{"unknown statement", head + "xkb_symbols { redirect <AE01>; }; };", `4:15: expected a statement of xkb_symbols, found "redirect"`},
		{"unknown field", head + "xkb_symbols { key <AE01> { magic= 1, [ a ] }; }; };", `4:28: expected a field of a key, found "magic"`},
		{"unknown modifier", head + "xkb_symbols { modifier_map Magic { <AE01> }; }; };", `4:28: expected a modifier, found "Magic"`},
		{"key twice", head + "xkb_symbols { key <AE01> { [ a ] };\n key <AE01> { [ b ] }; }; };", `5:6: expected a key once only, found "AE01"`},
		{"group out of range", head + "xkb_symbols { key <AE01> { symbols[Group33]= [ a ] }; }; };", `4:36: expected a number from 1 to 32, found "Group33"`},
		{"open string", head + "xkb_symbols \"pc\n", `4:13: expected the closing ", found "\""`},
		{"open string after something unknown", head + "xkb_symbols { magic \"pc\n", `4:21: expected the closing ", found "\""`},
		{"open string for a predicate", head + "xkb_compat { interpret a+\"", `4:26: expected the closing ", found "\""`},
		{"left over", head + "xkb_symbols { }; };\nxkb_keymap", `5:1: expected the end, found "xkb_keymap"`},
		{"unknown action field", head + "xkb_compat { interpret Any { action= SetMods(magic=1); }; };", `4:46: expected a field of an action, found "magic"`},
		{"too long", strings.Repeat(" ", MaxText+1), `1048577 bytes are more than 1048576`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Parse(tt.text)
			if m != nil || err == nil || err.Error() != "parse keymap: "+tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestParseNewer reads what newer compilers may write and still means the same.
func TestParseNewer(t *testing.T) {
	text := strings.Replace(us, "key <AC01> {", `key <AC01> { overlay1= <AC02>, actions[Group1]= [ { SetMods(modifiers=Shift), SetGroup(group=+1) }, {} ],`, 1)
	text = strings.Replace(text, "key <AC02> {", `key <AC02> { actions[Group1]= [ FutureAction(what=[1], "a"), NoAction() ],`, 1)
	text = strings.Replace(text, "[               d,", "[ FutureSymbol,", 1)
	m, err := Parse(text + "\x00 rest of the page")
	if err != nil {
		t.Fatal(err)
	}
	table := m.Table(0, Locks{}, nil)
	if _, err := table.Plan("ASDfgh"); err != nil {
		t.Error(err)
	}
	for _, char := range []string{"a", "s", "d"} { // of keys that do more than type, or something new
		if plan, err := table.Plan(char); err == nil {
			t.Errorf("%q is typed by %v", char, plan)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("xkb_keymap { xkb_keycodes { <A> = 38; }; xkb_types { type \"ONE_LEVEL\" { modifiers= none; }; }; xkb_symbols { key <A> { [ a ] }; }; };")
	f.Add(small)
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := Parse(text); err == nil {
			law(t, m)
		} else if m != nil {
			t.Error("a map and an error")
		}
	})
}

// small has a bit of everything.
const small = `xkb_keymap "small" {
xkb_keycodes "k" { minimum = 8; maximum = 255; <a> = 38; <b> = 56; <s> = 50; <l> = 92; <n> = 77; <c> = 37; alias <x> = <a>; indicator 1 = "Caps Lock"; };
xkb_types "t" {
	virtual_modifiers NumLock, LevelThree=0x80, Alt=none;
	type "ONE_LEVEL" { modifiers= none; };
	type "TWO_LEVEL" { modifiers= Shift; map[Shift]= Level2; level_name[Level1]= "Base"; };
	type "ALPHABETIC" { modifiers= Shift+Lock; map[Shift]= 2; map[Lock]= 2; preserve[Lock]= Lock; };
	type "FOUR_LEVEL" { modifiers= Shift+LevelThree; map[Shift]= Level2; map[LevelThree]= Level3; map[Shift+LevelThree]= Level4; };
};
xkb_compatibility "c" {
	interpret.useModMapMods= AnyLevel;
	interpret Shift_L+AnyOf(all) { action= SetMods(modifiers=modMapMods,clearLocks); };
	interpret ISO_Level3_Latch+AnyOfOrNone(all) { virtualModifier= LevelThree; useModMapMods=level1; action= LatchMods(modifiers=LevelThree,clearLocks,latchToLock); };
	interpret Num_Lock+AnyOf(all) { virtualModifier= NumLock; action= LockMods(modifiers=NumLock); };
	interpret Any+Exactly(Lock) { action= LockMods(modifiers=Lock); };
	indicator "Caps Lock" { whichModState= locked; modifiers= Lock; };
};
xkb_symbols "s" {
	name[Group1]="One"; name[2]="Two";
	key <a> { repeat= Yes, type[Group1]= "FOUR_LEVEL", symbols[Group1]= [ a, A, { f, f }, eacute ], [ Greek_alpha, Greek_ALPHA ] };
	key <b> { groupsClamp, [ dead_acute, e ] };
	key <s> { [ Shift_L ] };
	key <l> { actions[Group1]= [ LatchMods(modifiers=LevelThree,clearLocks=no) ], symbols[Group1]= [ ISO_Level3_Latch ] };
	key <n> { virtualMods= NumLock, [ Num_Lock ] };
	key <c> { groupsRedirect= Group1, [ Control_L ] };
	modifier_map Shift { <s> };
	modifier_map Mod2 { <n> };
	modifier_map Control { <c> };
};
};`

func TestSmall(t *testing.T) {
	m, err := Parse(small)
	if err != nil {
		t.Fatal(err)
	}
	if law(t, m) == 0 {
		t.Error("no character")
	}
	for group, want := range []string{"aAeééÉ", "αΑ"} {
		table := m.Table(group, Locks{}, DeadKeys())
		for _, r := range want {
			if _, err := table.Plan(string(r)); (err == nil) != (r != 'É') {
				t.Errorf("group %d: %q: %v", group, r, err)
			}
		}
	}
}

// TestWorstCase bounds the work for the worst text of the permitted size.
func TestWorstCase(t *testing.T) {
	var b strings.Builder
	b.WriteString("xkb_keymap { xkb_keycodes {")
	for code := 9; code < 256; code++ {
		fmt.Fprintf(&b, "<%d>=%d;", code, code)
	}
	b.WriteString("}; xkb_types { virtual_modifiers v8=0x1")
	for bit := 9; bit < 32; bit++ {
		fmt.Fprintf(&b, ",v%d=%#x", bit, 1<<bit)
	}
	b.WriteString("; type \"T\" { modifiers= 0xfffffff1;")
	for n := range maxEntries {
		fmt.Fprintf(&b, "map[%#x]=%d;", n<<16|1, n%60+1)
	}
	b.WriteString("}; }; xkb_compat {")
	for n := range maxInterps {
		fmt.Fprintf(&b, "interpret %c+AnyOf(%#x) { action= SetMods(modifiers=%#x); };", 'a'+n%26, n, n<<8)
	}
	b.WriteString("}; xkb_symbols {")
	for code := 9; code < 256; code++ {
		fmt.Fprintf(&b, "modifier_map Shift { <%d> }; key <%d> { type=\"T\"", code, code)
		for range maxGroups {
			b.WriteString(",[" + strings.Repeat("z,", 50) + "a]")
		}
		b.WriteString("};")
	}
	b.WriteString("}; };")
	text := b.String()
	if len(text) > MaxText {
		t.Fatalf("%d bytes", len(text))
	}
	m, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	m.Table(AllGroups, Locks{}, DeadKeys())
}
