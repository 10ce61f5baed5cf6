package daemon

import (
	"sync"
	"testing"

	"github.com/arealicehole/vocoder/internal/control"
)

// rounds is how often two commands are sent at the same moment.
const rounds = 200

// TestCommandsTogether sends two commands at the same moment. A pause and a resume leave a
// daemon that does what its status says, and two toggles one that does not listen.
func TestCommandsTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false, false)
	both := func(a, b control.Command) {
		var wg sync.WaitGroup
		for _, c := range []control.Command{a, b} {
			wg.Go(func() { w.do(c) })
		}
		wg.Wait()
	}
	for range rounds {
		both(control.Pause, control.Resume)
		w.mu.Lock()
		away := w.status.Away
		w.mu.Unlock()
		if why := w.d.status.now().Pause; (why != "") != away {
			t.Fatalf("the status says %q, and the key is ignored: %v", why, away)
		}
	}
	w.do(control.Resume)
	for range rounds {
		both(control.Toggle, control.Toggle)
		if w.d.status.now().Recording {
			t.Fatal("it listens after two toggles")
		}
		w.do(control.Cancel)
		w.until("all has ended", func() bool { return w.status.Waiting == 0 })
	}
}
