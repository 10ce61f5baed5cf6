package dictate

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// TestRandomDictations dictates ten thousand times with a microphone, recognizer,
// keyboard, session and user that act at random. Each recording is typed once and
// whole. Where nothing had to be retried, the texts are in the order spoken.
func TestRandomDictations(t *testing.T) {
	const runs, each = 200, 50
	var all tally
	for seed := range uint64(runs) {
		synctest.Test(t, func(t *testing.T) {
			c := &chance{Rand: rand.New(rand.NewPCG(seed, 0)), seed: seed, t: t, harsh: seed%2 == 1}
			c.run(each)
			all.add(c.tally)
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	t.Logf("outcome: %d dictations of %d seeds: %+v", runs*each, runs, all)
}

// A chance is everything around a Dictation: its Recorder and Typist, and the user.
type chance struct {
	*rand.Rand // the user's
	t          *testing.T
	seed       uint64
	harsh      bool // what fails is kept, and retried
	keys       chan key.Event
	d          *Dictation

	mu     sync.Mutex
	status Status
	mended bool // nothing fails any more
	down   time.Time
	said   []*saying // by the number of the recording
	screen []rune
	tally
}

// A tally counts what happened.
type tally struct{ Typed, Refused, Slips, Insisted, MicrophoneFailed, RecognizerFailed, TypingFailed, TypingStopped int }

func (a *tally) add(b tally) {
	a.Typed += b.Typed
	a.Refused += b.Refused
	a.Slips += b.Slips
	a.Insisted += b.Insisted
	a.MicrophoneFailed += b.MicrophoneFailed
	a.RecognizerFailed += b.RecognizerFailed
	a.TypingFailed += b.TypingFailed
	a.TypingStopped += b.TypingStopped
}

// A saying is a recording, and what chance has in store for it: a source of its
// own, so that a seed has the same in store each time.
type saying struct {
	*rand.Rand
	chance  *chance
	text    []rune // that no other has a character of
	refused bool
	insist  bool // it was refused, and a retry types it
}

const letters = 8 // of each saying

// run dictates so many times. Then nothing fails any more, and it retries what was kept.
func (c *chance) run(dictations int) {
	c.keys = make(chan key.Event)
	c.d = New(Config{Policy: policy, Recorder: c, Typist: c, Grace: time.Minute, Log: slog.New(slog.DiscardHandler),
		Watch: func(s Status) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.status = s
		}})
	ctx, cancel := context.WithCancel(c.t.Context())
	ended := make(chan struct{})
	go func() { c.d.Run(ctx, c.keys); close(ended) }()
	for range dictations {
		c.dictate()
	}
	c.mu.Lock()
	c.mended = true
	c.mu.Unlock()
	c.drain(0)
	cancel()
	<-ended
	c.check()
}

// dictate holds the key once. The user may also leave, come back and retry.
func (c *chance) dictate() {
	c.drain(Backlog - 2) // more would be refused, or forgotten
	c.press(true)
	c.sleep(100*time.Millisecond, 2*time.Second)
	if c.IntN(10) == 0 { // the screen is locked, perhaps with the key down
		c.send(Away{Absence(c.IntN(2)), time.Now()})
		if c.IntN(2) == 0 {
			c.press(false)
		}
		c.sleep(0, c.maxAway())
		c.send(Back{Session, time.Now()})
		c.send(Back{Pause, time.Now()})
	}
	c.press(false)
	c.sleep(0, 3*time.Second) // so that the next press rarely stops the typing
	if c.IntN(4) == 0 {
		c.send(Retry{time.Now()})
	}
}

func (c *chance) send(ev Event) {
	if err := c.d.Send(c.t.Context(), ev); err != nil {
		c.t.Error(err)
	}
}

// maxAway limits how long the user is away. Text that waits longer than Stale is
// kept.
func (c *chance) maxAway() time.Duration {
	if c.harsh {
		return 2 * policy.Stale
	}
	return policy.Stale / 2
}

func (c *chance) press(down bool) {
	c.mu.Lock()
	c.down = time.Time{}
	if down {
		c.down = time.Now()
	}
	c.mu.Unlock()
	c.keys <- key.Event{Down: down, At: time.Now(), Cause: key.Physical}
}

func (c *chance) sleep(least, most time.Duration) {
	time.Sleep(least + time.Duration(c.Int64N(int64(most-least))))
}

// drain waits until no more than so many utterances are under way or kept.
func (c *chance) drain(most int) {
	for {
		synctest.Wait()
		c.mu.Lock()
		left := c.status.Waiting + c.status.Kept
		c.mu.Unlock()
		if left <= most {
			return
		}
		c.send(Retry{time.Now()})
		time.Sleep(time.Second)
	}
}

// strikes reports whether a stage fails, on average once in so many calls.
func (c *chance) strikes(s *saying, often int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.mended && s.IntN(often) == 0
}

func (c *chance) count(n *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n++
}

// Record implements Recorder: a microphone that may fail, at once or with
// the sound up to then.
func (c *chance) Record(ctx context.Context, _ int, stop <-chan struct{}) (Recording, error) {
	c.mu.Lock()
	n := len(c.said)
	s := &saying{Rand: rand.New(rand.NewPCG(c.seed, uint64(n+1))), chance: c}
	c.said = append(c.said, s)
	c.mu.Unlock()
	if c.strikes(s, 20) {
		c.count(&c.MicrophoneFailed)
		return nil, errors.New("no microphone")
	}
	var breaks <-chan time.Time
	if c.strikes(s, 20) {
		breaks = time.After(time.Duration(1+s.IntN(900)) * time.Millisecond)
	}
	var err error
	select {
	case <-stop:
	case <-breaks:
		c.count(&c.MicrophoneFailed)
		err = errors.New("the microphone went away")
	case <-ctx.Done():
		c.count(&c.Slips)
		return nil, ctx.Err()
	}
	for i := range letters {
		s.text = append(s.text, rune(0xE000+n*letters+i))
	}
	return s, err
}

// Duration implements Recording.
func (s *saying) Duration() time.Duration { return 100 * time.Millisecond }

// Wipe implements Recording.
func (s *saying) Wipe() {}

// Text implements Recording: a recognizer that is slow, fails, or finds no
// speech.
func (s *saying) Text(ctx context.Context, anyway bool) (string, error) {
	c := s.chance
	select {
	case <-time.After(time.Duration(s.IntN(3000)) * time.Millisecond):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if c.harsh && c.strikes(s, 4) {
		c.count(&c.RecognizerFailed)
		return "", errors.New("503")
	}
	if anyway {
		s.refused, s.insist = false, true
		c.count(&c.Insisted)
		return string(s.text), nil
	}
	if s.IntN(20) == 0 {
		s.refused = true
		c.count(&c.Refused)
		return "", Refusal(NotSpeech)
	}
	return string(s.text), nil
}

// Type implements Typist: a keyboard that may block or disappear.
func (c *chance) Type(ctx context.Context, text string) (Outcome, string, error) {
	s := c.said[(int([]rune(text)[0])-0xE000)/letters]
	for i, r := range text {
		if c.harsh && c.strikes(s, 40) {
			c.count(&c.TypingFailed)
			return Typed, text[i:], errors.New("no keyboard")
		}
		pace := 10 * time.Millisecond
		if c.strikes(s, 40) {
			pace = time.Second
		}
		select {
		case <-time.After(pace):
		case <-ctx.Done():
			c.count(&c.TypingStopped)
			return Typed, text[i:], ctx.Err()
		}
		c.mu.Lock()
		if !c.down.IsZero() && time.Since(c.down) > 0 {
			c.t.Error("typed while a bound key was down")
		}
		c.screen = append(c.screen, r)
		c.mu.Unlock()
	}
	c.count(&c.Typed)
	return Typed, "", nil
}

// check compares the typed text with the spoken text.
func (c *chance) check() {
	var want []rune
	for _, s := range c.said {
		if !s.refused {
			want = append(want, s.text...)
		}
	}
	if got := slices.Sorted(slices.Values(c.screen)); !slices.Equal(got, want) {
		c.t.Errorf("typed, sorted: %x, want %x", got, want)
	}
	for i, r := range c.screen { // each saying in its order, and all if nothing was retried
		for _, before := range c.screen[:i] {
			a, b := c.said[(before-0xE000)/letters], c.said[(r-0xE000)/letters]
			if before > r && (a == b || !c.harsh && !a.insist && !b.insist) {
				c.t.Fatalf("%x was typed before %x", before, r)
			}
		}
	}
}
