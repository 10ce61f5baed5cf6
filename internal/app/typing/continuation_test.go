package typing

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/text"
)

// TestContinuation: each text fits to what was typed before it, as long as that is known.
func TestContinuation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c continuation
		if got := c.join("the end"); got != "the end" {
			t.Errorf("%q without a rule", got)
		}
		c.configure(text.Rules{SmartSpace: true, Casing: text.Sentence})
		for _, tt := range []struct {
			words, rest, want string
			wait              time.Duration
		}{
			{"the first", "", "The first", 0},
			{"And the second.", "", " and the second.", 0},
			{"the third was", "d was", " The third was", 0}, // stopped by a press
			{"d was", "", "d was", 0},                       // and goes on
			{"The fourth", "", " the fourth", 0},
			{"and later", "", "And later", 2 * continuationLimit},
		} {
			time.Sleep(tt.wait)
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
