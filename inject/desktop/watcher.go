// Package desktop finds out which keyboard layout is in effect: it asks the
// display server for the keymap and the desktop for the rest. It needs no
// setting, no focus and no environment, since a service may have been started
// before the session.
package desktop

import (
	"context"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Watcher tells the State. It works while Run runs, connects when it is
// first asked, and again when the desktop is another one. It may be used from
// several goroutines.
type Watcher struct {
	Config
	jobs chan job
}

// New returns a Watcher.
func New(c Config) *Watcher { return &Watcher{Config: c, jobs: make(chan job)} }

// A job asks for something. Run answers it once.
type job struct {
	ctx  context.Context
	what request
	key  key.Code // of forPressed and forReleased
	done chan<- answer
}

type request uint8

const (
	forState request = iota
	forDesktop
	forRoundTrip
	forPressed
	forReleased
)

type answer struct {
	state State
	err   error
}

func (w *Watcher) ask(j job) (State, error) {
	done := make(chan answer, 1)
	j.done = done
	select {
	case w.jobs <- j:
	case <-j.ctx.Done():
		return State{}, j.ctx.Err()
	}
	a := <-done // Run has the job and always answers, soon once ctx is done
	return a.state, a.err
}

// State returns the State of this moment. What could not be found out is in
// it, with the reason; the error is ErrNoDesktop, that of a done ctx, or that
// the display server went away meanwhile. It waits for Run.
func (w *Watcher) State(ctx context.Context) (State, error) {
	return w.ask(job{ctx: ctx, what: forState})
}

// Desktop returns where the user's desktop is, or ErrNoDesktop. It waits for
// Run.
func (w *Watcher) Desktop(ctx context.Context) (Desktop, error) {
	s, err := w.ask(job{ctx: ctx, what: forDesktop})
	return s.Desktop, err
}

// Wait returns once the display server has answered. What it took from its
// devices before it read the question is behind it then, if it does both in
// one thread, as most do. It waits for Run.
func (w *Watcher) Wait(ctx context.Context) error {
	_, err := w.ask(job{ctx: ctx, what: forRoundTrip})
	return err
}

// Pressed returns once the display server has taken it that a key is down. Of a
// key that Released has seen to be up, that is proof that it has taken all that
// was pressed before. It waits a few seconds for the first, and for others as long
// as the server is stopped. With a server that does not tell it returns at once.
// It waits for Run.
func (w *Watcher) Pressed(ctx context.Context, c key.Code) error {
	_, err := w.ask(job{ctx: ctx, what: forPressed, key: c})
	return err
}

// Released returns once the display server has taken it that a key is up, as
// Pressed does for one that is down.
func (w *Watcher) Released(ctx context.Context, c key.Code) error {
	_, err := w.ask(job{ctx: ctx, what: forReleased, key: c})
	return err
}

// Run answers until ctx is done.
func (w *Watcher) Run(ctx context.Context) error {
	h := &session{Watcher: w, ctx: ctx, changed: newChange()}
	defer h.leave()
	for {
		select {
		case <-ctx.Done():
			return nil
		case j := <-w.jobs:
			state, err := h.answer(j)
			j.done <- answer{state, err}
		}
	}
}
