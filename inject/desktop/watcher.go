// Package desktop finds out which keyboard layout is in effect. It asks the display
// server for the keymap, and the desktop for the rest. It needs no setting, no focus and
// no environment, because a service may have been started before the session.
package desktop

import (
	"context"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Watcher reads the State. It works while Run runs. It connects at the first question,
// and again when the desktop has changed. It is safe for concurrent use.
type Watcher struct {
	Config
	questions chan func(*session)
	changed   *change
	hints     hints
	atspi     *atspi
}

// New returns a Watcher.
func New(c Config) *Watcher {
	changed := &change{next: make(chan struct{})}
	return &Watcher{Config: c, questions: make(chan func(*session)), changed: changed, atspi: newATSPI(c, changed.touch)}
}

// ask calls a question in the goroutine of Run once the session is connected.
func (w *Watcher) ask(ctx context.Context, question func(context.Context, *session) error) error {
	done := make(chan error, 1)
	select {
	case w.questions <- func(s *session) { done <- s.answer(ctx, question) }:
		return <-done // Run answers every question, and soon if ctx is done
	case <-ctx.Done():
		return ctx.Err()
	}
}

// State returns the State of this moment. For each fact that is not known it has the
// reason. The error is ErrNoDesktop, that of a done ctx, or that the display server went
// away meanwhile. State waits for Run.
func (w *Watcher) State(ctx context.Context) (st State, err error) {
	err = w.ask(ctx, func(ctx context.Context, s *session) (err error) {
		st, err = s.state(ctx)
		return err
	})
	return st, err
}

// Desktop returns where the user's desktop is, or ErrNoDesktop. It waits for Run.
func (w *Watcher) Desktop(ctx context.Context) (d Desktop, err error) {
	err = w.ask(ctx, func(_ context.Context, s *session) error {
		d = s.conn.Desktop
		return nil
	})
	return d, err
}

// Wait returns once the display server has answered a question. If the server reads
// devices and questions in one thread, as most do, it has then processed all that its
// devices sent before. Wait waits for Run.
func (w *Watcher) Wait(ctx context.Context) error {
	return w.ask(ctx, func(ctx context.Context, s *session) error { return s.conn.roundTrip(ctx) })
}

// Pressed returns once the display server reports that a key is down. If Released
// returned for that key before, the server has processed every key pressed until now.
// Pressed waits a few seconds for the first key, and for later keys as long as the
// server is stopped. If the server does not report keys, it returns at once. It waits for
// Run.
func (w *Watcher) Pressed(ctx context.Context, c key.Code) error { return w.reported(ctx, c, true) }

// Released returns once the display server reports that a key is up, as Pressed does for
// a key that is down.
func (w *Watcher) Released(ctx context.Context, c key.Code) error { return w.reported(ctx, c, false) }

func (w *Watcher) reported(ctx context.Context, c key.Code, down bool) error {
	return w.ask(ctx, func(ctx context.Context, s *session) error {
		if s.conn.pressed == nil {
			return nil
		}
		return s.conn.pressed(ctx, c, down)
	})
}

// Run answers questions until ctx is done.
func (w *Watcher) Run(ctx context.Context) error {
	s := &session{Watcher: w, ctx: ctx}
	defer s.leave()
	s.running.Go(func() { w.atspi.run(ctx) })
	for {
		select {
		case <-ctx.Done():
			return nil
		case answer := <-w.questions:
			answer(s)
		}
	}
}

// Hint takes Hints from a process. That must be the GNOME Shell that serves the user's
// Wayland socket. They are used until the next, and while that process runs.
func (w *Watcher) Hint(ctx context.Context, pid int, h Hints) error {
	if !w.isShell(ctx, pid) {
		return ErrNotShell
	}
	if w.hints.set(pid, h) {
		w.changed.touch()
	}
	return nil
}

// isShell reports whether a process serves a Wayland socket of the user, and is GNOME Shell.
func (w *Watcher) isShell(ctx context.Context, pid int) bool {
	if pid <= 0 || w.process(pid) != shell {
		return false
	}
	for _, path := range w.waylandSockets([]Desktop{w.Config.Hint}) {
		if owner, ok := listening(ctx, path); ok && owner == pid {
			return true
		}
	}
	return false
}

// Password reports whether a password field has the focus, as far as GNOME Shell and the
// accessibility bus say.
func (w *Watcher) Password() bool { return w.hinted().Password || w.atspi.password() }

// WatchAccessibility sets whether the accessibility bus is asked for password fields. At
// first it is not. The call waits for nothing. One goroutine at a time may call it.
func (w *Watcher) WatchAccessibility(on bool) { w.atspi.turn(on) }

// Overlay reports whether the desktop shows the overlay itself, as far as it says.
func (w *Watcher) Overlay() bool { return w.hinted().Overlay }

// hinted returns the newest Hints, zero if their process has ended.
func (w *Watcher) hinted() Hints {
	pid, h := w.hints.of()
	if pid == 0 || w.process(pid) != shell {
		return Hints{}
	}
	return h
}
