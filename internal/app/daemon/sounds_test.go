package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/sound"
)

// A band plays sounds that last 100 ms, and notes when each began and ended.
type band struct {
	*sounds
	mu    sync.Mutex
	heard []string
	until time.Time // the end of the last one
	err   error
}

// onBand runs a test with sounds as the settings have them.
func onBand(t *testing.T, change func(*config.Config), test func(ctx context.Context, t *testing.T, b *band)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := config.Default()
		cfg.Sounds = true
		change(&cfg)
		b := &band{}
		began := time.Now()
		b.sounds = &sounds{log: slog.New(slog.DiscardHandler), queue: make(chan queuedSound, 8), close: func() {},
			play: func(ctx context.Context, c sound.Sound) error {
				b.note(fmt.Sprintf("%d at %v", c, time.Since(began)))
				<-time.After(100 * time.Millisecond)
				b.mu.Lock()
				defer b.mu.Unlock()
				b.until = time.Now()
				return b.err
			}}
		b.configure(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); b.run(ctx) }()
		test(ctx, t, b)
		cancel()
		<-done
	})
}

func (b *band) note(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard = append(b.heard, what)
}

// wants compares what was played when no sound is left.
func (b *band) wants(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	<-time.After(time.Second)
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.heard, want) {
		t.Errorf("heard %q, want %q", b.heard, want)
	}
}

// quiet fails the test if a sound is being played, or ended just now.
func (b *band) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if since := time.Since(b.until); since < soundGap {
		t.Errorf("the recording begins %v after a sound", since)
	}
}

func plain(*config.Config) {}

func refusal(id dictate.ID) dictate.Status {
	return dictate.Status{Ends: int(id), Last: dictate.Ended{ID: id, Outcome: dictate.Refused, Reason: dictate.Silence}}
}

// TestSounds: the sound of the start has ended when the recording begins, and
// the other one comes after it.
func TestSounds(t *testing.T) {
	onBand(t, plain, func(ctx context.Context, t *testing.T, b *band) {
		b.begin(ctx, func() {})
		b.quiet(t)
		<-time.After(time.Second)
		b.end(true)
		b.wants(t, "0 at 0s", "1 at 1.16s")
	})
}

// TestSoundsRefused: a refused utterance has one sound, and so has each retry that fails. A
// cancelled one has none.
func TestSoundsRefused(t *testing.T) {
	onBand(t, plain, func(_ context.Context, t *testing.T, b *band) {
		b.dictation(refusal(1))
		b.dictation(refusal(1))
		retried := refusal(1)
		retried.Ends = 2
		b.dictation(retried)
		b.dictation(dictate.Status{Ends: 3, Last: dictate.Ended{ID: 2, Outcome: dictate.Refused, Reason: dictate.Slip}})
		b.dictation(dictate.Status{Ends: 4, Last: dictate.Ended{ID: 3, Outcome: dictate.Typed}})
		b.wants(t, "2 at 0s", "2 at 160ms")
	})
}

// TestSoundsNever: no order of events plays a sound during a recording.
func TestSoundsNever(t *testing.T) {
	onBand(t, plain, func(ctx context.Context, t *testing.T, b *band) {
		b.dictation(refusal(1)) // is being played when the key goes down
		b.begin(ctx, func() {})
		b.quiet(t)
		b.dictation(refusal(2))
		b.begin(ctx, func() {}) // the tail of the first is still recorded
		b.end(true)
		b.dictation(refusal(3))
		b.end(false)
		b.wants(t, "2 at 0s", "0 at 160ms")
	})
}

// TestSoundsTwice: a second press during the sound of the first waits for it.
func TestSoundsTwice(t *testing.T) {
	onBand(t, plain, func(ctx context.Context, t *testing.T, b *band) {
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { b.begin(ctx, func() {}); b.quiet(t) })
		}
		wg.Wait()
		b.wants(t, "0 at 0s")
	})
}

// TestSoundsOff: there are no sounds if the user does not want them, or with a pre-roll,
// which would record them. Then a recording begins at once.
func TestSoundsOff(t *testing.T) {
	for name, change := range map[string]func(*config.Config){
		"not wanted": func(c *config.Config) { c.Sounds = config.Default().Sounds },
		"pre-roll":   func(c *config.Config) { c.Audio.PreRoll = 300 * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			onBand(t, change, func(ctx context.Context, t *testing.T, b *band) {
				began := time.Now()
				b.begin(ctx, func() {})
				if took := time.Since(began); took > 0 {
					t.Errorf("the recording waits %v", took)
				}
				b.end(true)
				b.dictation(refusal(1))
				b.wants(t)
			})
		})
	}
}

// TestSoundsFail: if the output fails or does not answer, recordings have no sounds, and
// wait for one once a minute at most.
func TestSoundsFail(t *testing.T) {
	onBand(t, plain, func(ctx context.Context, t *testing.T, b *band) {
		waits := func(want time.Duration) {
			t.Helper()
			began := time.Now()
			b.begin(ctx, func() {})
			if took := time.Since(began); took != want {
				t.Errorf("the recording waits %v, want %v", took, want)
			}
			b.end(false)
		}
		b.err = errors.New("no output")
		waits(100*time.Millisecond + soundGap)
		b.play = func(ctx context.Context, _ sound.Sound) error { <-ctx.Done(); return ctx.Err() }
		waits(0)
		b.dictation(refusal(1))
		waits(0)
		<-time.After(soundPause)
		waits(soundLimit + soundGap)
		waits(0)
	})
}

// TestSoundsCancelled: a recording that is cancelled waits for no sound.
func TestSoundsCancelled(t *testing.T) {
	onBand(t, plain, func(ctx context.Context, t *testing.T, b *band) {
		short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		began := time.Now()
		b.begin(short, func() {})
		if took := time.Since(began); took != 10*time.Millisecond {
			t.Errorf("it waits %v", took)
		}
		b.end(false)
	})
}
