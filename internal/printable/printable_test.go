package printable

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestPrintable: what a text from outside becomes, as words and as a line.
func TestPrintable(t *testing.T) {
	for _, tt := range []struct{ name, in, text, line string }{
		{"nothing", "", "", ""},
		{"words of many scripts", "Größe, naïve: 日本語 می\u200cخواهم 👩‍💻 ½ €", "Größe, naïve: 日本語 می\u200cخواهم 👩‍💻 ½ €", "Größe, naïve: 日本語 می\u200cخواهم 👩‍💻 ½ €"},
		{"title of the terminal", "a\x1b]0;title\x07b", "a]0;titleb", "a�]0;title�b"},
		{"clipboard of the terminal", "\x1b]52;c;aGk=\x1b\\", "]52;c;aGk=\\", "�]52;c;aGk=�\\"},
		{"C1 controls", "a\u009b31mb\u0085c", "a31mbc", "a�31mb�c"},
		{"carriage return", "harmless\rrm -rf", "harmlessrm -rf", "harmless rm -rf"},
		{"backspace and delete", "a\b\x7fb", "ab", "a�b"},
		{"direction", "a\u202eb\u2066c\u2069\u200f", "abc", "a�b�c�"},
		{"invisible", "K\ufeffE\u200bY\u00ad", "KEY", "K�E�Y�"},
		{"private, unassigned, tags", "a\ue000\U000e0041\U000fffffb", "ab", "a�b"},
		{"broken bytes", "a\xff\xfe\xc3b", "ab", "a�b"},
		{"lines and tabs", "one\n\ttwo\n", "one\n\ttwo\n", "one  two"},
		{"line separators", "a\u2028b\u2029c", "abc", "a b c"},
		{"zeros", strings.Repeat("\x00", 3000), "", "�"},
		{"long", strings.Repeat("ä", 300), strings.Repeat("ä", 300), strings.Repeat("ä", 200) + "…"},
		{"as long as may be", strings.Repeat("x", 200), strings.Repeat("x", 200), strings.Repeat("x", 200)},
	} {
		if got := Text(tt.in); got != tt.text {
			t.Errorf("%s: text %q, want %q", tt.name, got, tt.text)
		}
		if got := Line(tt.in, 200); got != tt.line {
			t.Errorf("%s: line %q, want %q", tt.name, got, tt.line)
		}
	}
	if got := Lines("a\x1b\n\tbbbbbb\nc", 4); got != "a�\n\tbbb…\nc" {
		t.Errorf("lines %q", got)
	}
}

// FuzzPrintable: no text has anything in it that Is refuses, a line is short, and showing
// it a second time changes nothing.
func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b[31m\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		text, line := Text(s), Line(s, 40)
		for _, r := range text {
			if !Is(r) && r != '\n' && r != '\t' {
				t.Errorf("%q has %U", text, r)
			}
		}
		if !IsText(line) || IsText(s) != (utf8.ValidString(s) && text == strings.ReplaceAll(s, "\ufffd", "")) {
			t.Errorf("%q, IsText %v", line, IsText(s))
		}
		if !utf8.ValidString(text+line) || utf8.RuneCountInString(line) > 41 || Text(text) != text {
			t.Errorf("%q, %q", text, line)
		}
	})
}

// TestEncode: what JSON holds is the same for a program, and its line can be shown.
func TestEncode(t *testing.T) {
	for _, in := range []string{"plain <a&b>", "Größe 👩‍💻", "a\x1b]0;x\x07\u009b\x7f\u202e\u2028\ufeff", "\U000e0041\U0010ffff", "\ufffd", `"\`} {
		var out strings.Builder
		if err := Encode(&out, map[string]string{"name": in}); err != nil {
			t.Fatal(err)
		}
		line, isLine := strings.CutSuffix(out.String(), "\n")
		if !isLine || !IsText(line) || strings.ContainsAny(line, "\n\t") {
			t.Errorf("%q is not one line to show", out.String())
		}
		var got map[string]string
		if err := json.Unmarshal([]byte(line), &got); err != nil || got["name"] != in {
			t.Errorf("%q, %v; want %q", got["name"], err, in)
		}
	}
}
