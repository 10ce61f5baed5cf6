package dictate

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// A mic records a sample each millisecond, and a tail of 200 ms.
type mic struct {
	scribe scribe

	mu     sync.Mutex
	sounds []*sound // all that it recorded
	fail   error
}

func (m *mic) Record(ctx context.Context, _ int, stop <-chan struct{}) (Recording, error) {
	if m.fail != nil {
		return nil, m.fail
	}
	began := time.Now()
	select {
	case <-stop:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-time.After(200 * time.Millisecond):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s := &sound{scribe: m.scribe, length: time.Since(began)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sounds = append(m.sounds, s)
	return s, nil
}

// sound returns the n-th recording.
func (m *mic) sound(n int) *sound {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sounds[n]
}

// A sound is a Recording whose text is its length.
type sound struct {
	scribe scribe
	length time.Duration
	busy   atomic.Bool
	wiped  atomic.Int32
}

func (s *sound) Duration() time.Duration { return s.length }

// Wipe panics if the sound is in use.
func (s *sound) Wipe() {
	if s.busy.Load() {
		panic("wiped while it is transcribed")
	}
	s.wiped.Add(1)
}

func (s *sound) Text(ctx context.Context, anyway bool) (string, error) {
	s.busy.Store(true)
	defer s.busy.Store(false)
	if s.wiped.Load() > 0 {
		panic("transcribed after it was wiped")
	}
	select {
	case <-time.After(s.scribe.delay(s.length)):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if s.scribe.err != nil {
		if err := s.scribe.err(); err != nil && !(anyway && errors.Is(err, Refusal(NotSpeech))) {
			return "", err
		}
	}
	return s.length.String(), nil
}

// A scribe is how a recognizer answers: after a delay, and with an error.
type scribe struct {
	delay func(length time.Duration) time.Duration
	err   func() error
}

// A page is typed on at 10 ms a character.
type page struct {
	mu   sync.Mutex
	text strings.Builder
	err  error // of each text that was typed whole
}

func (p *page) Type(ctx context.Context, s string) (Outcome, string, error) {
	for i, r := range s + " " {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return Typed, s[i:], ctx.Err()
		}
		p.mu.Lock()
		p.text.WriteRune(r)
		p.mu.Unlock()
	}
	return Typed, "", p.err
}

func (p *page) words() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Fields(p.text.String())
}

func after(d time.Duration) func(time.Duration) time.Duration {
	return func(time.Duration) time.Duration { return d }
}

// A rig is a running Dictation with fakes around it.
type rig struct {
	t      *testing.T
	d      *Dictation
	mic    *mic
	page   *page
	log    *bytes.Buffer
	keys   chan key.Event
	cancel context.CancelFunc
	done   chan struct{} // closed when Run returns
	lost   int           // what Run returned

	asleep atomic.Int64 // a time.Duration

	mu     sync.Mutex
	status Status
}

// now returns the status last watched.
func (r *rig) now() Status {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

func start(t *testing.T, s scribe) *rig {
	r := &rig{t: t, mic: &mic{scribe: s}, page: &page{}, log: &bytes.Buffer{},
		keys: make(chan key.Event), done: make(chan struct{})}
	r.asleep.Store(int64(time.Hour)) // since the start of the machine
	r.d = New(Config{Policy: policy, Recorder: r.mic, Typist: r.page, Grace: 10 * time.Second,
		Asleep: func() time.Duration { return time.Duration(r.asleep.Load()) },
		Log:    slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Watch: func(s Status) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.status = s
		}})
	ctx, cancel := context.WithCancel(t.Context())
	r.cancel = cancel
	go func() { r.lost = r.d.Run(ctx, r.keys); close(r.done) }()
	return r
}

func (r *rig) send(ev Event) {
	r.t.Helper()
	if err := r.d.Send(r.t.Context(), ev); err != nil {
		r.t.Error(err)
	}
}

func (r *rig) hold(d time.Duration) {
	r.keys <- key.Event{Down: true, At: time.Now()}
	time.Sleep(d)
	r.keys <- key.Event{At: time.Now()}
	time.Sleep(50 * time.Millisecond)
}

// stop ends the run and checks what every run leaves behind: no sound.
func (r *rig) stop() {
	r.t.Helper()
	r.cancel()
	<-r.done
	for _, s := range r.mic.sounds {
		if n := s.wiped.Load(); n != 1 {
			r.t.Errorf("a recording was wiped %d times", n)
		}
	}
}

func (r *rig) wantTyped(want ...string) {
	r.t.Helper()
	if got := r.page.words(); !slices.Equal(got, want) {
		r.t.Errorf("typed %q, want %q", got, want)
	}
}
