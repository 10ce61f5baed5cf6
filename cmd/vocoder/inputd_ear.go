package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// A distantEar hears the bound keys through the helper.
type distantEar struct {
	d        *inputd
	bindings []evdev.Binding
	changed  func(evdev.Status, error) // with why nothing is heard, if so

	events chan<- key.Event
	end    <-chan struct{} // closed when nobody listens any more
	serial uint8
	mu     sync.Mutex
	held   map[int]bool
}

// Run implements ear as evdev.Ear does.
func (e *distantEar) Run(ctx context.Context, events chan<- key.Event) error {
	d := e.d
	if !helperproto.Fits(e.wanted()) {
		return errors.New("more keys are bound than vocoder-inputd listens for")
	}
	e.events, e.end, e.held = events, ctx.Done(), map[int]bool{}
	d.mu.Lock()
	d.serial++
	e.serial, d.ear = d.serial, e
	d.mu.Unlock()
	_ = d.listenAgain(ctx) // without a connection it is done when there is one
	<-ctx.Done()
	d.mu.Lock()
	if d.ear == e {
		d.ear = nil
	}
	d.mu.Unlock()
	return nil
}

// Alive waits until what the helper said last has been passed on.
func (e *distantEar) Alive(ctx context.Context) error {
	select {
	case e.d.passing <- struct{}{}:
		<-e.d.passing
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// listenAgain has the helper listen for what is to be heard now.
func (d *inputd) listenAgain(ctx context.Context) error {
	e := d.listening()
	if e == nil {
		return nil
	}
	return d.call(ctx, helperproto.Request{Kind: helperproto.Bind, Serial: e.serial, Bindings: e.wanted()})
}

// wanted are the bindings in the words of the helper.
func (e *distantEar) wanted() (all []helperproto.Binding) {
	for _, b := range e.bindings {
		all = append(all, helperproto.Binding{Keys: b.Keys, Device: b.Device, Grab: b.Grab})
	}
	return all
}

// publish tells how the helper stands, as evdev.Ear does.
func (e *distantEar) publish(s helperproto.State) {
	if e == nil || s.Serial != e.serial {
		return
	}
	var status evdev.Status
	for i := range e.bindings {
		if s.Missing&(1<<i) != 0 {
			status.Missing = append(status.Missing, i)
		}
	}
	var err error
	if s.Refused != 0 {
		err = helperproto.NotAllowed
	}
	e.changed(status, err)
}

// hold passes on one end of a hold.
func (e *distantEar) hold(ctx context.Context, h helperproto.Hold) {
	if e == nil || h.Serial != e.serial || int(h.Binding) >= len(e.bindings) {
		return
	}
	e.mu.Lock()
	again := e.held[int(h.Binding)] == h.Down
	e.held[int(h.Binding)] = h.Down
	e.mu.Unlock()
	if !again {
		e.send(ctx, key.Event{Binding: int(h.Binding), Down: h.Down, At: at(h.At), Cause: h.Cause})
	}
}

// gone ends what is held.
func (e *distantEar) gone(ctx context.Context) {
	if e == nil {
		return
	}
	for i := range e.bindings {
		e.mu.Lock()
		held := e.held[i]
		e.held[i] = false
		e.mu.Unlock()
		if held {
			e.send(ctx, key.Event{Binding: i, At: time.Now(), Cause: key.Gone})
		}
	}
}

func (e *distantEar) send(ctx context.Context, ev key.Event) {
	select {
	case e.events <- ev:
	case <-e.end:
	case <-ctx.Done():
	}
}

// at returns a time of CLOCK_MONOTONIC as one of day.
func at(t time.Duration) time.Time {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic("vocoder: no monotonic clock: " + err.Error())
	}
	return time.Now().Add(t - time.Duration(now.Nano()))
}
