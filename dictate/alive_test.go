package dictate

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// A blockedMicrophone has a sound server that is blocked: a recording begins and
// does not end.
type blockedMicrophone struct{}

func (blockedMicrophone) Record(ctx context.Context, _ int, _ <-chan struct{}) (Recording, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A slow typist takes a minute for a text.
type slow struct{}

func (slow) Type(ctx context.Context, s string) (Outcome, string, error) {
	select {
	case <-time.After(time.Minute):
		return Typed, "", nil
	case <-ctx.Done():
		return Typed, s, ctx.Err()
	}
}

// The loop answers at once while a stage takes a minute, so that the watchdog
// does not consider it blocked (F-45).
func TestAlive(t *testing.T) {
	for _, tt := range []struct {
		name  string
		stall func(c *Config)
	}{
		{"microphone", func(c *Config) { c.Recorder = blockedMicrophone{} }},
		{"recognizer", func(c *Config) { c.Recorder = &mic{scribe: scribe{delay: after(time.Minute)}} }},
		{"typing", func(c *Config) { c.Typist = slow{} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var now Status
				c := Config{Policy: policy, Recorder: &mic{scribe: scribe{delay: after(0)}}, Typist: &page{}, Grace: time.Second, Log: slog.New(slog.DiscardHandler)}
				c.Watch = func(s Status) { now = s }
				tt.stall(&c)
				d := New(c)
				ctx, cancel := context.WithCancel(t.Context())
				keys, done := make(chan key.Event), make(chan struct{})
				go func() { d.Run(ctx, keys); close(done) }()
				keys <- key.Event{Down: true, At: time.Now()}
				time.Sleep(time.Second)
				keys <- key.Event{At: time.Now()}
				for range 58 {
					asked := time.Now()
					if err := d.Alive(t.Context()); err != nil || time.Since(asked) > 0 {
						t.Fatalf("it answered %v after %v", err, time.Since(asked))
					}
					time.Sleep(time.Second - time.Millisecond)
				}
				synctest.Wait()
				if !now.Recording && !now.Typing && now.Waiting == 0 {
					t.Error("nothing was under way")
				}
				cancel()
				<-done
				if err := d.Alive(t.Context()); !errors.Is(err, ErrEnded) {
					t.Errorf("after the end: %v", err)
				}
			})
		})
	}
}
