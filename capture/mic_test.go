package capture

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A mic is a Recorder that runs until the test ends, with the calls of its hooks.
type mic struct {
	*Recorder
	t        *testing.T
	states   chan State
	problems chan Problem
	well     chan bool // receives when the last problem is over

	plus, minus atomic.Int64  // positive and negative samples that the hook Samples has received
	arrived     chan struct{} // receives after each call of Samples; holds one
}

func runMic(t *testing.T, c Config) *mic {
	t.Helper()
	m := &mic{t: t, states: make(chan State, 256), problems: make(chan Problem, 256), well: make(chan bool, 256), arrived: make(chan struct{}, 1)}
	c.Hooks.State = func(s State) { m.states <- s }
	c.Hooks.Problem = func(p Trouble) {
		if p.Problem == 0 {
			m.well <- true
			return
		}
		m.problems <- p.Problem
	}
	own := c.Hooks.Samples
	c.Hooks.Samples = func(s []int16) {
		if own != nil {
			own(s)
		}
		m.count(s)
	}
	if c.detector == nil {
		c.detector = func() detector { return &fakeVoice{} } // every tail has its full length
	}
	c.Tail, c.Linger = orTest(c.Tail, testTail), orTest(c.Linger, testLinger)
	m.Recorder = New(c)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return m
}

// count counts the samples of a piece of a recording.
func (m *mic) count(s []int16) {
	plus, minus := int64(0), int64(0)
	for _, v := range s {
		if v > 0 {
			plus++
		}
		if v < 0 {
			minus++
		}
	}
	m.plus.Add(plus)
	m.minus.Add(minus)
	select {
	case m.arrived <- struct{}{}:
	default:
	}
}

// hears waits until the recordings have that much more sound of the speaker with the
// given sign.
func (m *mic) hears(sign int, d time.Duration) {
	m.t.Helper()
	n := &m.plus
	if sign < 0 {
		n = &m.minus
	}
	timer := time.NewTimer(soon)
	defer timer.Stop()
	for want := n.Load() + samples(d); n.Load() < want; {
		select {
		case <-m.arrived:
		case <-timer.C:
			m.t.Fatalf("%d of %d samples of the speaker %+d within %v", n.Load(), want, sign, soon)
		}
	}
}

// until waits for a state, at most for the given time.
func (m *mic) until(limit time.Duration, what string, is func(State) bool) {
	m.t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case s := <-m.states:
			m.t.Log("state:", s)
			if is(s) {
				return
			}
		case <-timer.C:
			m.t.Fatalf("not %s within %v", what, limit)
		}
	}
}

func (m *mic) ready(limit time.Duration) {
	m.t.Helper()
	m.until(limit, "ready", State.Ready)
}

// expect waits for a problem, at most for the given time.
func (m *mic) expect(p Problem, limit time.Duration) {
	m.t.Helper()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case got := <-m.problems:
			if got == p {
				return
			}
		case <-timer.C:
			m.t.Errorf("not reported within %v: %v", limit, p)
			return
		}
	}
}

// A held is a recording that has begun.
type held struct {
	press, release time.Time
	stop           chan struct{}
	clip           pcm.Clip
	err            error
	done           chan struct{}
}

// hold begins a recording.
func (m *mic) hold() *held {
	h := &held{press: time.Now(), stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(h.done)
		h.clip, h.err = m.Record(context.Background(), h.stop)
	}()
	return h
}

// letGo ends the recording and waits for its sound.
func (h *held) letGo() {
	h.release = time.Now()
	close(h.stop)
	<-h.done
}

// record records for the given time.
func (m *mic) record(d time.Duration) *held {
	h := m.hold()
	<-time.After(d)
	h.letGo()
	return h
}

// A fakeVoice is a detector that finds a voice in the frames that it lists, or in all of
// them.
type fakeVoice struct {
	in     func(frame int, samples []int16) bool
	frames int
}

func (f *fakeVoice) Next(samples []int16) float32 {
	f.frames++
	if f.in == nil || f.in(f.frames-1, samples) {
		return 1
	}
	return 0
}

func (f *fakeVoice) Reset() { f.frames = 0 }

// louder returns a detector that finds a voice in frames above a level in dB.
func louder(db float64) *fakeVoice {
	return &fakeVoice{in: func(_ int, samples []int16) bool { return level(samples) > db }}
}

// runMic uses these if a Config has zero. If the Config has less than zero, runMic uses
// zero.
const (
	testTail   = 400 * time.Millisecond
	testLinger = 2 * time.Minute
)

func orTest(d, fallback time.Duration) time.Duration {
	if d == 0 {
		return fallback
	}
	return max(d, 0)
}
