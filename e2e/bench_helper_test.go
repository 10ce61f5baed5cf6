//go:build e2e

package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/measure"
)

// TestBenchHelper measures what vocoder-inputd costs with a daemon connected to
// it that has no devices of its own: while nothing happens, and while somebody
// dictates. The microphone is closed between utterances.
func TestBenchHelper(t *testing.T) {
	measure.Wanted(t)
	h := newHelper(t, newBooth(t))
	h.startWith(t, quiet)
	h.hears(t)
	const said, times = "ok then.", 15
	typed := ""
	utter := func() {
		typed += said + " "
		h.utter(t, said)
		h.types(t, typed)
	}
	utter() // or it may not be the helper that has the devices
	pid := strings.TrimSpace(text(m.Run(within(t, time.Minute), "systemctl show -P MainPID vocoder-inputd"))(t))
	h.rig.do(t, "wait 15s")
	resting(t, h.rig, pid, "helper, idle", 30*time.Second)
	measured := working(t, pid, "helper, dictating")
	for range times {
		utter()
	}
	measured()
}
