package daemon

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
)

// TestRandomCrossings has things happen in any order, while the user speaks, and counts: each
// utterance ends, and its words are typed once, unless the user cancelled it.
func TestRandomCrossings(t *testing.T) {
	seeds, steps := 1, 60
	if os.Getenv("VOCODER_SWEEP") == "1" {
		seeds, steps = 3, 1000
	}
	for seed := range seeds {
		for _, paste := range []bool{false, true} {
			t.Run(fmt.Sprintf("seed %d, paste %v", seed, paste), func(t *testing.T) {
				t.Parallel()
				c := &randomWorld{world: newWorld(t, seed%2 == 1, paste), Rand: rand.New(rand.NewPCG(uint64(seed), 1)), mends: map[string]func(*world){}}
				for range steps {
					c.step()
				}
				c.drain()
				c.check()
				t.Logf("outcome: %d steps, %d utterances, %d kept and retried, %d cancelled", steps, c.spoken, c.kept, c.cancelled)
			})
		}
	}
}

// A randomWorld is a world in which things happen by chance.
type randomWorld struct {
	*world
	*rand.Rand
	mends           map[string]func(*world) // what has happened, and has not been mended
	kept, cancelled int
}

// step has the user do something, or something happen.
func (c *randomWorld) step() {
	if c.full() {
		c.drain()
	}
	gate := []string{"tail", "recognizer", "typing"}[c.IntN(3)]
	switch c.IntN(12) {
	default:
		c.pressOrRelease(key.Physical)
	case 0:
		c.close(gate)
	case 1:
		c.open(gate, nil)
	case 2:
		c.mend()
	case 3:
		c.command([]control.Command{control.Start, control.Stop, control.Toggle, control.Retry}[c.IntN(4)])
	case 4, 5:
		c.happen(happenings[c.IntN(len(happenings))])
	}
}

func (c *randomWorld) happen(h happening) {
	switch h.name {
	case "SIGTERM":
		return
	case "helper restarted", "keyboard unplugged":
		if c.isDown {
			c.pressOrRelease(key.Gone)
		}
		if h.name == "keyboard unplugged" {
			return
		}
		c.change(func() { c.fails["keyboard"], c.fails["typing"] = errNotHeld, errNotHeld })
		return
	case "logind gone and back":
		c.change(func() { c.silent = true })
	case "reload":
		c.do(control.Reload)
	default:
		h.happens(c.world)
	}
	c.change(func() { c.reload, c.panics = nil, false })
	if h.mends != nil {
		c.mends[h.name] = h.mends
	}
}

// mend mends what has happened, and all that fails.
func (c *randomWorld) mend() {
	for name, f := range c.mends {
		f(c.world)
		delete(c.mends, name)
	}
	c.change(func() { clear(c.fails) })
}

// full reports whether more utterances would be refused, or kept ones forgotten.
func (c *randomWorld) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status.Waiting+c.status.Kept > 4
}

// pressOrRelease presses the key, or releases it, and waits until that has its effect.
func (c *randomWorld) pressOrRelease(cause key.Cause) {
	c.recordingBegins(func() {
		c.send(key.Event{Down: !c.isDown, At: time.Now(), Cause: cause})
		down := c.isDown
		for range 2 { // when the second arrives, the key event before the first has been carried out
			c.send(key.Event{Binding: 1, At: time.Now()}) // a release of the key that cancels, which means nothing
		}
		c.isDown = down
	})
}

// command does what vocoderctl does, which may be refused.
func (c *randomWorld) command(command control.Command) {
	c.recordingBegins(func() { _ = c.d.Do(c.t.Context(), command) }) // it has no meaning in some states
}

// recordingBegins waits until the recording that do begins is heard, so that the recordings
// and the utterances have the same numbers.
func (c *randomWorld) recordingBegins(do func()) {
	c.mu.Lock()
	spoken, before := c.spoken, c.status.Recording
	c.mu.Unlock()
	do()
	c.mu.Lock()
	begun := c.status.Recording && !before
	c.mu.Unlock()
	if begun {
		c.until("it records", func() bool { return c.spoken > spoken })
	}
}

// drain mends everything, and retries what was kept until nothing is left.
func (c *randomWorld) drain() {
	c.openAll()
	c.mend()
	if c.isDown {
		c.pressOrRelease(key.Physical)
	}
	c.command(control.Stop)
	for {
		c.until("nothing is under way", func() bool { return !c.status.Recording && c.status.Waiting == 0 })
		c.mu.Lock()
		kept := c.status.Kept
		c.mu.Unlock()
		if kept == 0 {
			return
		}
		c.kept += kept
		c.do(control.Retry)
	}
}

// check compares what was typed with what was said. In between, the typing of a text may have
// been stopped, and the rest typed after a later text: so it counts the characters.
func (c *randomWorld) check() {
	c.t.Helper()
	least := map[rune]int{} // what must have been typed
	more := map[rune]int{}  // what may have been typed before it was cancelled
	for n := 1; n <= c.spoken; n++ {
		text := fmt.Sprintf("word%d", 2*n-1)
		if !c.broken[n] {
			text += fmt.Sprintf("word%d", 2*n)
		}
		into := least
		switch end := c.lastEnd(n); end {
		case "typed", "pasted":
		case "refused cancelled":
			c.cancelled++
			into = more
		case "forgotten": // it was kept, and the machine was asleep for more than ten minutes
			into = more
		default:
			c.t.Errorf("utterance %d ended as %q", n, end)
		}
		for _, r := range text {
			into[r]++
		}
	}
	typed := map[rune]int{}
	for _, r := range strings.Join(c.words(), "") {
		typed[r]++
	}
	for _, r := range "0123456789word?" {
		if typed[r] < least[r] || typed[r] > least[r]+more[r] {
			c.t.Errorf("%q was typed %d times, want %d to %d", r, typed[r], least[r], least[r]+more[r])
		}
	}
}
