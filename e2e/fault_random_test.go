//go:build e2e

package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestRandomFaults dictates while chance has things happen: the faults and their
// order are those of VOCODER_SEED. Each utterance is typed once and in order,
// or the journal says why it was not.
func TestRandomFaults(t *testing.T) {
	if !sweeping() {
		t.Skip("minutes of faults: make sweep-faults")
	}
	seed, count := number(t, "VOCODER_SEED", 1), number(t, "VOCODER_DICTATIONS", 50)
	f := newFaulty(t)
	f.dictate(t)
	c := &chance{faulty: f, Rand: rand.New(rand.NewPCG(uint64(seed), 0)), befell: map[string]int{}}
	began := time.Now()
	for i := range count {
		c.befall(t, i)
		if t.Failed() {
			t.Fatalf("with VOCODER_SEED=%d, dictation %d, after %s", seed, i, c.last)
		}
		if i%50 == 49 {
			ok(t, m.ClearTyped(within(t, time.Minute))) // what is compared each time stays short
			f.typed = ""
		}
		if i%10 == 9 {
			t.Logf("%d dictations in %v", i+1, time.Since(began).Round(time.Second))
		}
	}
	f.check(t)
	t.Logf("VOCODER_SEED=%d: %d dictations in %v, %d typed, %d lost with the daemon that was killed; faults: %v",
		seed, count, time.Since(began).Round(time.Second), c.wrote, c.lost, c.befell)
}

func number(t *testing.T, name string, usual int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	ok(t, err)
	return n
}

// A chance chooses what happens to a dictation, and when.
type chance struct {
	*faulty
	*rand.Rand
	wrote, lost int
	last        string
	befell      map[string]int
}

// befall dictates once, with one fault while the key is held, while the
// recogniser works, or afterwards.
func (c *chance) befall(t *testing.T, i int) {
	t.Helper()
	words := fmt.Sprintf("%s %d", flower, i)
	during := []struct {
		name    string
		happens func()
		ends    bool // the hold
		lost    bool // the utterance, whose daemon is gone
	}{
		{"nothing", func() {}, false, false},
		{"unplugged", func() { c.replug(t) }, true, false},
		{"daemon killed", func() { c.root(t, "kill -KILL "+c.pid) }, false, true},
		{"helper killed", func() { c.root(t, "systemctl kill -s KILL vocoder-inputd; sleep 1") }, true, false},
		{"helper restarted", func() { c.root(t, "systemctl restart vocoder-inputd; sleep 1") }, true, false},
		{"sound server restarted", func() { c.alice(t, "systemctl --user restart pipewire pipewire-pulse wireplumber") }, false, false},
		{"daemon stopped", func() { c.root(t, "kill -STOP "+c.pid+"; sleep 1; kill -CONT "+c.pid) }, false, false},
		{"clock set", func() { c.root(t, fmt.Sprintf("date -s '%+d hours'", c.IntN(49)-24)) }, false, false},
		{"locked", func() { lockHint(t, true); pass(t, 500*time.Millisecond); lockHint(t, false) }, true, false},
		{"other devices", func() { c.rig.do(t, "churn 5 KEY_A,KEY_B Passer-by") }, false, false},
	}
	d := during[c.IntN(len(during))]
	when := []string{"held", "recognising", "idle"}[c.IntN(3)]
	c.last = d.name + " while " + when
	c.befell[c.last]++
	c.rig.do(t, "press p KEY_F14", "wait 800ms")
	if when == "held" {
		d.happens()
	}
	if !d.ends || when != "held" || d.name != "unplugged" { // a new device is not down
		c.rig.do(t, "release p KEY_F14")
	}
	if d.lost && when == "held" {
		c.lose(t)
		return
	}
	q := c.next(t)
	if when == "recognising" {
		d.happens()
		if d.lost {
			c.lose(t)
			return
		}
	}
	c.answers(t, q, words)
	c.wrote++
	c.noKeyDown(t)
	if when == "idle" {
		d.happens()
		if d.lost {
			c.back(t)
		}
	}
	c.hears(t)
	c.ready(t)
}

// lose counts an utterance that went with its daemon, and waits for the next.
func (c *chance) lose(t *testing.T) {
	t.Helper()
	c.back(t)
	c.noKeyDown(t)
	c.lost++
	for len(c.heard) > 0 {
		<-c.heard
	}
	c.ready(t)
}

// ready waits until the daemon says that it lacks nothing.
func (c *chance) ready(t *testing.T) {
	t.Helper()
	l := follow(within(t, c.patience()), t, "alice", "exec vocoderctl watch --json")
	l.until(t, func(s string) bool { return strings.Contains(s, `"state":"idle"`) })
}

// replug pulls the pedal and puts it back.
func (c *chance) replug(t *testing.T) {
	t.Helper()
	c.rig.do(t, "destroy p", "wait 200ms", "create p 05f3:00ff KEY_F14,KEY_F15,KEY_F16 VEC Footpedal")
}
