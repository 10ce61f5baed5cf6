package helper

import (
	"context"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A Listener listens to the bound keys through the helper, as evdev.Listener does
// through the devices.
type Listener struct {
	client   *Client
	bindings []evdev.Binding
	changed  func(evdev.Status, error)

	// Run sets these before the client knows the listener. Then only Client.Run uses held.
	events chan<- key.Event
	done   <-chan struct{} // closed when Run ends
	serial uint8
	held   map[int]bool // by binding
}

// Listener returns a listener to the bound keys. It calls changed with the state of
// the devices, or with the reason why the helper does not listen.
func (c *Client) Listener(bindings []evdev.Binding, changed func(evdev.Status, error)) *Listener {
	return &Listener{client: c, bindings: bindings, changed: changed}
}

// Run sends the presses and releases of the bound keys until ctx is done. Only one
// listener of a client can run.
func (l *Listener) Run(ctx context.Context, events chan<- key.Event) error {
	c := l.client
	if !helperproto.Fits(wanted(l.bindings)) {
		return errManyKeys // CheckKeys says which
	}
	l.events, l.done, l.held = events, ctx.Done(), map[int]bool{}
	c.mu.Lock()
	c.serial++
	l.serial, c.listener = c.serial, l
	c.mu.Unlock()
	_ = c.bind(ctx) // without a connection, connect does it
	<-ctx.Done()
	c.mu.Lock()
	if c.listener == l {
		c.listener = nil
	}
	c.mu.Unlock()
	return nil
}

// Alive waits until the last report of the helper is delivered.
func (l *Listener) Alive(ctx context.Context) error {
	select {
	case l.client.delivery <- struct{}{}:
		<-l.client.delivery
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// bind asks the helper to listen to the keys of the current listener.
func (c *Client) bind(ctx context.Context) error {
	l := c.currentListener()
	if l == nil {
		return nil
	}
	return c.call(ctx, helperproto.Request{Kind: helperproto.Bind, Serial: l.serial, Bindings: wanted(l.bindings)})
}

// setState reports the state of the devices.
func (l *Listener) setState(s helperproto.State) {
	if l == nil || s.Serial != l.serial {
		return
	}
	var status evdev.Status
	for i := range l.bindings {
		if s.Missing&(1<<i) != 0 {
			status.Missing = append(status.Missing, i)
		}
	}
	var err error
	if s.Refused != 0 {
		err = helperproto.NotAllowed
	}
	l.changed(status, err)
}

// hold sends the beginning or the end of a hold.
func (l *Listener) hold(ctx context.Context, h helperproto.Hold) {
	if l == nil || h.Serial != l.serial || int(h.Binding) >= len(l.bindings) {
		return
	}
	if binding := int(h.Binding); l.held[binding] != h.Down {
		l.held[binding] = h.Down
		l.send(ctx, key.Event{Binding: binding, Down: h.Down, At: clock.FromMonotonic(h.At), Cause: h.Cause})
	}
}

// releaseAll ends every hold, because the connection ended.
func (l *Listener) releaseAll(ctx context.Context) {
	if l == nil {
		return
	}
	for i := range l.bindings {
		if l.held[i] {
			l.held[i] = false
			l.send(ctx, key.Event{Binding: i, At: time.Now(), Cause: key.Gone})
		}
	}
}

// send sends an event, unless Run or ctx ends first.
func (l *Listener) send(ctx context.Context, ev key.Event) {
	select {
	case l.events <- ev:
	case <-l.done:
	case <-ctx.Done():
	}
}
