//go:build e2e

package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/measure"
)

// TestBenchHelper measures what vocoder-inputd costs with a connected daemon that has no
// devices of its own: while nothing happens, and during dictation. The microphone is
// closed between utterances. The speed of typing a longer text counts from the moment
// that the text is there.
func TestBenchHelper(t *testing.T) {
	measure.Wanted(t)
	h := newHelper(t, newMockSession(t))
	h.startWith(t, quiet)
	h.hears(t)
	const said, times = "ok then.", 15
	typed := ""
	utter := func() {
		typed += said + " "
		h.utter(t, said)
		h.types(t, typed)
	}
	utter() // the helper has the devices from the first utterance on
	pid := strings.TrimSpace(text(m.Run(within(t, time.Minute), "systemctl show -P MainPID vocoder-inputd"))(t))
	h.rig.do(t, "wait 15s")
	resting(t, h.rig, pid, "helper, idle", 30*time.Second)
	measured := working(t, pid, "helper, dictating")
	for range times {
		utter()
	}
	measured()
	var rates []float64
	const long = 200
	for range 5 {
		words := prose(latin, long)
		h.rig.do(t, holding("KEY_F14", 7*time.Second)) // a hold as long as this text takes to speak
		l := fromNow(t, "_SYSTEMD_USER_UNIT=vocoder.service")
		h.next(t).answer <- words
		typed += words + " "
		h.types(t, typed)
		rates = append(rates, long/logged(t, l.until(t, contains("utterance typed")), "typing")*1000)
	}
	measure.Tell(t, "helper, dictating: rate", "characters/s", rates...)
}
