package daemon

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/sound"
)

const (
	// soundLimit is how long a sound may take. After that the daemon stops it and
	// begins the recording.
	soundLimit = time.Second

	// soundGap is the time from the end of a sound to the beginning of the recording. An
	// open microphone is recorded from 20 ms before the press, and a room echoes.
	soundGap = 60 * time.Millisecond

	// soundPause is how long the daemon plays no sounds after one that failed, so that
	// the next recordings do not wait for an output that does not work.
	soundPause = time.Minute
)

// The sounds tell the user what a dictation does. None of them is recorded: a recording
// waits until the sound has ended, and no sound is played during a recording.
//
//	press ─ start ─ gap ─ recording ─ tail ─ stop
//
// They are safe for concurrent use. The method begin needs run.
type sounds struct {
	play  func(context.Context, sound.Sound) error
	close func()
	log   *slog.Logger
	queue chan queuedSound

	mu         sync.Mutex
	on         bool
	failed     time.Time // when a sound last failed
	recordings int       // under way
	ends       int       // those of dictation.Status that were played
}

// A queuedSound is a sound in the queue. If it is silent, it only takes its turn.
type queuedSound struct {
	sound  sound.Sound
	silent bool
	ended  chan<- struct{} // closed when it has ended; may be nil
}

// newSounds returns the sounds for the default output.
func newSounds(env environ.Env, log *slog.Logger) *sounds {
	p := &capture.Player{Server: env.PulseServer(), Cookies: env.PulseCookies()}
	play := func(ctx context.Context, s sound.Sound) error { return p.Play(ctx, s.Clip()) }
	return &sounds{play: play, close: p.Close, log: log, queue: make(chan queuedSound, 8)}
}

// configure changes the settings. With pre-roll there are no sounds, because it would
// record them.
func (s *sounds) configure(cfg config.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = cfg.Sounds && cfg.Audio.PreRoll == 0
}

// run plays until ctx is done.
func (s *sounds) run(ctx context.Context) {
	defer s.close()
	for {
		select {
		case <-ctx.Done():
			return
		case next := <-s.queue:
			if !next.silent {
				s.playOne(ctx, next.sound)
				_ = clock.Sleep(ctx, soundGap) // the loop ends if ctx is done
			}
			if next.ended != nil {
				close(next.ended)
			}
		}
	}
}

// playOne plays a sound. If that fails, the dictation goes on without sounds for a while.
func (s *sounds) playOne(ctx context.Context, one sound.Sound) {
	limited, cancel := context.WithTimeout(ctx, soundLimit)
	defer cancel()
	err := s.play(limited, one)
	if err == nil || ctx.Err() != nil {
		return
	}
	s.log.Warn("no sounds for a while", "err", err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = time.Now()
}

// begin plays the start of a recording and returns when the recording may begin: when no
// sound is played any more, or ctx is done. If it plays the start, it calls meanwhile
// first. A recording that begins before the last one has ended has no start.
func (s *sounds) begin(ctx context.Context, meanwhile func()) {
	s.mu.Lock()
	s.recordings++
	play := s.working() && s.recordings == 1
	s.mu.Unlock()
	if play {
		meanwhile()
	}
	ended := make(chan struct{})
	select {
	case s.queue <- queuedSound{sound.Start, !play, ended}:
	case <-ctx.Done():
		return
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// working reports whether the user wants sounds and they work. The caller holds mu.
func (s *sounds) working() bool { return s.on && time.Since(s.failed) >= soundPause }

// end plays the end of a recording, unless it failed.
func (s *sounds) end(recorded bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recordings--
	if recorded {
		s.enqueue(sound.Stop)
	}
}

// dictation plays that an utterance was refused or kept. It does not wait.
func (s *sounds) dictation(now dictate.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Ends == s.ends {
		return
	}
	s.ends = now.Ends
	if failed(now.Last) {
		s.enqueue(sound.Refused)
	}
}

// enqueue plays a sound later. The caller holds mu, so that no recording begins before the
// sound is in the queue.
func (s *sounds) enqueue(one sound.Sound) {
	if !s.working() || s.recordings > 0 {
		return
	}
	select {
	case s.queue <- queuedSound{sound: one}:
	default: // eight sounds are enough
	}
}

// failed reports whether an utterance was refused or kept although the user wanted it.
func failed(e dictate.Ended) bool {
	switch e.Reason {
	case dictate.Slip, dictate.Cancelled, dictate.Taken:
		return false
	}
	return e.Outcome == dictate.Refused || e.Outcome == dictate.Kept
}
