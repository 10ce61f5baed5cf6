package daemon

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/sound"
)

const (
	// soundLimit is how long a sound may take. After that it is cut off, and
	// the recording begins.
	soundLimit = time.Second

	// soundGap is how long after a sound a recording begins: a microphone that
	// is open already is recorded from 20 ms before the press, and a room rings
	// a little.
	soundGap = 60 * time.Millisecond

	// soundPause is how long there are no sounds after one that could not be
	// played: no utterance after it waits for an output that does not work.
	soundPause = time.Minute
)

// Chimes are the sounds that tell what a dictation does. None of them is
// recorded: a recording waits until what is played has ended, and while one is
// under way nothing is played.
//
//	press ─ start ─ gap ─ recording ─ tail ─ stop
//
// They are safe for concurrent use; begin waits for run.
type sounds struct {
	play  func(context.Context, sound.Sound) error
	close func()
	log   *slog.Logger
	queue chan queuedSound

	mu         sync.Mutex
	on         bool
	without    time.Time // until when there are none
	recordings int       // under way
	last       dictate.ID
}

// A queuedSound is a sound in the queue or, if it is silent, only a place in it.
type queuedSound struct {
	cue    sound.Sound
	silent bool
	over   chan<- struct{} // closed when it has ended; nil if nobody waits
}

// newSounds returns the sounds of the default output of a server.
func newSounds(server string, log *slog.Logger) *sounds {
	p := &capture.Player{Server: server}
	play := func(ctx context.Context, c sound.Sound) error { return p.Play(ctx, c.Clip()) }
	return &sounds{play: play, close: p.Close, log: log, queue: make(chan queuedSound, 8)}
}

// configure takes up settings.
func (c *sounds) configure(cfg config.Config) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = cfg.Sounds && cfg.Audio.PreRoll == 0
}

// run plays until ctx is done.
func (c *sounds) run(ctx context.Context) {
	defer c.close()
	for {
		select {
		case <-ctx.Done():
			return
		case one := <-c.queue:
			if !one.silent {
				c.sound(ctx, one.cue)
				clock.Sleep(ctx, soundGap)
			}
			if one.over != nil {
				close(one.over)
			}
		}
	}
}

// sound plays one of them. That it cannot be heard is no reason not to dictate.
func (c *sounds) sound(ctx context.Context, one sound.Sound) {
	short, cancel := context.WithTimeout(ctx, soundLimit)
	defer cancel()
	err := c.play(short, one)
	if err == nil || ctx.Err() != nil {
		return
	}
	c.log.Warn("no sounds for a while", "err", err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.without = time.Now().Add(soundPause)
}

// begin plays the start of a recording and returns when it may begin: when all
// is quiet, or ctx is done. A recording that begins while another ends has no
// sound of its own. If there is one, meanwhile is called first.
func (c *sounds) begin(ctx context.Context, meanwhile func()) {
	over := make(chan struct{})
	audible := c.enter()
	if audible {
		meanwhile()
	}
	select {
	case c.queue <- queuedSound{cue: sound.Start, silent: !audible, over: over}:
	case <-ctx.Done():
		return
	}
	select {
	case <-over:
	case <-ctx.Done():
	}
}

// enter notes that a recording is to begin, and reports whether it is to be
// heard.
func (c *sounds) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recordings++
	return c.audible() && c.recordings == 1
}

// audible reports whether sounds are wanted and work. It belongs to who holds the
// lock.
func (c *sounds) audible() bool { return c.on && !time.Now().Before(c.without) }

// end plays that a recording has ended, if it is worth that.
func (c *sounds) end(worth bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recordings--
	if worth {
		c.aside(sound.Stop)
	}
}

// dictation plays that an utterance came to nothing. It must not wait.
func (c *sounds) dictation(s dictate.Status) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.Last.ID == c.last {
		return
	}
	c.last = s.Last.ID
	if refused(s.Last) {
		c.aside(sound.Refused)
	}
}

// aside plays a sound that nobody waits for. It belongs to who holds the lock,
// so that no recording begins before it is in the queue.
func (c *sounds) aside(one sound.Sound) {
	if !c.audible() || c.recordings > 0 {
		return
	}
	select {
	case c.queue <- queuedSound{cue: one}:
	default: // enough is to be heard
	}
}

// refused reports whether an utterance came to nothing against the will of the
// user.
func refused(e dictate.Ended) bool {
	switch e.Reason {
	case dictate.Slip, dictate.Cancelled, dictate.Taken:
		return false
	}
	return e.Outcome == dictate.Refused || e.Outcome == dictate.Kept
}
