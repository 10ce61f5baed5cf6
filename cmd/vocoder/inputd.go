package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// errHelper is why a part is missing while vocoder-inputd does not answer.
var errHelper = errors.New("vocoder-inputd does not answer")

// Connections to the helper are tried at these intervals, twice as long each
// time. Its socket is there while it is restarted, so the first mostly works.
const (
	soon  = 100 * time.Millisecond
	later = 5 * time.Second
)

// agreement is how long the helper may take longer than the daemon to see that
// the session is in use again. Each asks logind by itself.
const agreement = 5 * time.Second

// helperThere reports whether this machine has vocoder-inputd.
func helperThere() bool {
	_, err := os.Stat(helperproto.Path)
	return err == nil
}

// Inputd is vocoder-inputd as seen from here: the ear and the virtual keyboard
// of a daemon that may not open devices. One connection serves both; it is made
// anew when the helper is restarted. It is safe for concurrent use.
type inputd struct {
	log  *slog.Logger
	told func() // something about State is another
	path string // of its socket

	turn    chan struct{} // held by who makes a request; has room for one
	passing chan struct{} // held while something is passed on; has room for one

	mu      sync.Mutex
	conn    *net.UnixConn // nil while there is none
	answers chan helperproto.Reason
	owed    bool // an answer nobody waits for is to come
	why     error
	state   helperproto.State
	changed chan struct{} // closed when state is another
	ear     *distantEar
	serial  uint8
}

func newInputd(log *slog.Logger, told func()) *inputd {
	return &inputd{log: log, told: told, path: helperproto.Path, turn: make(chan struct{}, 1), passing: make(chan struct{}, 1), why: errHelper, changed: make(chan struct{})}
}

// Run keeps the connection until ctx is done.
func (d *inputd) Run(ctx context.Context) {
	pause := soon
	var last string
	for ctx.Err() == nil {
		began := time.Now()
		err := d.serve(ctx)
		if ctx.Err() != nil {
			return
		}
		if err.Error() != last {
			last = err.Error()
			d.log.Warn("vocoder-inputd", "err", err, "hint", hint(err))
		}
		if time.Since(began) > later {
			pause, last = soon, ""
		}
		d.lose(err)
		if rest(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, later)
	}
}

// lose notes that there is no connection, and why.
func (d *inputd) lose(err error) {
	d.mu.Lock()
	d.conn, d.why = nil, err
	d.is(helperproto.State{})
	ear := d.ear
	d.mu.Unlock()
	if ear != nil {
		ear.changed(evdev.Status{}, err)
	}
	d.told()
}

// serve makes a connection and reads from it until it ends.
func (d *inputd) serve(ctx context.Context) error {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "unixpacket", d.path)
	if err != nil {
		return fmt.Errorf("%w: %w", errHelper, err)
	}
	conn := c.(*net.UnixConn)
	defer func() { _ = conn.Close() }() // requests are answered or lost
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	if err := greet(conn); err != nil {
		return err
	}
	answers := make(chan helperproto.Reason, 1)
	d.mu.Lock()
	d.conn, d.answers, d.owed, d.why = conn, answers, false, nil
	d.mu.Unlock()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(answers)
	wg.Go(func() {
		if err := d.listenAgain(ctx); err != nil {
			_ = conn.Close() // which ends the reading, and is tried again
		}
	})
	return d.read(ctx, conn, answers)
}

// greet says hello and waits for the answer.
func greet(conn *net.UnixConn) error {
	if _, err := conn.Write(helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version}.Append(nil)); err != nil {
		return fmt.Errorf("%w: %w", errHelper, err)
	}
	r, err := receive(conn)
	if err != nil {
		return err
	}
	a, ok := r.(helperproto.Answer)
	if !ok {
		return fmt.Errorf("%w: %w", errHelper, helperproto.ErrMessage)
	}
	if a.Reason != helperproto.None {
		return fmt.Errorf("vocoder-inputd: %w", a.Reason)
	}
	return nil
}

func receive(conn *net.UnixConn) (helperproto.Report, error) {
	b := make([]byte, helperproto.Most+1)
	n, err := conn.Read(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errHelper, err)
	}
	r, err := helperproto.ParseReport(b[:n])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errHelper, err)
	}
	return r, nil
}

// read passes on what the helper says. What is held when it ends is over.
func (d *inputd) read(ctx context.Context, conn *net.UnixConn, answers chan<- helperproto.Reason) error {
	for {
		r, err := receive(conn)
		if err != nil {
			d.listening().gone(ctx)
			return err
		}
		d.passing <- struct{}{}
		err = d.pass(ctx, r, answers)
		<-d.passing
		if err != nil {
			return err
		}
	}
}

// pass passes on what the helper said.
func (d *inputd) pass(ctx context.Context, r helperproto.Report, answers chan<- helperproto.Reason) error {
	switch r := r.(type) {
	case helperproto.Answer:
		if away(r.Reason) {
			d.mu.Lock()
			s := d.state
			s.Session = r.Reason // which it may not have told yet
			d.is(s)
			d.mu.Unlock()
		}
		select {
		case answers <- r.Reason:
		default:
			return fmt.Errorf("%w: an answer to nothing", errHelper)
		}
	case helperproto.Hold:
		d.listening().hold(ctx, r)
	case helperproto.State:
		d.mu.Lock()
		d.is(r)
		ear := d.ear
		d.mu.Unlock()
		ear.publish(r)
		d.told()
	}
	return nil
}

// is notes how the helper stands, for who holds mu.
func (d *inputd) is(s helperproto.State) {
	d.state = s
	close(d.changed)
	d.changed = make(chan struct{})
}

// away reports whether nothing is typed because of the session.
func away(r helperproto.Reason) bool {
	return r == helperproto.NoSession || r == helperproto.Inactive || r == helperproto.Locked || r == helperproto.Asleep
}

func (d *inputd) listening() *distantEar {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ear
}

// call makes a request and returns its answer.
func (d *inputd) call(ctx context.Context, r helperproto.Request) error {
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.turn }()
	d.mu.Lock()
	conn, answers, owed, why := d.conn, d.answers, d.owed, d.why
	d.mu.Unlock()
	if conn == nil {
		return why
	}
	if owed {
		if _, err := d.await(ctx, answers); err != nil {
			return err
		}
	}
	if _, err := conn.Write(r.Append(nil)); err != nil {
		return fmt.Errorf("%w: %w", errHelper, err)
	}
	reason, err := d.await(ctx, answers)
	if err != nil {
		return err
	}
	return reason.Err()
}

// await waits for an answer. When ctx is done first, the next one who asks
// waits for it.
func (d *inputd) await(ctx context.Context, answers <-chan helperproto.Reason) (helperproto.Reason, error) {
	select {
	case reason, ok := <-answers:
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.answers == answers {
			d.owed = false
		}
		if !ok {
			return 0, errHelper
		}
		return reason, nil
	case <-ctx.Done():
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.answers == answers {
			d.owed = true
		}
		return 0, ctx.Err()
	}
}

// check returns why nothing can be typed, or nil.
func (d *inputd) check() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.conn == nil:
		return d.why
	case !d.state.Keyboard:
		return helperproto.NoKeyboard
	}
	return nil
}

// Ready implements inject.Device. The helper waits until the keyboard is there
// and all physical keys are up; it refuses if no key was held for the text. A
// session that it does not take to be in use yet is waited for.
func (d *inputd) Ready(ctx context.Context) error {
	patience, cancel := context.WithTimeout(ctx, agreement)
	defer cancel()
	for {
		err := d.call(ctx, helperproto.Request{Kind: helperproto.Ready})
		var why helperproto.Reason
		if !errors.As(err, &why) || !away(why) || !d.returns(patience) {
			return err
		}
	}
}

// returns waits until the helper takes the session to be in use, and reports
// whether it did before ctx was done.
func (d *inputd) returns(ctx context.Context) bool {
	for {
		d.mu.Lock()
		why, changed := d.state.Session, d.changed
		d.mu.Unlock()
		if why == helperproto.None {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// Down implements inject.Device, as do Up and Tap. The helper answers at once.
func (d *inputd) Down(c key.Code) error { return d.press(helperproto.Down, c) }

// Tap presses a key and releases it.
func (d *inputd) Tap(c key.Code) error { return d.press(helperproto.Tap, c) }

func (d *inputd) press(k helperproto.Kind, c key.Code) error {
	err := d.call(context.Background(), helperproto.Request{Kind: k, Code: c})
	if errors.Is(err, helperproto.Touched) {
		return inject.ErrTouched
	}
	if err != nil {
		return fmt.Errorf("press key: %w", err)
	}
	return nil
}

// Up releases a key.
func (d *inputd) Up(c key.Code) error {
	if err := d.call(context.Background(), helperproto.Request{Kind: helperproto.Up, Code: c}); err != nil {
		return fmt.Errorf("release key: %w", err)
	}
	return nil
}

// Sysname returns nothing: the device is not ours.
func (d *inputd) Sysname() string { return "" }

// Close ends nothing: the connection is of Run.
func (d *inputd) Close() error { return nil }

// farFingers are the physical keys, which the helper watches.
type farFingers struct{ d *inputd }

// Up implements inject.Fingers. Ready has waited.
func (f farFingers) Up(ctx context.Context) error { return ctx.Err() }

// Down implements inject.Fingers. The helper refuses the next key.
func (f farFingers) Down() bool { return false }

// close ends the typing.
func (f farFingers) close() {
	_ = f.d.call(context.Background(), helperproto.Request{Kind: helperproto.End}) // if there is no connection, it has ended
}
