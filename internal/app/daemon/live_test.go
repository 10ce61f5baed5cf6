package daemon

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
)

// A reader that asks gets the words while the user speaks. No status, no other reader and
// no log has them, and after the release there are none.
func TestLiveWords(t *testing.T) {
	w := newWorld(t, true, false)
	socket := control.Client{Path: filepath.Join(env(w), "vocoder.sock")}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	statuses := make(chan control.Status, 1000)
	words := make(chan control.Partial, 1000)
	wg.Go(func() {
		err := socket.Follow(ctx, control.Events{
			Status: func(s control.Status) error { statuses <- s; return nil },
			Words:  func(p control.Partial) error { words <- p; return nil },
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-statuses
	w.press()
	if p := <-words; p != (control.Partial{Stable: "word1"}) {
		t.Errorf("the words are %+v", p)
	}
	w.release(key.Physical)
	w.settle()
	for s := (control.Status{Recording: true}); s.Last.Outcome != control.Typed; s = <-statuses {
		if line, err := json.Marshal(s); err != nil || strings.Contains(string(line), "word1") {
			t.Errorf("%s, %v", line, err)
		}
	}
	cancel()
	wg.Wait()
	if got := strings.Join(w.words(), " "); got != "word1 word2" || len(words) > 0 {
		t.Errorf("typed %q, %d words more", got, len(words))
	}
	for line := range w.logged {
		if strings.Contains(line, "word1") {
			t.Errorf("logged %q", line)
		}
	}
	if w.d.server.WordsWanted() {
		t.Error("words are wanted after the recording")
	}
}

// env returns the runtime directory of a world.
func env(w *world) string {
	dir, _ := w.d.Env.Lookup("XDG_RUNTIME_DIR")
	return dir
}
