package capture

import (
	"testing"
	"time"
)

// TestNoStreamOnServers checks the streams that a server shows to the desktop: none while
// idle, one during a recording, and one with a pre-roll.
func TestNoStreamOnServers(t *testing.T) {
	onServers(t, func(t *testing.T, r *rig) {
		streams := func(want bool) {
			t.Helper()
			what := "source output gone"
			if want {
				what = "source output"
			}
			r.until(what, func() bool { return (r.pactl("list", "short", "source-outputs") != "") == want })
		}
		r.speak(r.fifo, 1)
		m := runMic(t, Config{Server: r.socket, Linger: time.Second})
		m.ready(soon)
		if got := r.pactl("list", "short", "source-outputs"); got != "" {
			t.Errorf("before the first press: %s", got)
		}
		for range 3 {
			h := m.hold()
			m.hears(1, 500*time.Millisecond)
			streams(true)
			h.letGo()
			if h.err != nil {
				t.Error(h.err)
			}
			streams(false)
		}

		open := runMic(t, Config{Server: r.socket, PreRoll: 300 * time.Millisecond})
		open.ready(soon)
		streams(true)
		if err := open.Suspend(t.Context(), true); err != nil {
			t.Error(err)
		}
		streams(false)
	})
}
