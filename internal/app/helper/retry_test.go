package helper

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestRetries checks that the client tries to connect after pauses that grow, and logs the
// same error once.
func TestRetries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none")
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var pauses []time.Duration
		last := time.Now()
		c := New(slog.New(slog.NewTextHandler(&log, nil)), func() { pauses, last = append(pauses, time.Since(last)), time.Now() })
		c.path = path
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		c.Run(ctx)
		const ms = time.Millisecond
		if want := []time.Duration{0, 100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, lastRetry, lastRetry}; !slices.Equal(pauses, want) {
			t.Errorf("pauses %v, want %v", pauses, want)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 1 {
			t.Errorf("%d lines:\n%s", n, &log)
		}
	})
}
