//go:build e2e

package e2e_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestRandomFaults dictates while random faults happen. VOCODER_SEED sets the faults and
// their order. Each utterance must be typed once and in order, or the journal must have
// the reason.
func TestRandomFaults(t *testing.T) {
	if !sweeping() {
		t.Skip("minutes of faults: make sweep-faults")
	}
	seed, count := number(t, "VOCODER_SEED", 1), number(t, "VOCODER_DICTATIONS", 50)
	f := newFaulty(t)
	f.dictate(t)
	t.Cleanup(func() { american(t) })
	f.alice(t, asXKB("us,de", ""))
	c := &randomSession{faultSession: f, Rand: rand.New(rand.NewPCG(uint64(seed), 0)), happened: map[string]int{}}
	began := time.Now()
	for i := range count {
		d := randomFaults[c.IntN(len(randomFaults))]
		when := cmp.Or(d.only, moments[c.IntN(len(moments))])
		name := d.name + " while " + when
		c.happened[name]++
		// In a subtest of its own each dictation stops following logs when it ends.
		if !t.Run(fmt.Sprint(i, " ", name), func(t *testing.T) { c.dictateWith(t, i, d, when) }) {
			t.Fatalf("with VOCODER_SEED=%d, after %d dictations: %s", seed, i, text(m.Run(within(t, time.Minute), "journalctl -n 120 -o short-monotonic --no-hostname"))(t))
		}
		if i%50 == 49 {
			ok(t, m.ClearTyped(within(t, time.Minute))) // the compared text stays short
			f.typed = ""
			t.Logf("%d dictations in %v", i+1, time.Since(began).Round(time.Second))
		}
	}
	f.check(t)
	t.Logf("faults: %v", c.happened)
	t.Logf("outcome: VOCODER_SEED=%d: %d dictations in %v, %d typed, %d kept because their helper was gone, %d lost with the daemon that was killed; %d kinds of fault",
		seed, count, time.Since(began).Round(time.Second), c.wrote, c.kept, c.lost, len(c.happened))
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

// A randomSession chooses what happens to a dictation, and when.
type randomSession struct {
	*faultSession
	*rand.Rand
	q                 *request // the last recording
	wrote, kept, lost int
	happened          map[string]int
}

// A randomFault is one thing that can happen to a dictation.
type randomFault struct {
	name     string
	happens  func(*testing.T, *randomSession)
	mends    func(*testing.T, *randomSession) // once the recognizer has answered
	only     string                           // the moment at which it can happen; empty: any
	fatal    bool                             // the utterance is lost with its daemon
	keeps    bool                             // the text is kept and not typed, because the helper that saw its hold has ended
	releases bool                             // the held key is released
}

// moments are when a randomFault can happen: during the hold, during the recognition, and
// after the typing.
var moments = []string{"held", "recognizing", "idle"}

var randomFaults = []randomFault{
	{name: "nothing", happens: func(*testing.T, *randomSession) {}},
	{name: "unplugged", happens: replugged, releases: true},
	{name: "daemon killed", happens: func(t *testing.T, c *randomSession) { c.root(t, "kill -KILL "+c.pid) }, fatal: true},
	{name: "helper killed", happens: func(t *testing.T, c *randomSession) { c.helperAgain(t, "kill -s KILL") }, keeps: true},
	{name: "helper restarted", happens: func(t *testing.T, c *randomSession) { c.helperAgain(t, "restart") }, keeps: true},
	{name: "sound server restarted", happens: func(t *testing.T, c *randomSession) {
		c.alice(t, "systemctl --user restart pipewire pipewire-pulse wireplumber; sleep 1")
	}},
	{name: "daemon stands still", happens: func(t *testing.T, c *randomSession) { c.still(t, c.pid) }},
	{name: "helper stands still", happens: func(t *testing.T, c *randomSession) { c.still(t, "$(systemctl show -P MainPID vocoder-inputd)") }},
	{name: "compositor stands still", happens: func(t *testing.T, c *randomSession) {
		c.root(t, "pkill -STOP -x sway; (sleep 2; pkill -CONT -x sway) > /dev/null 2>&1 &")
	}},
	{name: "clock set", happens: func(t *testing.T, c *randomSession) { c.root(t, fmt.Sprintf("date -s '%+d hours'", c.IntN(49)-24)) }},
	{name: "locked",
		happens: func(t *testing.T, _ *randomSession) { lockHint(t, true) },
		mends:   func(t *testing.T, _ *randomSession) { pass(t, 500*time.Millisecond); lockHint(t, false) }},
	{name: "other devices", happens: func(t *testing.T, c *randomSession) { c.rig.do(t, "churn 5 KEY_A,KEY_B Passer-by") }},
	{name: "layout switched", happens: func(t *testing.T, c *randomSession) {
		c.alice(t, swayCommand("input type:keyboard xkb_switch_layout next"))
	}},
	{name: "disk full",
		happens: func(t *testing.T, c *randomSession) {
			c.root(t, "fallocate -l $(df --output=avail -B1 / | tail -1) /var/full || true")
		},
		mends: func(t *testing.T, c *randomSession) { c.root(t, "rm -f /var/full") }},
	{name: "recognizer slow", only: "recognizing", happens: func(t *testing.T, _ *randomSession) { pass(t, 3*time.Second) }},
	{name: "recognizer fails", only: "recognizing", happens: func(t *testing.T, c *randomSession) {
		close(c.q.answer)
		c.q = c.next(t) // the daemon sends it again
	}},
}

// dictateWith dictates once, with one fault at one moment. The words have letters that are
// on different keys in the two layouts.
func (c *randomSession) dictateWith(t *testing.T, i int, d randomFault, when string) {
	t.Helper()
	words := fmt.Sprintf("%s yz %d-%d", flower, i, c.IntN(1000))
	strikes := func(moment string) bool {
		if moment == when {
			d.happens(t, c)
		}
		return moment == when && d.fatal
	}

	c.rig.do(t, "press p KEY_F14", "wait 800ms")
	killed := strikes("held")
	keeps := d.keeps && when != "idle"
	var l *lines
	if keeps { // follow the journal before waiting for the recognizer, which has only ten seconds
		l = fromNow(t, "_SYSTEMD_USER_UNIT=vocoder.service")
	}
	if when != "held" || !d.releases {
		c.rig.do(t, "release p KEY_F14")
	}
	if !killed {
		c.q = c.next(t)
		killed = strikes("recognizing")
	}
	if killed {
		c.lost++
		c.settle(t, true)
		return
	}
	c.q.answer <- words
	if when != "idle" {
		c.mend(t, d)
	}
	if keeps {
		l.until(t, contains("utterance kept"))
		c.printsLast(t, words)
		c.kept++
	} else {
		c.typed += words + " "
		c.types(t, c.typed)
		c.wrote++
	}
	killed = strikes("idle")
	if when == "idle" {
		c.mend(t, d)
	}
	c.settle(t, killed)
}

func (c *randomSession) mend(t *testing.T, d randomFault) {
	t.Helper()
	if d.mends != nil {
		d.mends(t, c)
	}
}

// settle waits until the next press works. Nothing but the dictated words was typed, and
// no key is down.
func (c *randomSession) settle(t *testing.T, killed bool) {
	t.Helper()
	if killed {
		c.back(t)
	}
	c.hears(t)
	c.status(t)
	c.noKeyDown(t)
	c.none(t)
}

// replugged unplugs the pedal and plugs it in again.
func replugged(t *testing.T, c *randomSession) {
	t.Helper()
	l := fromNow(t, "-u vocoder-inputd")
	c.rig.do(t, "destroy p", "wait 200ms", "create p 05f3:00ff KEY_F14,KEY_F15,KEY_F16 VEC Footpedal")
	l.until(t, contains("device came", "Footpedal"))
}

// helperAgain runs a systemctl command that restarts the helper, and waits until the new
// helper serves the daemon.
func (c *randomSession) helperAgain(t *testing.T, verb string) {
	t.Helper()
	l := fromNow(t, "-u vocoder-inputd")
	c.root(t, "systemctl "+verb+" vocoder-inputd")
	l.until(t, contains("client connected"))
	l.until(t, contains("device came", "Footpedal"))
}

// still stops a process for a second.
func (c *randomSession) still(t *testing.T, pid string) {
	t.Helper()
	c.root(t, "kill -STOP "+pid+"; sleep 1; kill -CONT "+pid)
}
