package main

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// A stage is how far a guest is.
type stage uint8

const (
	fresh    stage = iota // has not said Hello
	idle                  // may not type
	waiting               // for physical keys to be up, to type then
	granted               // may type, and holds nothing down
	pressing              // holds keys down
	stopped               // had to stop typing
)

// table has the requests that are legal at each stage; any other ends the
// connection. Nothing is legal while an answer is owed.
var table = [...][]helperproto.Kind{
	fresh:    {helperproto.Hello},
	idle:     {helperproto.Bind, helperproto.Ready, helperproto.End},
	waiting:  {},
	granted:  {helperproto.Bind, helperproto.Ready, helperproto.Down, helperproto.Tap, helperproto.End},
	pressing: {helperproto.Bind, helperproto.Down, helperproto.Up, helperproto.Tap, helperproto.End},
	stopped:  {helperproto.Bind, helperproto.Ready, helperproto.Down, helperproto.Up, helperproto.Tap, helperproto.End},
}

const (
	upWithin  = 3 * time.Second  // physical keys before typing
	patience  = time.Second      // of a key held down, or a report not taken
	longer    = 30 * time.Second // of a modifier held down, or of nothing
	rate      = 1000             // requests a second
	rateBurst = time.Second      // so much of them at once
)

var (
	errOutOfTurn = errors.New("a request that is not legal now")
	errTooMany   = errors.New("too many requests")
)

// A guest is the daemon of a user. One loop owns all of it.
type guest struct {
	*server
	conn    *net.UnixConn
	uid     int
	changed chan struct{} // wakes the loop to look at the session; has room for one
	beats   chan struct{} // the loop takes note, which shows that it does not stand still
	gone    chan struct{} // closed when there is no loop any more

	stage  stage
	reason helperproto.Reason // why it was stopped
	purse  purse
	paid   time.Time // until when requests have used up the rate
	timer  *time.Timer

	serial   uint8           // of the last Bind
	refused  uint8           // bits of what was asked for
	numbers  []uint8         // of the admitted bindings in the Bind
	bindings []evdev.Binding // admitted
	holds    map[int]time.Time
	ear      ear
	status   evdev.Status
	told     *helperproto.State // nil: nothing yet

	fingers fingers // open while typing is permitted
	opened  chan opened
	wg      sync.WaitGroup
}

// An ear is what listens for a guest. The zero value listens for nothing.
type ear struct {
	end    context.CancelFunc
	done   chan struct{}
	events chan key.Event
	status chan evdev.Status
}

// opened is the end of waiting.
type opened struct {
	fingers fingers
	reason  helperproto.Reason
}

func newGuest(s *server, conn *net.UnixConn, uid int) *guest {
	return &guest{server: s, conn: conn, uid: uid, changed: make(chan struct{}, 1),
		beats: make(chan struct{}), gone: make(chan struct{}), opened: make(chan opened), holds: map[int]time.Time{}}
}

// run serves the guest until it goes, breaks the rules, or ctx is done. All
// that it held down is up then.
func (g *guest) run(ctx context.Context) error {
	defer close(g.gone)
	ctx, cancel := context.WithCancel(ctx)
	g.timer = time.NewTimer(longer)
	g.timer.Stop()
	requests, failed := make(chan helperproto.Request), make(chan error, 1)
	g.wg.Go(func() { failed <- g.read(ctx, requests) })
	defer g.wg.Wait()
	defer func() { _ = g.conn.SetReadDeadline(time.Unix(1, 0)) }() // ends read
	defer g.deafen()
	defer g.rest()
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
		case <-g.beats:
		case r := <-requests:
			err = g.request(ctx, r)
		case ev := <-g.ear.events:
			err = g.hold(ev)
		case g.status = <-g.ear.status:
			err = g.tell()
		case <-g.changed:
			err = g.look(ctx)
		case o := <-g.opened:
			err = g.open(o)
		case <-g.timer.C:
			g.stop(helperproto.Late)
		}
		if err != nil {
			return err
		}
	}
}

// read passes on the requests. Files that come with them, the kernel closes.
func (g *guest) read(ctx context.Context, requests chan<- helperproto.Request) error {
	b := make([]byte, helperproto.Most+1) // the kernel cuts off what has no room
	for {
		n, err := g.conn.Read(b)
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

// say sends a report. A guest that does not take it is not waited for.
func (g *guest) say(r helperproto.Report) error {
	if err := g.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := g.conn.Write(helperproto.Encode(r))
	return err
}

func (g *guest) answer(r helperproto.Reason) error { return g.say(helperproto.Answer{Reason: r}) }

// look takes up a change of the session or the keyboard.
func (g *guest) look(ctx context.Context) error {
	if away := g.users.away(g.uid); away != helperproto.None {
		g.stop(away)
		if err := g.cede(); err != nil {
			return err
		}
	} else {
		g.hear(ctx)
	}
	return g.tell()
}

// tell says how things stand, if that is another than said last.
func (g *guest) tell() error {
	if g.stage == fresh {
		return nil
	}
	s := helperproto.State{
		Serial: g.serial, Session: g.users.away(g.uid), Keyboard: g.keyboard.sysname() != "",
		Devices: uint8(min(len(g.status.Devices), 255)), Refused: g.refused,
	}
	for _, i := range g.status.Missing {
		s.Missing |= 1 << g.numbers[i]
	}
	if g.told != nil && s == *g.told {
		return nil
	}
	g.told = &s
	return g.say(s)
}

// hear listens for the admitted bindings, if it does not yet.
func (g *guest) hear(parent context.Context) {
	if g.ear.done != nil || len(g.bindings) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(parent)
	e := ear{cancel, make(chan struct{}), make(chan key.Event), make(chan evdev.Status, 1)}
	conf := evdev.Config{Bindings: g.bindings, Own: g.keyboard.sysname, Log: g.log, Changed: func(s evdev.Status) {
		select {
		case <-e.status: // the one before is out of date
		default:
		}
		e.status <- s
	}}
	g.wg.Go(func() {
		defer close(e.done)
		if err := g.listen(ctx, conf, e.events); err != nil {
			g.log.Error("cannot listen", "err", err)
		}
	})
	g.ear = e
}

// deafen ends that, and the holds with it.
func (g *guest) deafen() {
	if g.ear.done != nil {
		g.ear.end()
		<-g.ear.done
	}
	g.ear, g.status = ear{}, evdev.Status{}
	clear(g.holds)
}

// cede does so and tells the guest that what it held is over.
func (g *guest) cede() error {
	held := len(g.holds)
	for i := range g.bindings {
		if began, ok := g.holds[i]; ok && held > 0 {
			g.purse.held(began, time.Now())
			if err := g.report(key.Event{Binding: i, At: time.Now(), Cause: key.Ceded}); err != nil {
				return err
			}
		}
	}
	g.deafen()
	return nil
}

// hold takes one end of a hold. Nothing of one is known to somebody who is not
// at the machine.
func (g *guest) hold(ev key.Event) error {
	if g.users.away(g.uid) != helperproto.None {
		return nil // the ear is about to be shut
	}
	if ev.Down {
		g.holds[ev.Binding] = ev.At
	} else if began, ok := g.holds[ev.Binding]; ok {
		delete(g.holds, ev.Binding)
		g.purse.held(began, ev.At)
	}
	return g.report(ev)
}

func (g *guest) report(ev key.Event) error {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic("vocoder-inputd: no monotonic clock: " + err.Error())
	}
	at := time.Duration(now.Nano()) - time.Since(ev.At)
	return g.say(helperproto.Hold{Serial: g.serial, Binding: g.numbers[ev.Binding], Down: ev.Down, Cause: ev.Cause, At: at})
}
