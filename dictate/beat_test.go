package dictate

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A deaf microphone is one whose sound server stands still: a recording begins,
// and does not end.
type deaf struct{}

func (deaf) Record(ctx context.Context, _ int, _ <-chan struct{}) (pcm.Clip, error) {
	<-ctx.Done()
	return pcm.Clip{}, ctx.Err()
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
// does not take it for dead (F-45).
func TestBeat(t *testing.T) {
	for _, tt := range []struct {
		name  string
		stall func(d *Dictation)
	}{
		{"microphone", func(d *Dictation) { d.Recorder = deaf{} }},
		{"recogniser", func(d *Dictation) { d.Transcriber = scribe{delay: after(time.Minute)} }},
		{"typing", func(d *Dictation) { d.Typist = slow{} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := Dictation{Policy: policy, Recorder: &mic{}, Transcriber: scribe{delay: after(0)}, Typist: &page{}, Grace: time.Second, Log: slog.New(slog.DiscardHandler)}
				var now Status
				d.Watch = func(s Status) { now = s }
				tt.stall(&d)
				ctx, cancel := context.WithCancel(t.Context())
				keys, orders, done := make(chan key.Event), make(chan Event), make(chan error, 1)
				go func() { done <- d.Run(ctx, keys, orders) }()
				keys <- key.Event{Down: true, At: time.Now()}
				time.Sleep(time.Second)
				keys <- key.Event{At: time.Now()}
				for range 58 {
					asked := time.Now()
					orders <- Beat{}
					if d := time.Since(asked); d > 0 {
						t.Fatalf("it answered after %v", d)
					}
					time.Sleep(time.Second - time.Millisecond)
				}
				synctest.Wait()
				if !now.Recording && !now.Typing && now.Waiting == 0 {
					t.Error("nothing was under way")
				}
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
