// Package clipboard delivers a text by the clipboard. It offers the text in both
// selections, makes the focused window ask for it, checks whether the window did, and puts
// back what was there. It never infers success from time that has passed.
package clipboard

import (
	"context"
	"errors"
	"time"

	"github.com/arealicehole/vocoder/inject/desktop"
)

// A Clipboard pastes on the display in use. It works while Run runs, and is connected
// only while it offers something. It is safe for concurrent use.
type Clipboard struct {
	where     func(context.Context) (desktop.Desktop, error)
	openers   func(desktop.Desktop) []opener
	saveLimit time.Duration                              // how long the owner of a selection may take to send one form of it
	jobs      chan func(ctx context.Context, s *session) // run in the goroutine of Run, with its ctx
}

// New returns a Clipboard that calls where for the display before each text.
func New(where func(context.Context) (desktop.Desktop, error)) *Clipboard {
	return &Clipboard{where: where, openers: openers, saveLimit: time.Second, jobs: make(chan func(context.Context, *session))}
}

// An opener connects to the selections of a display.
type opener func(ctx context.Context, events chan<- event) (selectionOwner, error)

func openers(d desktop.Desktop) (all []opener) {
	if d.Wayland != "" {
		all = append(all, dataControlOpener(d))
	}
	if d.X11 != "" {
		all = append(all, x11Opener(d))
	}
	return all
}

// A selectionOwner owns both selections of a display. One goroutine calls its methods,
// except run, which must be running meanwhile and sends events.
type selectionOwner interface {
	run(ctx context.Context) error
	start(ctx context.Context) error

	// load returns what a selection holds, nil for nothing. It calls next after each form.
	load(ctx context.Context, s selection, next func()) (content, error)
	// changed reports whether a selection holds something else than load returned last.
	changed(ctx context.Context, s selection) bool
	// own offers a content to all programs; nil ends the offer. Events about it have
	// the serial.
	own(ctx context.Context, s selection, c content, serial int) error
	// owned reports whether the selection holds what was offered last.
	owned(s selection) bool
	// indirect reports whether another program is between the selections and the
	// windows, and asks for the forms before it offers the content.
	indirect() bool
}

// An event is something that happened to what is offered.
type event struct {
	kind      eventKind
	selection selection
	serial    int
	by        uint32 // the program, 0 if the display does not report it
}

type eventKind uint8

const (
	lost  eventKind = iota // another program offers something
	asked                  // a program asked for the forms
	read                   // a program has got the text
)

// do runs a job in the goroutine of Run and returns its error.
func (c *Clipboard) do(ctx context.Context, job func(run context.Context, s *session) error) error {
	done := make(chan error, 1)
	select {
	case c.jobs <- func(run context.Context, s *session) { done <- job(run, s) }:
		return <-done // Run does every job, and soon if ctx is done
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Paste offers text in both selections and calls chord once, which must make the focused
// window ask for it. It reports whether a program read the text after that. If one did,
// the selections hold again what they held, and restored is true. They keep the text if
// what they held could not be saved because it was too long or its owner did not answer, or
// if a clipboard manager has taken over the text. If no program read the text, they keep it
// too. With an error nothing was delivered. Then they hold what they held, or the error
// says that they keep the text. What the user copies meanwhile stays. A ctx that is done
// before the chord is an error; after the chord it has no effect. Paste waits for Run.
func (c *Clipboard) Paste(ctx context.Context, text string, chord func(context.Context) error) (read, restored bool, err error) {
	err = c.do(ctx, func(run context.Context, s *session) (err error) {
		read, restored, err = s.paste(run, ctx, text, chord)
		return err
	})
	return read, restored, err
}

// Check returns why nothing could be pasted now, or nil. It changes nothing and waits for
// Run.
func (c *Clipboard) Check(ctx context.Context) error {
	return c.do(ctx, func(run context.Context, s *session) error { return s.join(run, ctx) })
}

// Wait returns once the selections hold nothing of ours. Then Run may end, and no program
// misses anything. It waits for Run.
func (c *Clipboard) Wait(ctx context.Context) error {
	idle := make(chan struct{})
	err := c.do(ctx, func(_ context.Context, s *session) error {
		s.idle = append(s.idle, idle)
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run sends what is offered to the programs that ask, until ctx is done. The offer ends
// then.
func (c *Clipboard) Run(ctx context.Context) error {
	s := &session{Clipboard: c, events: make(chan event, 64)}
	defer s.leave()
	for {
		select {
		case <-ctx.Done():
			return nil
		case job := <-c.jobs:
			job(ctx, s)
		case <-s.events:
		case <-s.gone:
			s.leave()
		}
		s.rest()
	}
}

var (
	errNoDisplay = errors.New("there is no display with a clipboard")
	errTaken     = errors.New("another program took the clipboard")
	errGone      = errors.New("the display went away")
	errKept      = errors.New("the clipboard keeps the text: what it held could not be saved")
	errIgnored   = errors.New("the compositor does not take over what X11 programs offer")
)
