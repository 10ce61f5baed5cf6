//go:build xkbcommon

package keymap

import (
	"bufio"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/inject/keymap/internal/oracle"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/test/measure"
)

// TestOracle compares the table of every layout and variant that is installed
// with libxkbcommon: it must have every character that libxkbcommon can be
// made to give, and each of its strokes must give its character.
func TestOracle(t *testing.T) {
	layouts := installed(t)
	for _, tt := range []struct {
		name    string
		before  string // a layout that comes first
		options string
		locks   Locks
		compose bool
		xkbcomp bool // the text goes through xkbcomp, as on X11
	}{
		{name: "plain"},
		{name: "num lock", locks: Locks{Num: true}},
		{name: "after us", before: "us"},
		{name: "after ru", before: "ru"},
		{name: "options", options: "lv3:caps_switch,compose:menu,ctrl:swapcaps"},
		{name: "dead keys", compose: true},
		{name: "caps lock", locks: Locks{Caps: true}},
		{name: "xkbcomp", xkbcomp: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := comparison{library: oracle.New(), locks: tt.locks}
			if tt.before != "" {
				c.group = 1
			}
			if tt.compose {
				c.readCompose(t)
			}
			for _, l := range layouts {
				if tt.before != "" {
					l.name, l.variant = tt.before+","+l.name, ","+l.variant
				}
				m, err := c.library.Compile(l.name, l.variant, tt.options)
				if err != nil {
					t.Logf("%v: %v", l, err)
					continue
				}
				text := m.Text()
				if tt.xkbcomp {
					m.Free()
					if m, text, err = throughXkbcomp(c.library, text); err != nil {
						t.Errorf("%v: %v", l, err)
						continue
					}
				}
				c.layout(t, l, m, text)
				m.Free()
			}
			t.Logf(tt.name+": %d of %d layouts right; of %d characters that libxkbcommon reaches %d missing; %d in the tables, %d of them by dead keys, %d wrong",
				c.right, c.layouts, c.reached, c.missing, c.chars, c.dead, c.wrong)
			measure.Tell(t, "layouts not typed as libxkbcommon has them, "+tt.name, fmt.Sprint("of ", c.layouts), float64(c.layouts-c.right))
			if c.layouts == 0 {
				t.Error("no layout was compared")
			}
		})
	}
}

type layoutName struct{ name, variant string }

// installed returns the layouts and variants of evdev.lst.
func installed(t *testing.T) (all []layoutName) {
	for section, words := range rules(t) {
		switch section {
		case "layout":
			all = append(all, layoutName{words[0], ""})
		case "variant":
			all = append(all, layoutName{strings.TrimSuffix(words[1], ":"), words[0]})
		}
	}
	return all
}

// installedOptions returns the options of evdev.lst.
func installedOptions(t *testing.T) (all []string) {
	for section, words := range rules(t) {
		if section == "option" && strings.Contains(words[0], ":") {
			all = append(all, words[0])
		}
	}
	return all
}

// rules returns the words of each line of evdev.lst that has two or more, with the section
// that the line is in.
func rules(t *testing.T) iter.Seq2[string, []string] {
	f, err := os.Open("/usr/share/X11/xkb/rules/evdev.lst")
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(string, []string) bool) {
		defer f.Close()
		section := ""
		for lines := bufio.NewScanner(f); lines.Scan(); {
			words := strings.Fields(lines.Text())
			switch {
			case len(words) < 2:
			case words[0] == "!":
				section = words[1]
			case !yield(section, words):
				return
			}
		}
	}
}

// throughXkbcomp returns a keymap in the words in which X servers have it.
func throughXkbcomp(l *oracle.Library, text string) (*oracle.Keymap, string, error) {
	cmd := exec.Command("xkbcomp", "-w0", "-xkb", "-", "-")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		return nil, "", fmt.Errorf("xkbcomp: %w", err)
	}
	m, err := l.Read(string(out))
	return m, string(out), err
}

// A comparison counts over the layouts of a case.
type comparison struct {
	library *oracle.Library
	group   int
	locks   Locks
	compose *Compose        // nil: programs do not compose
	theirs  *oracle.Compose // the same

	layouts, right, reached, missing, chars, dead, wrong int
}

func (c *comparison) readCompose(t *testing.T) {
	text, err := os.ReadFile("/usr/share/X11/locale/en_US.UTF-8/Compose")
	if err != nil {
		t.Fatal(err)
	}
	if c.compose, err = ParseCompose(string(text), nil); err != nil {
		t.Fatal(err)
	}
	if c.theirs, err = c.library.Compose(string(text)); err != nil {
		t.Fatal(err)
	}
}

func (c *comparison) layout(t *testing.T, l layoutName, theirs *oracle.Keymap, text string) {
	c.layouts++
	ours, err := Parse(text)
	if err != nil {
		t.Errorf("%v: %v", l, err)
		return
	}
	table := ours.Table(c.group, c.locks, c.compose)
	missing, wrong := c.missed(table, theirs), c.mistyped(table, theirs)
	if missing != nil {
		t.Errorf("%v: missing %q", l, missing)
	}
	if wrong != nil {
		t.Errorf("%v: wrong %q", l, wrong)
	}
	if missing == nil && wrong == nil {
		c.right++
	}
}

// missed returns what libxkbcommon reaches and the table lacks. Under Caps
// Lock that is most, and on purpose; so is what a program would compose.
func (c *comparison) missed(table *Table, theirs *oracle.Keymap) (missing []rune) {
	text := func(code uint16) bool { return key.Code(code).IsText() }
	for r := range theirs.Reach(c.group, c.locks.Caps, c.locks.Num, text) {
		c.reached++
		if table.chars[r] != nil {
			continue
		}
		c.missing++
		if !c.locks.Caps && !c.compose.starts(symbolFor(r)) {
			missing = append(missing, r)
		}
	}
	return missing
}

// mistyped returns the characters whose strokes give something else.
func (c *comparison) mistyped(table *Table, theirs *oracle.Keymap) (wrong []rune) {
	keyboard := theirs.Keyboard(c.group, c.locks.Caps, c.locks.Num, c.theirs)
	defer func() { keyboard.Free() }()
	for r, strokes := range table.chars {
		c.chars++
		if len(strokes) > 1 {
			c.dead++
		}
		if typed(keyboard, strokes) == string(r) {
			continue
		}
		c.wrong++
		wrong = append(wrong, r)
		keyboard.Free()
		keyboard = theirs.Keyboard(c.group, c.locks.Caps, c.locks.Num, c.theirs)
	}
	return wrong
}

func typed(keyboard *oracle.Keyboard, strokes []key.Stroke) string {
	all := ""
	for _, s := range strokes {
		var held []uint16
		for _, m := range s.Mods {
			held = append(held, uint16(m))
		}
		text, clean := keyboard.Stroke(held, uint16(s.Code))
		if !clean {
			return "unclean"
		}
		all += text
	}
	return all
}

// TestOracleAllGroups types what all groups agree on in each of them.
func TestOracleAllGroups(t *testing.T) {
	c := comparison{library: oracle.New()}
	c.readCompose(t)
	for _, groups := range []layoutName{{"us,ru", ""}, {"de,us,fr", "nodeadkeys,,"}, {"gr,il,us,cz", ",,dvorak,"}, {"de,de", ",neo"}} {
		theirs, err := c.library.Compile(groups.name, groups.variant, "")
		if err != nil {
			t.Fatal(err)
		}
		ours, err := Parse(theirs.Text())
		if err != nil {
			t.Fatal(err)
		}
		table := ours.Table(AllGroups, Locks{}, c.compose)
		if len(table.chars) == 0 {
			t.Errorf("%v: %d characters", groups, len(table.chars))
		}
		for c.group = range ours.Groups() {
			if wrong := c.mistyped(table, theirs); wrong != nil {
				t.Errorf("%v: group %d: wrong %q", groups, c.group, wrong)
			}
		}
		theirs.Free()
	}
	t.Logf("%d characters, %d wrong", c.chars, c.wrong)
}

// TestOracleOptions tries every option of evdev.lst with some layouts: the tables are
// right, and a chord leaves the layout as it was and presses no key of a command.
func TestOracleOptions(t *testing.T) {
	library := oracle.New()
	for _, option := range append([]string{""}, installedOptions(t)...) {
		for _, l := range []layoutName{{"us,ru", ""}, {"us,de", "dvorak,"}, {"fr", "bepo"}, {"de", "neo"}} {
			theirs, err := library.Compile(l.name, l.variant, option)
			if err != nil {
				t.Errorf("%v %s: %v", l, option, err)
				continue
			}
			ours, err := Parse(theirs.Text())
			if err != nil {
				t.Errorf("%v %s: %v", l, option, err)
				continue
			}
			for group := range ours.Groups() {
				c := comparison{library: library, group: group}
				if wrong := c.mistyped(ours.Table(group, Locks{}, nil), theirs); wrong != nil {
					t.Errorf("%v %s: group %d: wrong %q", l, option, group, wrong)
				}
				for _, us := range chordsTried {
					chordIsClean(t, fmt.Sprint(l, option, group, us), ours, theirs, group, us)
				}
			}
			theirs.Free()
		}
	}
}

var chordsTried = []key.Stroke{
	{Mods: []key.Code{leftShift}, Code: insert}, {Mods: []key.Code{leftShift}, Code: keyEnter}, {Code: keyEnter},
	{Mods: []key.Code{leftCtrl}, Code: keyV}, {Mods: []key.Code{leftCtrl, leftShift}, Code: keyV}, {Mods: []key.Code{leftCtrl}, Code: keyY},
}

// chordIsClean presses a chord, if the layout has it, and then the key A.
func chordIsClean(t *testing.T, name string, ours *Map, theirs *oracle.Keymap, group int, us key.Stroke) {
	t.Helper()
	s, err := ours.Chord(group, us)
	if err != nil {
		if us.Code == insert || us.Code == keyEnter {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	for _, c := range append(slices.Clone(s.Mods), s.Code) {
		onlyCtrl := c == 56 && strings.Contains(name, "altwin:ctrl_alt_win") // the left Alt, which is Ctrl there
		if !c.IsText() && c != leftCtrl && c != rightCtrl && c != insert && c != keyEnter && !onlyCtrl {
			t.Errorf("%s: the chord presses %v", name, c)
		}
	}
	keyboard, rest := theirs.Keyboard(group, false, false, nil), theirs.Keyboard(group, false, false, nil)
	defer keyboard.Free()
	defer rest.Free()
	_ = typed(keyboard, []key.Stroke{s})
	if got, want := typed(keyboard, strokes([]key.Code{30})), typed(rest, strokes([]key.Code{30})); got != want {
		t.Errorf("%s: after %v the key A gives %q, want %q", name, s, got, want)
	}
}

// TestOracleSymbols compares every name of a symbol.
func TestOracleSymbols(t *testing.T) {
	names := []string{"U20AC", "U0041", "Ue9", "U7f", "U110000", "0x1000041", "0x10020ac", "1", "nonsense", "U100D800", "XF86Explorer"}
	for _, s := range symbolNames {
		names = append(names, s.name)
	}
	for _, name := range names {
		symbol, char := oracle.Symbol(name)
		ours, _ := symbolOf(name)
		if uint32(ours) != symbol || ours.char() != char {
			t.Errorf("%s: %#x %q, want %#x %q", name, ours, ours.char(), symbol, char)
		}
	}
}

// TestOracleDeadKeys checks that the sequences which need no file are in the
// one of X.Org with the same meaning.
func TestOracleDeadKeys(t *testing.T) {
	c := comparison{library: oracle.New()}
	c.readCompose(t)
	theirs := map[string]rune{}
	for _, q := range c.compose.sequences {
		theirs[spell(q.symbols)] = q.char
	}
	all := DeadKeys().sequences
	for _, q := range all {
		if got := theirs[spell(q.symbols)]; got != q.char {
			t.Errorf("%#x gives %q, want %q", q.symbols, got, q.char)
		}
	}
	t.Logf("%d sequences", len(all))
}
