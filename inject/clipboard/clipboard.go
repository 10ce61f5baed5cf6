// Package clipboard delivers a text by the clipboard: it offers the text in both
// selections, has the focused window ask for it, sees whether it did, and puts
// back what was there. That time has passed is never taken for success.
package clipboard

import (
	"context"
	"errors"
	"time"
)

// A Display says where the selections of a desktop are kept.
type Display struct {
	Wayland   string // path of the compositor's socket; empty for none
	X11       string // such as ":0"; next to Wayland it is Xwayland's; empty for none
	Authority string // the file with the cookie for X11; empty for none
}

// A Clipboard pastes on the display of the moment. It works while Run runs, is
// connected only while it offers something, and may be used from several
// goroutines.
type Clipboard struct {
	where   func(context.Context) (Display, error)
	openers func(Display) []opener
	saves   time.Duration                              // how long the owner of a selection has to hand it over
	jobs    chan func(ctx context.Context, h *session) // in the goroutine of Run, with its ctx
	waits   chan chan<- struct{}
}

// New returns a Clipboard that asks where for the display before each text.
func New(where func(context.Context) (Display, error)) *Clipboard {
	return &Clipboard{where: where, openers: openers, saves: time.Second, jobs: make(chan func(context.Context, *session)), waits: make(chan chan<- struct{})}
}

// An opener connects to the selections of a display.
type opener func(ctx context.Context, events chan<- event) (selectionOwner, error)

func openers(d Display) (all []opener) {
	if d.Wayland != "" {
		all = append(all, dataControlOpener(d))
	}
	if d.X11 != "" {
		all = append(all, x11Opener(d))
	}
	return all
}

// A selectionOwner keeps both selections of a display. Its methods but run are called by
// one goroutine; they need run to be running, which tells events.
type selectionOwner interface {
	run(ctx context.Context) error
	start(ctx context.Context) error

	// load returns what a selection holds, nil for nothing.
	load(ctx context.Context, s selection) (content, error)
	// own offers a content to all programs; nil ends the offer. Events about it bear
	// the serial.
	own(ctx context.Context, s selection, c content, serial int) error
	// owned reports whether what was offered last is what the selection holds.
	owned(s selection) bool
	// indirect reports whether another program stands between the selections
	// and the windows, and asks for the forms before it offers the content.
	indirect() bool
}

// An event is something that happened to what is offered.
type event struct {
	kind      eventKind
	selection selection
	serial    int
	by        uint32 // who, 0 if the display does not tell
}

type eventKind uint8

const (
	lost  eventKind = iota // another program offers something
	asked                  // a program wants to know the forms
	read                   // a program has got the text
)

// Paste offers text in both selections, calls chord once, which has to make the
// focused window ask for it, and reports whether it was read after that. If it
// was, the selections hold again what they held, or the text if that could not
// be saved: it was too much, or its owner did not answer. If it was not, they go
// on holding the text. With an error nothing was delivered, and they hold what
// they held. A ctx that is done before the chord is an error; after it, it has
// no effect. Paste waits for Run.
func (c *Clipboard) Paste(ctx context.Context, text string, chord func(context.Context) error) (bool, error) {
	done := make(chan struct{})
	var read bool
	var err error
	job := func(run context.Context, h *session) {
		defer close(done)
		read, err = h.paste(run, ctx, text, chord)
	}
	select {
	case c.jobs <- job:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	<-done // Run has it and always answers, soon once ctx is done
	return read, err
}

// Check returns why nothing could be pasted at this moment, or nil. It changes
// nothing and waits for Run.
func (c *Clipboard) Check(ctx context.Context) error {
	done := make(chan error, 1)
	job := func(run context.Context, h *session) { done <- h.join(run, ctx) }
	select {
	case c.jobs <- job:
		return <-done
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wait returns once the selections hold nothing of ours: Run may end then, and
// no program misses anything. It waits for Run.
func (c *Clipboard) Wait(ctx context.Context) error {
	idle := make(chan struct{}, 1)
	select {
	case c.waits <- idle:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run serves those who ask for what is offered, until ctx is done. What is
// offered then is gone.
func (c *Clipboard) Run(ctx context.Context) error {
	h := &session{Clipboard: c, events: make(chan event, 64)}
	defer h.leave()
	for {
		select {
		case <-ctx.Done():
			return nil
		case job := <-c.jobs:
			job(ctx, h)
		case idle := <-c.waits:
			h.idle = append(h.idle, idle)
		case <-h.events:
		case <-h.gone:
			h.leave()
		}
		h.rest()
	}
}

var (
	errNoDisplay = errors.New("there is no display with a clipboard")
	errTaken     = errors.New("another program took the clipboard")
	errGone      = errors.New("the display went away")
	errIgnored   = errors.New("the compositor does not take over what X11 programs offer")
)
