package typing

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/text"
)

// TestContinuation: each text fits to what was typed before it, as long as that is known.
func TestContinuation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Continuation
		if got := c.Join("the end"); got != "the end" {
			t.Errorf("%q without a rule", got)
		}
		c.Configure(text.Rules{SmartSpace: true, Casing: text.Sentence})
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
			if got := c.Join(tt.words); got != tt.want {
				t.Errorf("%q is typed as %q, want %q", tt.words, got, tt.want)
			}
			c.Typed(tt.want, tt.rest)
		}
	})
}
