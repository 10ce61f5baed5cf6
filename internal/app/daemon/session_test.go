package daemon

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/linux/session"
)

// A machine without logind is in use. The daemon asks again, with a growing pause, and logs
// that once.
func TestNoLogind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		var said strings.Builder
		d := &daemon{log: slog.New(slog.NewTextHandler(&said, nil))}
		d.edges.watch = func(context.Context, func(session.State)) error {
			asked++
			return errNoLogind
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		d.watchSession(ctx) // a state would be sent to the dictation, and there is none
		if asked < 600 || asked > 730 {
			t.Errorf("asked %d times in an hour", asked)
		}
		if n := strings.Count(said.String(), "\n"); n != 1 || !strings.Contains(said.String(), "level=WARN") {
			t.Errorf("logged %q", said.String())
		}
	})
}
