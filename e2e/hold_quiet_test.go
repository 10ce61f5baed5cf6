//go:build e2e

package e2e_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// nothingElse checks that the kernel delivers only the bound key of a device to the
// daemon, and that the journal names no other key.
func nothingElse(t *testing.T, b *mockSession) {
	ctx := within(t, time.Minute)
	b.rig.do(t, "create p 1:3 1-248,464,465 Full keyboard")
	t.Cleanup(func() { b.rig.do(t, "destroy p") })
	b.startWith(t, quiet)
	reads := func() int {
		n, err := strconv.Atoi(strings.TrimSpace(text(m.Run(ctx, "awk '/^syscr/{print $2}' /proc/"+b.pid+"/io"))(t)))
		ok(t, err)
		return n
	}
	b.rig.do(t, "wait 2s") // the daemon still sends requests to the sound server
	before := reads()
	b.rig.do(t, "tap p KEY_LEFTCTRL 200", "tap p 464 200", "wait 500ms")
	other := reads() - before
	before = reads()
	for range 20 { // each is a slip
		b.rig.do(t, "hold p KEY_F14 60ms", "wait 30ms")
	}
	bound := reads() - before
	t.Logf("400 taps of other keys: %d reads; 20 taps of the bound one: %d", other, bound)
	if other > 10 {
		t.Errorf("other keys woke the daemon: %d reads for 800 events", other)
	}
	if bound < 40 {
		t.Errorf("%d reads for 40 events of the bound key: this counts something else", bound)
	}

	b.rig.do(t, "tap p 465 3", "hold p KEY_F14 1s", "tap p 464 3")
	b.next(t).answer <- "said"
	b.types(t, "said ")
	journal := text(m.Run(ctx, "journalctl -o export _PID="+b.pid))(t)
	for _, found := range regexp.MustCompile(`KEY_\w+|\b46[45]\b`).FindAllString(journal, -1) {
		if found != "KEY_F14" {
			t.Errorf("the journal names %s", found)
		}
	}
	if strings.Contains(journal, "said") {
		t.Error("the journal has what was said")
	}
}

// idle checks that the daemon sleeps with ten devices and nothing to do, also after it
// has worked.
func idle(t *testing.T, b *mockSession) {
	for i := range 10 {
		b.rig.do(t, fmt.Sprintf("create i%d 1:1 KEY_F14,1-100 Device %d", i, i))
		t.Cleanup(func() { b.rig.do(t, fmt.Sprintf("destroy i%d", i)) })
	}
	b.startWith(t, quiet)
	b.rig.do(t, "hold i0 KEY_F14 500ms")
	b.next(t).answer <- "awake"
	b.types(t, "awake ")
	b.rig.do(t, "wait 10s")
	var wakeups, switches int
	_, err := fmt.Sscan(b.rig.do(t, "rest "+b.pid+" 60s"), &wakeups, &switches)
	ok(t, err)
	t.Logf("idle with ten devices: %d wakeups in 60 s, %.2f a second (%d switches of its threads)", wakeups, float64(wakeups)/60, switches)
	if wakeups > 12 {
		t.Errorf("%d wakeups in 60 s, want at most 12", wakeups)
	}
}
