package text

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCounted: the names of several marks that are counted up are words, and so is the comma
// in a number. A single name next to "and" is a mark.
func TestCounted(t *testing.T) {
	for _, tt := range []struct{ language, in, want string }{
		{"en", "Put a comma or a semicolon there.", "Put a comma or a semicolon there."},
		{"en", "use comma and colon here", "use comma and colon here"},
		{"en", "Write comma or period.", "Write comma or period."},
		{"en", "hello comma and semicolon", "hello comma and semicolon"},
		{"en", "first comma. and semicolon", "first comma. and semicolon"},
		{"en", "he said comma and comma", "he said, and,"}, // one mark is no list
		{"en", "red comma or blue semicolon", "red comma or blue;"},
		{"en", "and semicolon is next", "and; is next"},
		{"en", "one and comma", "one and,"},
		{"de", "Punkt und Komma fehlen hier", "Punkt und Komma fehlen hier"},
		{"de", "Hier fehlen Punkt und Komma.", "Hier fehlen Punkt und Komma."},
		{"fr", "virgule et point", "virgule et point"},
		{"de", "drei Komma fünf", "drei Komma fünf"},
		{"de", "3 Komma 5 Prozent", "3 Komma 5 Prozent"},
		{"de", "Komma fünf", ", fünf"},
		{"de", "drei Komma", "drei,"},
		{"de", "drei Komma Haus", "drei, Haus"},
		{"de", "Haus Komma drei", "Haus, drei"},
		{"en", "three comma five", "three, five"}, // English has a point there
	} {
		if got := punctuate(tt.in, tt.language); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.language, tt.in, got, tt.want)
		}
	}
}

// TestTornLine: a long line of whisper.cpp, whose text begins with a space, may end within a
// word. Other lines are joined by a space.
func TestTornLine(t *testing.T) {
	for _, tt := range []struct {
		length int // of the first line, in bytes, without the space before it
		space  bool
		torn   bool
	}{
		{minTorn, true, true}, {minTorn + 20, true, true}, {minTorn - 1, true, false}, {minTorn, false, false}, {minTorn + 20, false, false},
	} {
		first := strings.Repeat("a", tt.length)
		want, in := first+" ten", first+"\nten"
		if tt.torn {
			want = first + "ten"
		}
		if tt.space {
			in = " " + in
		}
		if got := Line(in); got != want {
			t.Errorf("%d bytes, space %v: %q, want %q", tt.length, tt.space, got, want)
		}
	}
	long := " " + strings.Repeat("a", minTorn)
	if got, want := Line(long+"\n b\n\nc\u2028d"), strings.TrimSpace(long)+" b c d"; got != want {
		t.Errorf("a short line after a long one: %q, want %q", got, want)
	}
	if got := Line(" ab\ufffd\n\ufffdc \t d"); got != "ab c d" {
		t.Errorf("half a character: %q", got)
	}
}

// TestStartsDecimal: what continues a number, and what only begins with a mark.
func TestStartsDecimal(t *testing.T) {
	for s, want := range map[string]bool{
		".0": true, ",9": true, ".5 percent": true, "": false, ".": false, ",": false, "./": false, ".:": false, "..": false, "5": false, ";5": false, ".a": false,
	} {
		if startsDecimal(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

// TestKeepsStop: the full stop after a number, an initial or an abbreviation does not end a
// sentence. Languages differ in their ordinals.
func TestKeepsStop(t *testing.T) {
	for _, tt := range []struct {
		language    lingo
		left, right string
		want        bool
	}{
		{"", "and then ...", "", false},
		{"", "wait .", "", false},
		{"", "so it is.", "", false},
		{"", "in 12.", "", true}, // in a language that is not known it may be an ordinal
		{"", "in 123.", "", false},
		{"de", "am 12.", "", true},
		{"de", "am 12345.", "", true},
		{"de", "am 123456.", "", false},
		{"de", "Karl V.", "", true},
		{"en", "in 12.", "", false},
		{"en", "and I.", "", false},
		{"en", "plan B.", "", false},
		{"en", "plan B.", " and", false},
		{"en", "J. R.", " Smith", true},
		{"", "at 5 p.m.", "", true},
		{"", "a Ph.D.", "", true},
		{"", "the abc.d.", "", false},
		{"", "see 1.a.", "", false},
	} {
		if got := tt.language.keepsStop(tt.left, tt.right); got != tt.want {
			t.Errorf("%q: %q %q: %v", tt.language, tt.left, tt.right, got)
		}
	}
}

// TestWordBorders: where a word of the vocabulary may begin and end at an apostrophe, also
// at the ends of a text.
func TestWordBorders(t *testing.T) {
	for _, tt := range []struct {
		text         string
		at           int
		starts, ends bool
	}{
		{"l'iPhone", 2, true, true},
		{"don't", 4, false, true},
		{"'x", 1, true, true},
		{"Anna's", 4, true, true},
		{"Anna’s", 4, true, true},
		{"Anna'", 4, true, true},
		{"it's", 2, true, false},
		{"a'b", 1, true, false},
		{"-'b", 1, true, true},
		{"Anna", 0, true, false},
		{"Anna", 2, false, false},
		{"Anna Bo", 4, true, true},
	} {
		text := []rune(tt.text)
		if got := startsWord(text, tt.at); got != tt.starts {
			t.Errorf("%q: a word starts at %d: %v", tt.text, tt.at, got)
		}
		if tt.at > 0 {
			if got := endsWord(text, tt.at); got != tt.ends {
				t.Errorf("%q: a word ends before %d: %v", tt.text, tt.at, got)
			}
		}
	}
}

// TestNoGap: segments without a gap between them belong to one sentence. A gap that is not
// known tells nothing.
func TestNoGap(t *testing.T) {
	for gap, want := range map[time.Duration]string{-1: "It works.", 0: "It works", sentenceGap - 1: "It works", sentenceGap: "It works."} {
		if got := Context([]string{"en"}, []Segment{{"It works.", 0}}, gap); got != want {
			t.Errorf("context, %v: %q, want %q", gap, got, want)
		}
	}
	for gap, want := range map[time.Duration]string{-1: "Tea? or coffee?", 0: "Tea or coffee?"} {
		if got := Join(nil, Segment{"Tea?", 0}, Segment{"or coffee?", gap}); got != want {
			t.Errorf("joint, %v: %q, want %q", gap, got, want)
		}
	}
}

// TestWordsOf: a mark after a space belongs to the word before it, if there is one.
func TestWordsOf(t *testing.T) {
	for line, want := range map[string][]string{
		"oui ! non": {"oui !", "non"}, "quoi ?! bien": {"quoi ?!", "bien"}, "! oui": {"!", "oui"}, ":": {":"}, "": nil, "a, b": {"a,", "b"},
	} {
		if got := wordsOf(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// TestLimitedBuffer: as much as is allowed is kept, and nothing of what is more.
func TestLimitedBuffer(t *testing.T) {
	var b limitedBuffer
	for _, n := range []int{maxOutput - 1, 1} {
		if k, err := b.Write(make([]byte, n)); k != n || err != nil || b.over {
			t.Errorf("%d bytes: %d, %v, over %v", n, k, err, b.over)
		}
	}
	if _, err := b.Write([]byte{0}); err != nil || !b.over || b.kept.Len() != maxOutput {
		t.Errorf("one more: %v, over %v, %d kept", err, b.over, b.kept.Len())
	}
}
