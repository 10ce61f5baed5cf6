package clipboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/inject/desktop"
)

const (
	// displayLimit is how long a display may take to answer.
	displayLimit = 2 * time.Second
	// quietTime without a question means that all programs know what is offered.
	quietTime = 40 * time.Millisecond
	// settleLimit is how long that may take.
	settleLimit = 2 * time.Second
	// readLimit is how long the window that gets the chord may take to read the text. A
	// busy browser took seconds. A text that is called unread too early is pasted twice: by
	// the window, and by the user.
	readLimit = 5 * time.Second
	// managerReadLimit is how long the window may take after another program that may be a
	// clipboard manager has read the text.
	managerReadLimit = 700 * time.Millisecond
	// secondReadLimit is how long a second read may come after a read. Some programs read
	// twice.
	secondReadLimit = 300 * time.Millisecond
)

// A session is a Clipboard at work. It belongs to Run.
type session struct {
	*Clipboard
	events  chan event
	running sync.WaitGroup
	idle    []chan<- struct{} // of Wait; closed when nothing of ours is left

	owner   selectionOwner // nil while not connected
	display desktop.Desktop
	stop    context.CancelFunc
	gone    <-chan struct{} // closed when the connection has ended
	serial  int
	reader  uint32 // the program that read last, 0 if the display does not report it
	kept    bool   // a selection keeps the text of a failure, about which a stopped caller tells nothing
}

// join connects to the display in use, unless it is connected to it already.
// The connection lasts until run is done.
func (s *session) join(run, ctx context.Context) error {
	d, err := s.where(ctx)
	if err != nil {
		return err
	}
	if s.owner != nil && d == s.display {
		return nil
	}
	s.leave()
	var failed []error
	for _, open := range s.openers(d) {
		err := s.enter(run, ctx, open)
		if err == nil {
			s.display = d
			return nil
		}
		failed = append(failed, err)
	}
	return cmp.Or(errors.Join(failed...), errNoDisplay)
}

// enter connects by one opener.
func (s *session) enter(run, ctx context.Context, open opener) error {
	ctx, cancel := context.WithTimeout(ctx, displayLimit)
	defer cancel()
	at, err := open(ctx, s.events)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(run)
	gone := make(chan struct{})
	s.running.Go(func() {
		defer close(gone)
		_ = at.run(running) // only its end matters; the next call fails with the reason
	})
	if err := at.start(ctx); err != nil {
		stop()
		<-gone
		return fmt.Errorf("start: %w", err)
	}
	s.owner, s.stop, s.gone = at, stop, gone
	return nil
}

// leave disconnects.
func (s *session) leave() {
	if s.owner == nil {
		return
	}
	s.stop()
	s.running.Wait()
	s.owner, s.gone = nil, nil
}

// rest disconnects if nothing of ours is left, and ends every Wait.
func (s *session) rest() {
	if s.owner != nil && s.owns() {
		return
	}
	s.leave()
	for _, idle := range s.idle {
		close(idle)
	}
	s.idle = nil
}

// owns reports whether a selection holds what we offered.
func (s *session) owns() bool { return s.owner.owned(clipboard) || s.owner.owned(primary) }

// A saved is what a selection held, if that is known.
type saved struct {
	content content
	known   bool
}

// paste implements Paste. run is the ctx of Run, until that of the caller.
func (s *session) paste(run, until context.Context, text string, chord func(context.Context) error) (wasRead, restored bool, err error) {
	ctx, cancel := context.WithCancel(until)
	defer cancel()
	defer context.AfterFunc(run, cancel)()
	if err := s.join(run, ctx); err != nil {
		return false, true, fmt.Errorf("open the clipboard: %w", err)
	}
	old, done, err := s.offer(run, ctx, text)
	if err != nil {
		return false, false, err
	}
	if err := chord(ctx); err != nil {
		if ctx.Err() == nil { // the keyboard may have failed after the key: the window must not get the old text
			s.awaitRead(run, secondReadLimit, done)
		}
		return false, false, s.undo(run, old, text, err)
	}
	pressed := time.Now()
	if !s.awaitRead(run, readLimit, done) {
		switch {
		case !s.connected(run):
			return false, false, errGone
		case !s.owner.owned(clipboard) && !s.holds(run, clipboard, text):
			return false, false, s.undo(run, old, text, errTaken)
		}
		return false, false, nil // a program that took it over with the same text serves it
	}
	s.awaitMore(run, pressed)
	restored = s.restore(run, old, text) && !s.kept
	s.kept = false
	return true, restored, nil
}

// undo puts back what the selections held after a failure, and returns the failure. The
// error says so if a selection keeps the text.
func (s *session) undo(run context.Context, old [len(both)]saved, text string, failure error) error {
	if !s.connected(run) || s.restore(run, old, text) {
		return failure
	}
	s.kept = true
	return fmt.Errorf("%w; %w", failure, errKept)
}

// offer saves what the selections hold and offers a text in both. It returns once all
// programs know what is offered. If another program takes a selection before that, the
// user has copied something. The window must not paste that, and it must not be lost. So
// offer begins again. With an error it has put back what the selections held.
func (s *session) offer(run, ctx context.Context, text string) (old [len(both)]saved, done readers, err error) {
	const tries = 3
	for range tries {
		if old, err = s.save(ctx); err != nil {
			return old, done, err
		}
		if done, err = s.offerOnce(run, ctx, text); err == nil {
			break
		}
		if err = s.undo(run, old, text, err); !errors.Is(err, errTaken) || errors.Is(err, errKept) {
			break
		}
	}
	return old, done, err
}

func (s *session) offerOnce(run, ctx context.Context, text string) (done readers, err error) {
	s.serial++
	for _, sel := range both {
		if err := s.own(ctx, sel, textContent(text)); err != nil {
			return done, fmt.Errorf("own the clipboard: %w", err)
		}
	}
	if done, err = s.settle(ctx); err != nil {
		return done, err
	}
	for _, sel := range both {
		if s.owner.owned(sel) {
			continue
		}
		// A manager may have taken over the text. A display may have no primary selection.
		if c, err := s.load(run, sel); err != nil || c != nil && !c.has(text) {
			return done, errTaken
		}
	}
	return done, nil
}

// awaitMore waits until no further read is probable. If the display does not report who
// reads, the first read may be that of a slow clipboard manager. Then the text stays for as
// long as a window may take.
func (s *session) awaitMore(run context.Context, pressed time.Time) {
	least := pressed
	if s.reader == 0 && !s.owner.indirect() {
		least = pressed.Add(managerReadLimit)
	}
	for end := time.Now().Add(displayLimit); time.Now().Before(end); {
		if !s.awaitRead(run, max(secondReadLimit, time.Until(least)), readers{}) {
			return
		}
	}
}

// holds reports whether a selection that is not ours offers a text.
func (s *session) holds(ctx context.Context, sel selection, text string) bool {
	c, err := s.load(ctx, sel)
	return err == nil && c.has(text)
}

// save returns what the selections hold. What the user copies meanwhile counts. An error
// is that of ctx.
func (s *session) save(ctx context.Context) (old [len(both)]saved, err error) {
	const tries = 3
	for range tries {
		for _, sel := range both {
			c, err := s.load(ctx, sel)
			old[sel] = saved{c, err == nil} // what could not be loaded is not put back
		}
		if !s.owner.changed(ctx, clipboard) && !s.owner.changed(ctx, primary) {
			break
		}
	}
	return old, ctx.Err()
}

// load returns what a selection holds. Its owner may start a program for each form, as
// wl-copy does, so the limit is for one form. All forms have maxForms of it at most.
func (s *session) load(ctx context.Context, sel selection) (content, error) {
	const maxForms = 5
	ctx, cancel := context.WithTimeout(ctx, maxForms*s.saveLimit)
	defer cancel()
	late := time.AfterFunc(s.saveLimit, cancel)
	defer late.Stop()
	return s.owner.load(ctx, sel, func() { late.Reset(s.saveLimit) })
}

func (s *session) own(ctx context.Context, sel selection, c content) error {
	ctx, cancel := context.WithTimeout(ctx, displayLimit)
	defer cancel()
	return s.owner.own(ctx, sel, c, s.serial)
}

// restore puts back what is known, unless another program has offered something since. It
// reports whether no selection is left with the text.
func (s *session) restore(ctx context.Context, old [len(both)]saved, text string) bool {
	s.serial++
	restored := true
	for _, sel := range both {
		switch ours := s.owner.owned(sel); {
		case ours && old[sel].known:
			restored = s.own(ctx, sel, old[sel].content) == nil && restored
		case ours || s.holds(ctx, sel, text):
			restored = false
		}
	}
	return restored
}

// readers are the programs that have the text before a window gets the chord.
type readers struct {
	before    map[uint32]bool // those that read it
	shellRead bool            // GNOME Shell has yet to read it for itself
}

// settle waits until all programs know what is offered. Clipboard managers read at once,
// before the window gets the chord. GNOME Shell reads every text that is copied, by the
// same process by which it reads for windows. Once the shell has read the text, the next
// read is the window's.
func (s *session) settle(ctx context.Context) (readers, error) {
	before := map[uint32]bool{}
	var known [len(both)]bool
	kept := false // by the shell
	limit := time.NewTimer(settleLimit)
	defer limit.Stop()
	still := time.NewTimer(quietTime)
	defer still.Stop()
	for {
		select {
		case ev := <-s.events:
			if ev.serial != s.serial || ev.kind == lost {
				continue
			}
			before[ev.by] = ev.by != 0 && ev.kind == read && !s.owner.indirect()
			known[ev.selection] = true
			kept = kept || ev.kind == read && ev.selection == clipboard
			still.Reset(quietTime)
		case <-still.C:
			if !s.owner.indirect() || kept && known[primary] {
				return readers{before: before}, nil
			}
		case <-limit.C:
			if s.owner.indirect() && !known[clipboard] {
				return readers{}, errIgnored
			}
			return readers{before, s.owner.indirect() && !kept}, nil
		case <-s.gone:
			return readers{}, errGone
		case <-ctx.Done():
			return readers{}, ctx.Err()
		}
	}
}

// awaitRead waits until a program reads the text that is not among the readers before, and
// reports whether that happened in time.
func (s *session) awaitRead(ctx context.Context, limit time.Duration, done readers) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case ev := <-s.events:
			if ev.serial != s.serial {
				continue
			}
			switch {
			case ev.kind != read || done.before[ev.by]:
			case done.shellRead && ev.selection == clipboard:
				done.shellRead = false
			default:
				s.reader = ev.by
				return true
			}
			if !s.owns() {
				return false
			}
		case <-timer.C:
			return false
		case <-s.gone:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// connected reports whether the display is there and Run goes on.
func (s *session) connected(ctx context.Context) bool {
	select {
	case <-s.gone:
		return false
	default:
		return ctx.Err() == nil
	}
}
