package inject

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/arealicehole/vocoder/internal/printable"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct {
		name     string
		rules    Rules
		in, want string
	}{
		{"plain", Rules{}, "It's 5 €, isn't it?", "It's 5 €, isn't it?"},
		{"the space that a rest begins with stays", Rules{}, " world", " world"},
		{"letters compose", Rules{}, "Gru\u0308ße", "Grüße"},
		{"marks without a composed form stay", Rules{}, "m\u0308", "m\u0308"},
		{"escape, bell, delete", Rules{}, "a\x1b[2J\x07b\x7f", "a[2Jb"},
		{"direction overrides", Rules{}, "a\u202eb\u2066c\u2069", "abc"},
		{"zero width and byte order mark", Rules{}, "pass\u200bword\ufeff", "password"},
		{"soft hyphen", Rules{}, "won\u00adder", "wonder"},
		{"private and unassigned", Rules{}, "a\ue000\U000f0000\U000e0041\uffffb", "ab"},
		{"broken bytes and their stand-in", Rules{}, "a\xff\xed\xa0\x80\ufffdb", "ab"},
		{"a line break is one space", Rules{}, "one \r\n\n two\u2028three\u0085four\tfive", "one two three four five"},
		{"line breaks at the ends go", Rules{}, "\n one\n", "one"},
		{"nothing but breaks", Rules{}, " \n\t\n", ""},
		{"lines stay lines", Rules{Newline: Enter}, "one\r\ntwo\n\nthree\u2029four", "one\ntwo\n\nthree\nfour"},
		{"line breaks at the end stay, where they stay lines", Rules{Newline: ShiftEnter}, "one.\n\n", "one.\n\n"},
		{"a line break alone", Rules{Newline: Enter}, "\n", "\n"},
		{"a rest may begin with a line break", Rules{Newline: ShiftEnter}, "\ntwo", "\ntwo"},
		{"a space at the end stays", Rules{}, "one ", "one "},
		{"nothing but what may not be written", Rules{}, "\u200b", ""},
		{"punctuation stays", Rules{}, "“so” – ‘they’ — say…", "“so” – ‘they’ — say…"},
		{"punctuation in ASCII", Rules{ASCIIPunctuation: true}, "“so”\u00a0– ‘they’ — say…", `"so" - 'they' -- say...`},
		{"Persian", Rules{}, "می\u200cخواهم", "می\u200cخواهم"},
		{"Hindi half letter", Rules{}, "क\u094d\u200dष", "क\u094d\u200dष"},
		{"Malayalam at the end of a word", Rules{}, "അവന\u0d4d\u200d", "അവന\u0d4d\u200d"},
		{"family", Rules{}, "👩\u200d👩\u200d👧\u200d👦", "👩\u200d👩\u200d👧\u200d👦"},
		{"emoji with selector and skin", Rules{}, "❤\ufe0f\u200d🔥 👩🏽\u200d⚕\ufe0f", "❤\ufe0f\u200d🔥 👩🏽\u200d⚕\ufe0f"},
		{"the lightest and the darkest skin", Rules{}, "👩🏻\u200d⚕\ufe0f 👩🏿\u200d⚕\ufe0f", "👩🏻\u200d⚕\ufe0f 👩🏿\u200d⚕\ufe0f"},
		{"joiners in Latin hide nothing", Rules{}, "pass\u200cwo\u200drd", "password"},
		{"joiners at the ends", Rules{}, "\u200dم\u200c", "م"},
		{"a vowel sign after a joiner", Rules{}, "क\u200c\u093f", "क\u200c\u093f"},
		{"England, Scotland, Wales", Rules{}, string(flags[0]) + string(flags[1]) + string(flags[2]), string(flags[0]) + string(flags[1]) + string(flags[2])},
		{"a word in tags", Rules{}, "🏴\U000e0065\U000e0076\U000e0069\U000e006c\U000e007f", "🏴"},
		{"half a flag", Rules{}, string(flags[0][:4]), "🏴"},
		{"tags after the flag", Rules{}, string(flags[2]) + "\U000e0041", string(flags[2])},
		{"symbols of later versions", Rules{}, "\U0001fae9 \U0001f6d8 \u20c1 \U0001cc00 𳍟\U000323b0", "\U0001fae9 \U0001f6d8 \u20c1 \U0001cc00 𳍟\U000323b0"},
		{"a later symbol in a sequence", Rules{}, "\U0001fae9\u200d\U0001fae9", "\U0001fae9\u200d\U0001fae9"},
		{"unassigned elsewhere", Rules{}, "a\u0378\U0001fffe\U0002ffff\ufdd0b", "ab"},
		{"joiners in a row", Rules{}, "م\u200c\u200c\u200cن", "م\u200cن"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.in, tt.rules); got != tt.want {
				t.Errorf("got %+q, want %+q", got, tt.want)
			}
		})
	}
}

// FuzzClean checks that only what may be written comes out, that cleaning again
// changes nothing, and that the rest of a text that was stopped stays as it was.
func FuzzClean(f *testing.F) {
	for i, s := range []string{
		"Grüße", "a\x1b[2J", "می\u200cخواهم", "❤\ufe0f\u200d🔥", "a\u200b\u0301", "\u1100\u200b\u1161", "a\xff\xed\xa0\x80",
		"\r\n\n x \u2028", " “a” — …", "\u0f71\u200d\u0f72\u0f74", "=\u200c\u0338", string(flags[0]) + "\u200d🔥", "\U0001fae9\u200d\U0001fae9",
	} {
		f.Add([]byte(s), uint8(i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, b []byte, flags, cut uint8) {
		rules := Rules{
			Newline:          []Newline{"", Space, ShiftEnter, Enter}[flags%4],
			ASCIIPunctuation: flags&4 != 0,
		}
		got := Clean(string(b), rules)
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) {
			t.Fatalf("%+q is not valid NFC", got)
		}
		for _, c := range got {
			joiner := c == zwnj || c == zwj
			line := c == '\n' && (rules.Newline == Enter || rules.Newline == ShiftEnter)
			graphic := c != unicode.ReplacementChar && unicode.IsGraphic(c) || printable.IsNewer(c)
			if !joiner && !line && !graphic && !isTag(c) {
				t.Fatalf("%U came out", c)
			}
			if rules.ASCIIPunctuation && strings.ContainsRune("“”‘’–—…\u00a0", c) {
				t.Fatalf("%U is not ASCII", c)
			}
		}
		if again := Clean(got, rules); again != got {
			t.Fatalf("%+q cleaned again is %+q", got, again)
		}
		runes := []rune(got)
		from := min(int(cut), len(runes))
		for from < len(runes) && follows(runes[from]) {
			from++
		}
		rest := string(runes[from:])
		if again := Clean(rest, rules); again != rest {
			t.Fatalf("the rest %+q cleaned again is %+q", rest, again)
		}
	})
}
