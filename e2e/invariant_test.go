//go:build e2e

package e2e_test

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// flower is a word in all dictations of TestFault, and in those before the invariants are
// checked. It must be in no file and no log.
const flower = "marigold"

// invariants fails if an invariant of docs/reliability.md does not hold. It runs after a
// dictation of flower (I3, I6). No key is down (I1). There was no other recording (I2). All
// text was typed once and in order (I4). The journal has no word of it (I5). The daemon is
// idle (I6).
func (b *mockSession) invariants(t *testing.T, typed string) {
	t.Helper()
	b.none(t)
	b.noKeyDown(t)
	// After a restart the emulated sound card may begin with a crack.
	if s := b.status(t); !strings.Contains(s, `"state":"idle"`) && !strings.Contains(s, "the microphone clips") {
		t.Errorf("I6: the daemon says %s", s)
	}
	if n := strings.TrimSpace(text(m.Run(within(t, time.Minute), "journalctl -b -o export | grep -c "+flower+" || true"))(t)); n != "0" {
		t.Errorf("I5: the journal has what was said in %s places", n)
	}
	if got := text(m.Typed(within(t, time.Minute)))(t); got != typed {
		t.Errorf("I4: typed %q, want %q", got, typed)
	}
}

// check makes the daemon record once more, with any key, and fails if an invariant does
// not hold.
func (b *mockSession) check(t *testing.T) {
	t.Helper()
	b.hears(t)
	typed := text(m.Typed(within(t, time.Minute)))(t) + flower + " "
	_, err := m.As(within(t, time.Minute), "alice", "vocoderctl start && sleep .7 && vocoderctl stop")
	ok(t, err)
	b.next(t).answer <- flower
	b.types(t, typed)
	b.invariants(t, typed)
}

// noKeyDown fails if a key of the virtual keyboard is down (I1).
func (b *mockSession) noKeyDown(t *testing.T) {
	t.Helper()
	if n := b.down(t); n != 0 {
		t.Errorf("I1: %d keys are down", n)
	}
}

// down returns how many keys are down on the virtual keyboard, or 0 if it does not
// exist. Source: EVIOCGKEY(96) of linux/input.h.
func (b *mockSession) down(t *testing.T) (n int) {
	t.Helper()
	out := text(m.Run(within(t, time.Minute), `for d in /sys/class/input/event*; do grep -qi vocoder $d/device/name || continue
		perl -e 'open(F, "<", "/dev/input/$ARGV[0]") or die; my $b = "\0" x 96; ioctl(F, 0x80604518, $b) or die; print unpack("%32b*", substr($b, 0, 96)), "\n"' ${d##*/}; done`))(t)
	for _, count := range strings.Fields(out) {
		keys, err := strconv.Atoi(count)
		ok(t, err)
		n += keys
	}
	return n
}

// status returns the JSON of vocoderctl as soon as the daemon is idle.
func (b *mockSession) status(t *testing.T) string {
	t.Helper()
	l := follow(within(t, b.eventLimit()), t, "alice", "exec vocoderctl watch --json")
	return l.until(t, func(s string) bool {
		return strings.Contains(s, `"state":"idle"`) || strings.Contains(s, `"state":"problem"`)
	})
}
