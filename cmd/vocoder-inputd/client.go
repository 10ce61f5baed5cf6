package main

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A stage says which requests of a client are legal.
type stage uint8

const (
	connected stage = iota // has not sent Hello
	idle                   // may not type
	waiting                // for the physical keys to be up, to type after that
	granted                // may type, and holds no key down
	pressing               // may type, and holds keys down
	revoked                // may not type any more, and may not know it yet
)

// legal has the requests that are legal at each stage. Any other ends the
// connection. While the client waits for the answer to Ready, none is legal.
var legal = [...][]helperproto.Kind{
	connected: {helperproto.Hello},
	idle:      {helperproto.Bind, helperproto.Ready, helperproto.End},
	waiting:   {},
	granted:   {helperproto.Bind, helperproto.Ready, helperproto.Down, helperproto.Tap, helperproto.End},
	pressing:  {helperproto.Bind, helperproto.Down, helperproto.Up, helperproto.Tap, helperproto.End},
	revoked:   {helperproto.Bind, helperproto.Ready, helperproto.Down, helperproto.Up, helperproto.Tap, helperproto.End},
}

const (
	// keysUpTimeout limits how long Ready waits for the physical keys.
	keysUpTimeout = 3 * time.Second

	// keyHeldLimit limits how long a client holds down a key that writes. One
	// that holds it longer is considered hung; typing takes milliseconds.
	keyHeldLimit = time.Second

	// typingIdleLimit limits how long a client that may type makes no request,
	// also with a modifier down.
	typingIdleLimit = 30 * time.Second

	// sendTimeout limits how long a report waits for the client to read.
	sendTimeout = time.Second

	requestRate  = 1000        // requests a second
	requestBurst = time.Second // so much of them at once

	// The pauses before the devices are tried again after an error. Each is twice
	// as long as the one before, until there was no error for maxListenPause.
	minListenPause = time.Second
	maxListenPause = time.Minute
)

var (
	errIllegal = errors.New("a request that is not legal now")
	errTooMany = errors.New("too many requests")
	errEvicted = errors.New("a user at the machine needs the place")
)

// A client is one connected daemon. Its fields belong to the goroutine of run.
type client struct {
	server *server
	conn   *net.UnixConn
	uid    int
	wake   chan struct{} // has run check the session; has room for one
	probes chan struct{} // received by run, which proves that it is not blocked
	done   chan struct{} // closed when run returns

	evicted chan struct{}      // closed by presence, which needs the place
	missed  helperproto.Reason // belongs to presence: why the user was absent since absenceOf

	stage     stage
	reason    helperproto.Reason // why it is revoked
	budget    keyBudget
	rateUntil time.Time   // when the requests so far are within the rate
	limit     *time.Timer // revokes the permission to type

	serial   uint8           // of the last Bind
	refused  uint8           // a bit for each binding in the Bind that was not allowed
	numbers  []uint8         // of the allowed bindings in the Bind
	bindings []evdev.Binding // the allowed ones
	holds    map[int]time.Time
	listener listener
	failed   time.Time     // when the listener last ended by an error
	pause    time.Duration // after that; 0: there was no error
	relisten *time.Timer   // the end of the pause
	status   evdev.Status
	sent     *helperproto.State // the last one; nil: none since the last Bind

	physical physicalKeys // open while typing is permitted
	ready    chan readyResult
	wg       sync.WaitGroup
}

// A listener listens for a client's bindings. The zero value listens for none.
type listener struct {
	stop   context.CancelFunc
	done   chan struct{} // closed when it has ended, also by an error
	events chan key.Event
	status chan evdev.Status
	began  time.Time
}

// A readyResult is the result of waiting for the physical keys.
type readyResult struct {
	physical physicalKeys // may be nil
	reason   helperproto.Reason
}

func newClient(s *server, conn *net.UnixConn, uid int) *client {
	return &client{server: s, conn: conn, uid: uid, wake: make(chan struct{}, 1), probes: make(chan struct{}),
		done: make(chan struct{}), evicted: make(chan struct{}), ready: make(chan readyResult), holds: map[int]time.Time{}}
}

// run serves the client until it disconnects, breaks the protocol, or ctx is
// done. When it returns, all keys that the client held down are up.
func (c *client) run(ctx context.Context) error {
	defer close(c.done)
	ctx, cancel := context.WithCancel(ctx)
	c.limit = time.NewTimer(typingIdleLimit)
	c.limit.Stop()
	c.relisten = time.NewTimer(maxListenPause)
	c.relisten.Stop()
	requests, failed := make(chan helperproto.Request), make(chan error, 1)
	c.wg.Go(func() { failed <- c.read(ctx, requests) })
	defer c.wg.Wait()
	defer func() { _ = c.conn.SetReadDeadline(time.Unix(1, 0)) }() // ends read
	defer c.stopListening()
	defer c.releaseAll()
	defer cancel()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case err = <-failed:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		case <-c.evicted:
			return errEvicted
		case <-c.probes:
		case r := <-requests:
			err = c.request(ctx, r)
		case ev := <-c.listener.events:
			err = c.hold(ev)
		case c.status = <-c.listener.status:
			err = c.report()
		case <-c.listener.done:
			err = c.listenLater()
		case <-c.relisten.C:
			err = c.checkSession(ctx)
		case <-c.wake:
			err = c.checkSession(ctx)
		case r := <-c.ready:
			err = c.grant(r)
		case <-c.limit.C:
			c.revoke(helperproto.Late)
		}
		if err != nil {
			return err
		}
	}
}

// read receives requests. The kernel closes files that come with them.
func (c *client) read(ctx context.Context, requests chan<- helperproto.Request) error {
	b := make([]byte, helperproto.Most+1) // the kernel cuts off longer messages
	for {
		n, err := c.conn.Read(b)
		if err != nil {
			return err
		}
		r, err := helperproto.ParseRequest(b[:n])
		if err != nil {
			return err
		}
		select {
		case requests <- r:
		case <-ctx.Done():
			return nil
		}
	}
}

// send sends a report.
func (c *client) send(r helperproto.Report) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return err
	}
	_, err := c.conn.Write(helperproto.Encode(r))
	return err
}

func (c *client) answer(r helperproto.Reason) error { return c.send(helperproto.Answer{Reason: r}) }

// checkSession applies a change of the session or of the keyboard. It also applies an
// absence that has ended already.
func (c *client) checkSession(ctx context.Context) error {
	if why := c.server.presence.absenceOf(c); why != helperproto.None {
		c.revoke(why)
		if err := c.yield(key.Ceded); err != nil {
			return err
		}
	}
	if c.server.presence.absence(c.uid) == helperproto.None {
		c.startListening(ctx)
	}
	return c.report()
}

// report sends the State if it differs from the last one sent.
func (c *client) report() error {
	if c.stage == connected {
		return nil
	}
	s := helperproto.State{
		Serial: c.serial, Session: c.server.presence.absence(c.uid), Keyboard: c.server.keyboard.sysname() != "",
		Devices: uint8(min(len(c.status.Devices), 255)), Refused: c.refused,
	}
	for _, i := range c.status.Missing {
		s.Missing |= 1 << c.numbers[i]
	}
	if c.sent != nil && s == *c.sent {
		return nil
	}
	c.sent = &s
	return c.send(s)
}

// startListening listens for the allowed bindings, if it does not yet. After an error
// it waits for relisten.
func (c *client) startListening(parent context.Context) {
	if c.listener.done != nil || len(c.bindings) == 0 {
		return
	}
	if time.Since(c.failed) < c.pause {
		c.missAll()
		return
	}
	ctx, cancel := context.WithCancel(parent)
	l := listener{cancel, make(chan struct{}), make(chan key.Event), make(chan evdev.Status, 1), time.Now()}
	conf := evdev.Config{Bindings: c.bindings, Own: c.server.keyboard.sysname, Log: c.server.log, Changed: func(s evdev.Status) {
		select {
		case <-l.status: // the previous one is out of date
		default:
		}
		l.status <- s
	}}
	c.wg.Go(func() {
		defer close(l.done)
		if err := c.server.listen(ctx, conf, l.events); err != nil {
			c.server.log.Error("cannot listen", "err", err)
		}
	})
	c.listener = l
}

// listenLater handles the end of the listener by an error: it releases the held keys,
// and has the devices tried again after a pause.
func (c *client) listenLater() error {
	c.failed = time.Now()
	c.pause = clock.NextPause(c.pause, c.failed.Sub(c.listener.began), minListenPause, maxListenPause)
	c.relisten.Reset(c.pause)
	if err := c.yield(key.Gone); err != nil {
		return err
	}
	c.missAll()
	return c.report()
}

// missAll records that no device with a bound key is listened to.
func (c *client) missAll() {
	c.status = evdev.Status{}
	for i := range c.bindings {
		c.status.Missing = append(c.status.Missing, i)
	}
}

// stopListening closes the devices. It forgets the holds.
func (c *client) stopListening() {
	if c.listener.done != nil {
		c.listener.stop()
		<-c.listener.done
	}
	c.listener, c.status = listener{}, evdev.Status{}
	clear(c.holds)
}

// yield reports the end of all holds and its cause to the client, and stops listening.
func (c *client) yield(cause key.Cause) error {
	for i := range c.bindings {
		if pressed, ok := c.holds[i]; ok {
			now := time.Now()
			c.budget.grant(c.bootTime(pressed), c.bootTime(now))
			if err := c.sendHold(key.Event{Binding: i, At: now, Cause: cause}); err != nil {
				return err
			}
		}
	}
	c.stopListening()
	return nil
}

// hold handles one end of a hold. A user who is not at the machine learns
// nothing of it.
func (c *client) hold(ev key.Event) error {
	if c.server.presence.absence(c.uid) != helperproto.None {
		return nil // checkSession is about to close the devices
	}
	if ev.Down {
		c.holds[ev.Binding] = ev.At
	} else if pressed, ok := c.holds[ev.Binding]; ok {
		delete(c.holds, ev.Binding)
		c.budget.grant(c.bootTime(pressed), c.bootTime(ev.At))
	}
	return c.sendHold(ev)
}

// bootTime returns t, advanced by the time for which the machine was suspended. In such
// times a grant also ends while the machine is suspended.
func (c *client) bootTime(t time.Time) time.Time { return t.Add(c.server.suspended()) }

func (c *client) sendHold(ev key.Event) error {
	return c.send(helperproto.Hold{
		Serial: c.serial, Binding: c.numbers[ev.Binding], Down: ev.Down, Cause: ev.Cause, At: clock.ToMonotonic(ev.At),
	})
}
