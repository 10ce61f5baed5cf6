package clipboard

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// How long things take. The display is given patience. What was offered has arrived everywhere when no program has
// asked for it for quiet, at most after settling. The window that gets the chord
// pastes within answering or not at all, through another program within
// relayed, and has read a second time, as some programs do, within afterwards.
const (
	patience   = 2 * time.Second
	quiet      = 40 * time.Millisecond
	settling   = 2 * time.Second
	answering  = 700 * time.Millisecond
	relayed    = 2 * time.Second // 1 s was seen with GNOME on an emulated processor
	afterwards = 300 * time.Millisecond
)

// A session is a Clipboard at work. It belongs to Run.
type session struct {
	*Clipboard
	events  chan event
	running sync.WaitGroup
	idle    []chan<- struct{}

	owner   selectionOwner // nil while not connected
	display Display
	stop    context.CancelFunc
	gone    <-chan struct{} // closed when the connection has ended
	serial  int
}

// join connects to the display of the moment, unless it is that one already.
// The connection lasts until run is done.
func (h *session) join(run, ctx context.Context) error {
	d, err := h.where(ctx)
	if err != nil {
		return err
	}
	if h.owner != nil && d == h.display {
		return nil
	}
	h.leave()
	err = errNoDisplay
	for i, open := range h.openers(d) {
		failed := h.enter(run, ctx, open)
		if failed == nil {
			h.display = d
			return nil
		}
		if i == 0 {
			err = failed
		} else {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// enter connects by one opener.
func (h *session) enter(run, ctx context.Context, open opener) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	at, err := open(ctx, h.events)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(run)
	gone := make(chan struct{})
	h.running.Go(func() {
		defer close(gone)
		_ = at.run(running) // its end is all that matters, and what fails then tells why
	})
	if err := at.start(ctx); err != nil {
		stop()
		<-gone
		return fmt.Errorf("start: %w", err)
	}
	h.owner, h.stop, h.gone = at, stop, gone
	return nil
}

// leave disconnects.
func (h *session) leave() {
	if h.owner == nil {
		return
	}
	h.stop()
	h.running.Wait()
	h.owner, h.gone = nil, nil
}

// rest disconnects if nothing of ours is left, and says so to those who wait
// for that.
func (h *session) rest() {
	if h.owner != nil && (h.owner.owned(clipboard) || h.owner.owned(primary)) {
		return
	}
	h.leave()
	for _, idle := range h.idle {
		idle <- struct{}{}
	}
	h.idle = nil
}

// A saved is what a selection held, if that is known.
type saved struct {
	content content
	known   bool
}

// paste does what Paste promises. run is the ctx of Run, until that of the
// caller.
func (h *session) paste(run, until context.Context, text string, chord func(context.Context) error) (wasRead bool, err error) {
	ctx, cancel := context.WithCancel(until)
	defer cancel()
	defer context.AfterFunc(run, cancel)()
	if err := h.join(run, ctx); err != nil {
		return false, fmt.Errorf("open the clipboard: %w", err)
	}
	old := h.save(ctx)
	h.serial++
	for _, s := range both {
		if err := h.own(ctx, s, textContent(text)); err != nil {
			h.restore(run, old)
			return false, fmt.Errorf("own the clipboard: %w", err)
		}
	}
	done, err := h.settle(ctx)
	if err == nil {
		err = chord(ctx)
	}
	if err != nil {
		h.restore(run, old)
		return false, err
	}
	limit := answering
	if h.owner.indirect() {
		limit = relayed
	}
	if !h.awaitRead(run, limit, done) {
		switch {
		case !h.connected(run):
			return false, errGone
		case !h.owner.owned(clipboard) && !h.owner.owned(primary):
			return false, errTaken
		}
		return false, nil
	}
	for end := time.Now().Add(patience); time.Now().Before(end) && h.awaitRead(run, afterwards, settled{}); {
	}
	h.restore(run, old)
	return true, nil
}

// save returns what the selections hold.
func (h *session) save(ctx context.Context) (old [len(both)]saved) {
	for _, s := range both {
		ctx, cancel := context.WithTimeout(ctx, h.saves)
		c, err := h.owner.load(ctx, s)
		cancel()
		old[s] = saved{c, err == nil} // what cannot be had is not put back
	}
	return old
}

func (h *session) own(ctx context.Context, s selection, c content) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return h.owner.own(ctx, s, c, h.serial)
}

// restore puts back what is known, unless another program has offered something
// since. It fails only with the connection, and then there is nothing to be
// done.
func (h *session) restore(ctx context.Context, old [len(both)]saved) {
	h.serial++
	for _, s := range both {
		if old[s].known && h.owner.owned(s) {
			_ = h.own(ctx, s, old[s].content)
		}
	}
}

// A settled says which programs have the text before a window gets the chord.
type settled struct {
	before map[uint32]bool // who read it
	owed   bool            // the shell will read it for itself
}

// settle waits until what is offered is known everywhere. Clipboard managers
// ask at once and are done then, and are not the window that will be told to
// paste. GNOME Shell reads every text that is copied, by the same process by which it
// reads for windows: not before that has happened is the next read that of the
// window.
func (h *session) settle(ctx context.Context) (settled, error) {
	before := map[uint32]bool{}
	var known [len(both)]bool
	kept := false // by the shell
	limit := time.NewTimer(settling)
	defer limit.Stop()
	still := time.NewTimer(quiet)
	defer still.Stop()
	for {
		select {
		case ev := <-h.events:
			if ev.serial != h.serial || ev.kind == lost {
				continue
			}
			before[ev.by] = ev.by != 0 && ev.kind == read && !h.owner.indirect()
			known[ev.selection] = true
			kept = kept || ev.kind == read && ev.selection == clipboard
			still.Reset(quiet)
		case <-still.C:
			if !h.owner.indirect() || kept && known[primary] {
				return settled{before: before}, nil
			}
		case <-limit.C:
			if h.owner.indirect() && !known[clipboard] {
				return settled{}, errIgnored
			}
			return settled{before, h.owner.indirect() && !kept}, nil
		case <-h.gone:
			return settled{}, errGone
		case <-ctx.Done():
			return settled{}, ctx.Err()
		}
	}
}

// awaitRead waits until a program that had not settled with the text has read it,
// and reports whether that happened in time.
func (h *session) awaitRead(ctx context.Context, limit time.Duration, done settled) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		select {
		case ev := <-h.events:
			if ev.serial != h.serial {
				continue
			}
			switch {
			case ev.kind != read || done.before[ev.by]:
			case done.owed && ev.selection == clipboard:
				done.owed = false
			default:
				return true
			}
			if !h.owner.owned(clipboard) && !h.owner.owned(primary) {
				return false
			}
		case <-timer.C:
			return false
		case <-h.gone:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// connected reports whether the display is there, and we are.
func (h *session) connected(ctx context.Context) bool {
	select {
	case <-h.gone:
		return false
	default:
		return ctx.Err() == nil
	}
}
