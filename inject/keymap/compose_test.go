package keymap

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/key"
)

func TestCompose(t *testing.T) {
	c, err := ParseCompose(`
# comment
include "%L"
<dead_acute> <e>	: "é" eacute # with a comment
<dead_acute><a> : aacute
<dead_acute> <quotedbl> : "\""
<dead_acute> <o> : "first"
<dead_acute> <o> : "ó"
<dead_grave> <a> : "à"
<dead_grave> <a> <e> : "x"
<dead_tilde> <a> <b> <c> : "y"
<dead_tilde> <n> : "\033"
<dead_tilde> <NoSuchSymbol> : "z"
Ctrl <dead_tilde> <o> : "õ"
<U17ff> : "ាំ"
<NoSuchSymbol> <a> : "b"
<Multi_key> <o> <c> : "©" copyright`,
		func(name string) (string, error) {
			return map[string]string{"%L": "<dead_acute> <i> : \"í\"\n<dead_acute> <e> : \"E\""}[name], nil
		})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, q := range c.sequences {
		got[fmt.Sprintf("%x %c", q.symbols, q.char)] = true
	}
	want := []string{"[fe51 65] é", "[fe51 61] á", "[fe51 22] \"", "[fe51 6f] ó", "[fe51 69] í", "[fe50 61 65] x"}
	for _, w := range want {
		if !got[w] {
			t.Errorf("%s is missing", w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	for s, starts := range map[keysym]bool{0xfe51: true, 0xfe53: true, symbolFor(0x17ff): true, 0xff20: true, 'a': false, noSymbol: false} {
		if c.starts(s) != starts {
			t.Errorf("starts(%#x) = %v", s, !starts)
		}
	}
}

func TestComposeErrors(t *testing.T) {
	gone := errors.New("gone")
	loop := func(string) (string, error) { return "\ninclude \"again\"", nil }
	for _, tt := range []struct {
		name, text, want string
		include          func(string) (string, error)
	}{
		{"no sequence", "# fine\nhello", "2: expected symbols in brackets and a colon", nil},
		{"open bracket", "<dead_acute <e : \"é\"", "1: expected a closing bracket", nil},
		{"nothing to include with", "include \"%L\"", "1: includes another file", nil},
		{"include without a name", "include %L", "1: expected the name of a file in quotes", nil},
		{"include fails", "include \"%L\"", "1: gone", func(string) (string, error) { return "", gone }},
		{"include for ever", "include \"%L\"", "1: 2: 2: 2: 2: 2: includes files 5 deep", loop},
		{"too long", strings.Repeat(" ", maxCompose+1), "more than 4194304 bytes", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseCompose(tt.text, tt.include)
			if c != nil || err == nil || err.Error() != "parse compose file: "+tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestStartersAreAvoided(t *testing.T) {
	c, err := ParseCompose("<a> <b> : \"x\"\n<dead_acute> <e> : \"é\"\n<dead_circumflex> <e> : \"ê\"", nil)
	if err != nil {
		t.Fatal(err)
	}
	m := read(t, "de+us+ru.xkb")
	for _, tt := range []struct {
		name    string
		compose *Compose
		char    string
		typable bool
	}{
		{"starts a sequence", c, "a", false},
		{"starts none", c, "b", true},
		{"dead key", c, "é", true},
		{"starts a sequence, no dead keys", c.WithoutDeadKeys(), "a", false},
		{"dead key, no dead keys", c.WithoutDeadKeys(), "é", false},
		{"nothing composes", nil, "a", true},
		{"dead key, nothing composes", nil, "é", false},
	} {
		_, err := m.Table(0, Locks{}, tt.compose).Plan(tt.char)
		if (err == nil) != tt.typable {
			t.Errorf("%s: %q: %v", tt.name, tt.char, err)
		}
	}
}

// TestDirectBeforeDead prefers a key of its own, and among sequences the
// shortest way.
func TestDirectBeforeDead(t *testing.T) {
	c, err := ParseCompose("<dead_acute> <u> : \"ü\"\n<dead_acute> <KP_1> : \"ő\"\n<dead_acute> <o> : \"ő\"", nil)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := read(t, "de+us+ru.xkb").Table(0, Locks{Num: true}, c).Plan("üő")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []key.Code{26, 13} {
		if got := plan[i].Strokes[0].Code; got != want {
			t.Errorf("%q begins with %v, want %v", plan[i].Rune, got, want)
		}
	}
	if got := plan[1].Strokes[1].Code; got != 24 {
		t.Errorf("the letter is typed with %v", got)
	}
}

// FuzzParseCompose writes the sequences it finds and reads them again.
func FuzzParseCompose(f *testing.F) {
	f.Add("<dead_acute> <e> : \"é\" eacute\n<dead_acute> <quotedbl> : \"\\\"\"")
	f.Add("Ctrl <a> : b\n<dead_grave><dead_grave> <a> : U1234\ninclude \"x\"")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCompose(text, func(string) (string, error) { return "<dead_tilde> <n> : ntilde", nil })
		if err != nil {
			return
		}
		var again strings.Builder
		for _, q := range c.sequences {
			for _, s := range q.symbols {
				fmt.Fprintf(&again, "<%#x> ", uint32(s))
			}
			fmt.Fprintf(&again, ": U%04x\n", q.char)
			if !q.symbols[0].dead() || !c.starts(q.symbols[0]) || q.char < ' ' {
				t.Errorf("%#x gives %q", q.symbols, q.char)
			}
		}
		d, err := ParseCompose(again.String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.sequences) != len(c.sequences) {
			t.Fatalf("%d sequences, then %d", len(c.sequences), len(d.sequences))
		}
		for i, q := range c.sequences {
			if d.sequences[i].char != q.char || spell(d.sequences[i].symbols) != spell(q.symbols) {
				t.Errorf("%#x gives %q, then %q", q.symbols, q.char, d.sequences[i].char)
			}
		}
	})
}
