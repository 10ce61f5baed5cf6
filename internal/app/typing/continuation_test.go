package typing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/text"
)

// TestContinuation: each text fits to what was typed before it, as long as that is known.
func TestContinuation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asleep := time.Duration(0)
		c := continuation{sleepTime: func() time.Duration { return asleep }}
		if got := c.join("the end"); got != "the end" {
			t.Errorf("%q without a rule", got)
		}
		c.configure(text.Rules{SmartSpace: true, Casing: text.Sentence})
		for _, tt := range []struct {
			words, rest, want string
			wait, sleep       time.Duration
		}{
			{"the first", "", "The first", 0, 0},
			{"And the second.", "", " and the second.", 0, 0},
			{"the third was", "d was", " The third was", 0, 0}, // stopped by a press
			{"d was", "", "d was", 0, 0},                       // and goes on
			{"The fourth", "", " the fourth", 0, 0},
			{"and later", "", "And later", 2 * continuationLimit, 0},
			{"and at once", "", " and at once", 0, time.Second},
			{"and after a night", "", "And after a night", 0, 8 * time.Hour},
		} {
			time.Sleep(tt.wait)
			asleep += tt.sleep
			if got := c.join(tt.words); got != tt.want {
				t.Errorf("%q is typed as %q, want %q", tt.words, got, tt.want)
			}
			c.typed(tt.want, tt.rest)
		}
	})
}

// TestText: the space between two texts is decided by what is typed of them, not by
// the words as the recognizer wrote them.
func TestText(t *testing.T) {
	for _, tt := range []struct {
		name, newline string
		rules         text.Rules
		words, want   string
	}{
		{"a spoken line break at the beginning", "space", text.Rules{SmartSpace: true}, "\nSecond", " Second"},
		{"a line break that stays", "enter", text.Rules{SmartSpace: true}, "\nSecond", "\nSecond"},
		{"a line break at the end", "space", text.Rules{TrailingSpace: true}, "Second\n", "Second "},
		{"a line break at the end that stays", "shift-enter", text.Rules{TrailingSpace: true}, "Second\n", "Second\n"},
		{"a line break alone", "enter", text.Rules{SmartSpace: true}, "\n", "\n"},
		{"nothing that may be typed", "space", text.Rules{TrailingSpace: true}, "\u200b", ""},
	} {
		k := NewKeyboard(Devices{}, Options{Desktop: &Desktop{}})
		k.Desktop.Configure(Style{Typing: config.Typing{Newline: tt.newline}})
		k.Configure(tt.rules)
		k.continuation.typed("First", "")
		if got := k.Text(tt.words); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestLines: a line break that ends one utterance separates it from the next, in every
// setting of line breaks and spaces.
func TestLines(t *testing.T) {
	for _, tt := range []struct {
		newline    string
		rules      text.Rules
		utterances []string
		want       string
	}{
		{"space", text.Rules{SmartSpace: true}, []string{"First item.\n", "Second item."}, "First item. Second item."},
		{"space", text.Rules{SmartSpace: true}, []string{"First item.", "\n", "Second item."}, "First item. Second item."},
		{"space", text.Rules{TrailingSpace: true}, []string{"First item.\n", "Second item."}, "First item. Second item. "},
		{"shift-enter", text.Rules{SmartSpace: true}, []string{"First item.\n", "Second item."}, "First item.\nSecond item."},
		{"shift-enter", text.Rules{SmartSpace: true}, []string{"First item.", "\nSecond item."}, "First item.\nSecond item."},
		{"enter", text.Rules{SmartSpace: true}, []string{"First item.", "\n\n", "Second item."}, "First item.\n\nSecond item."},
		{"shift-enter", text.Rules{TrailingSpace: true}, []string{"First item.\n", "Second item."}, "First item.\nSecond item. "},
		{"enter", text.Rules{}, []string{"First item.\n", "Second item."}, "First item.\nSecond item."},
	} {
		k := NewKeyboard(Devices{}, Options{Desktop: &Desktop{}})
		k.Desktop.Configure(Style{Typing: config.Typing{Newline: tt.newline}})
		k.Configure(tt.rules)
		screen := ""
		for _, words := range tt.utterances {
			typed := k.Text(words)
			k.continuation.typed(typed, "")
			screen += typed
		}
		if screen != tt.want {
			t.Errorf("%s, %+v: %q becomes %q, want %q", tt.newline, tt.rules, tt.utterances, screen, tt.want)
		}
	}
}

// TestSentences: an ordinary sentence of any language is typed as it was heard, with default
// settings and with smart spaces, whole and in two utterances.
func TestSentences(t *testing.T) {
	files, err := filepath.Glob("../../../text/testdata/sentences-*.txt")
	if err != nil || len(files) < 7 {
		t.Fatal(files, err)
	}
	k := NewKeyboard(Devices{}, Options{Desktop: &Desktop{}})
	k.Desktop.Configure(Style{Typing: config.Default().Typing})
	for _, file := range files {
		sentences, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for s := range strings.Lines(string(sentences)) {
			s = strings.TrimRight(s, "\n")
			for _, rules := range []text.Rules{{TrailingSpace: true}, {SmartSpace: true}} {
				k.continuation = continuation{rules: rules}
				want := s
				if rules.TrailingSpace {
					want += " "
				}
				if got := k.Text(rules.Write(s, nil)); got != want {
					t.Errorf("%+v: %q, want %q", rules, got, want)
				}
				left, right, both := strings.Cut(s, " ")
				first := k.Text(left)
				k.continuation.typed(first, "")
				if got := first + k.Text(right); both && !strings.HasPrefix(right, "?") && got != want {
					t.Errorf("%+v: in two %q, want %q", rules, got, want)
				}
			}
		}
	}
}

// TestRest: nothing of a text that was not typed counts as what is before the cursor, also
// if cleaning changes the text.
func TestRest(t *testing.T) {
	k := NewKeyboard(Devices{}, Options{Desktop: &Desktop{}})
	k.Desktop.Configure(Style{Typing: config.Typing{ASCIIPunctuation: true}})
	k.Configure(text.Rules{SmartSpace: true, Casing: text.Sentence})
	typed := k.Text("“yes…” she said — e\u0301coute")
	if typed != "\"Yes...\" she said -- écoute" {
		t.Errorf("%q", typed)
	}
	k.continuation.typed(typed, typed) // nothing of it
	if k.continuation.last != "" {
		t.Errorf("%q counts as typed", k.continuation.last)
	}
	if got := k.Text("i\u0307zmir"); got != "İzmir" {
		t.Errorf("%+q is not as the keyboard types it", got)
	}
	k.continuation.typed(typed, "she said -- écoute")
	if k.continuation.last != "\"Yes...\" " {
		t.Errorf("%q counts as typed", k.continuation.last)
	}
}
