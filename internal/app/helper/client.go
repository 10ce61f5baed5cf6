// Package helper is the client of vocoder-inputd, which reads the bound keys and types
// for a daemon that may not open devices.
package helper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// errNoAnswer is wrapped by the errors of a helper that does not answer.
var errNoAnswer = hint.New("vocoder-inputd does not answer",
	"systemctl status vocoder-inputd.socket vocoder-inputd; `vocoder run --devices direct` does without it, if this user may open the devices")

// The client tries to connect at these intervals: each is twice as long as the one
// before. The helper's socket exists while it restarts, so the first try mostly works.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// sessionDelay is how long the helper may take longer than the daemon to see that the
// session is in use again. Each asks logind itself.
const sessionDelay = 5 * time.Second

// Installed reports whether this machine has vocoder-inputd.
func Installed() bool {
	_, err := os.Stat(helperproto.Path)
	return err == nil
}

// Used reports whether the daemon opens the devices through vocoder-inputd. devices is
// the setting of that name: helper, direct or auto.
func Used(devices string) bool {
	return devices == "helper" || devices == "auto" && Installed()
}

// A Client is a connection to vocoder-inputd: it listens to the bound keys, and it is
// a virtual keyboard (inject.Device). It reconnects when the helper was restarted. It
// is safe for concurrent use.
type Client struct {
	log      *slog.Logger
	onChange func() // called after the state of the helper or the connection changed
	path     string // of the helper's socket

	request  chan struct{} // capacity 1; held during a request
	delivery chan struct{} // capacity 1; held while a report is delivered

	mu           sync.Mutex
	conn         *net.UnixConn // nil while there is none
	replies      chan helperproto.Reason
	staleReply   bool  // the reply to an abandoned request is still to come
	problem      error // why there is no connection
	state        helperproto.State
	stateChanged chan struct{} // closed and replaced when state changes
	listener     *Listener
	serial       uint8 // of the last listener
}

// New returns a client that connects when Run runs. It calls onChange after each
// change of what Check returns.
func New(log *slog.Logger, onChange func()) *Client {
	return &Client{
		log: log, onChange: onChange, path: helperproto.Path,
		request: make(chan struct{}, 1), delivery: make(chan struct{}, 1),
		problem: errNoAnswer, stateChanged: make(chan struct{}),
	}
}

// Run keeps the connection until ctx is done.
func (c *Client) Run(ctx context.Context) {
	pause := firstRetry
	var last string
	for ctx.Err() == nil {
		began := time.Now()
		err := c.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		if err.Error() != last {
			last = err.Error()
			c.log.Warn("vocoder-inputd", "err", err)
		}
		if time.Since(began) > lastRetry {
			pause, last = firstRetry, ""
		}
		c.disconnected(err)
		if clock.Sleep(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, lastRetry)
	}
}

// disconnected records that there is no connection, and why.
func (c *Client) disconnected(err error) {
	c.mu.Lock()
	c.conn, c.problem = nil, err
	c.setState(helperproto.State{})
	l := c.listener
	c.mu.Unlock()
	if l != nil {
		l.changed(evdev.Status{}, err)
	}
	c.onChange()
}

// connect makes a connection and reads from it until it ends.
func (c *Client) connect(ctx context.Context) error {
	var dialer net.Dialer
	dialed, err := dialer.DialContext(ctx, "unixpacket", c.path)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	conn := dialed.(*net.UnixConn)
	defer func() { _ = conn.Close() }()                                                  // a request without a reply gets an error
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })() // ends the reading
	if err := greet(conn); err != nil {
		return err
	}
	replies := make(chan helperproto.Reason, 1)
	c.mu.Lock()
	c.conn, c.replies, c.staleReply, c.problem = conn, replies, false, nil
	c.mu.Unlock()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(replies)
	wg.Go(func() {
		if err := c.bind(ctx); err != nil {
			_ = conn.Close() // ends the reading, and Run connects again
		}
	})
	return c.read(ctx, conn, replies)
}

// greet says hello and waits for the reply. A helper without a place replies before the
// greeting, and closes the connection. The first call then fails with ECONNRESET or EPIPE,
// and the reply is still there.
func greet(conn *net.UnixConn) error {
	_, failed := conn.Write(helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version}.Append(nil))
	r, err := receive(conn)
	if errors.Is(err, unix.ECONNRESET) {
		r, err = receive(conn)
	}
	if failed != nil && err != nil {
		return fmt.Errorf("%w: %w", errNoAnswer, failed)
	}
	if err != nil {
		return err
	}
	a, ok := r.(helperproto.Answer)
	if !ok {
		return fmt.Errorf("%w: %w", errNoAnswer, helperproto.ErrMessage)
	}
	if a.Reason != helperproto.None {
		return fmt.Errorf("vocoder-inputd: %w", a.Reason)
	}
	return nil
}

// receive waits for one report of the helper.
func receive(conn *net.UnixConn) (helperproto.Report, error) {
	b := make([]byte, helperproto.Most+1)
	n, err := conn.Read(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	r, err := helperproto.ParseReport(b[:n])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return r, nil
}

// read delivers the helper's reports until the connection ends. Then it ends every hold.
func (c *Client) read(ctx context.Context, conn *net.UnixConn, replies chan<- helperproto.Reason) error {
	for {
		r, err := receive(conn)
		if err != nil {
			c.currentListener().releaseAll(ctx)
			return err
		}
		c.delivery <- struct{}{}
		err = c.deliver(ctx, r, replies)
		<-c.delivery
		if err != nil {
			return err
		}
	}
}

// deliver gives one report to the call or the listener that waits for it.
func (c *Client) deliver(ctx context.Context, r helperproto.Report, replies chan<- helperproto.Reason) error {
	switch r := r.(type) {
	case helperproto.Answer:
		if isSession(r.Reason) {
			c.mu.Lock()
			s := c.state
			s.Session = r.Reason // the report of the state may come later
			c.setState(s)
			c.mu.Unlock()
		}
		select {
		case replies <- r.Reason:
		default:
			return fmt.Errorf("%w: a reply without a request", errNoAnswer)
		}
	case helperproto.Hold:
		c.currentListener().hold(ctx, r)
	case helperproto.State:
		c.mu.Lock()
		c.setState(r)
		l := c.listener
		c.mu.Unlock()
		l.setState(r)
		c.onChange()
	}
	return nil
}

// setState records the helper's state. The caller holds mu.
func (c *Client) setState(s helperproto.State) {
	c.state = s
	close(c.stateChanged)
	c.stateChanged = make(chan struct{})
}

// isSession reports whether the helper refuses because of the session.
func isSession(r helperproto.Reason) bool {
	return r == helperproto.NoSession || r == helperproto.Inactive || r == helperproto.Locked || r == helperproto.Asleep
}

// currentListener returns the listener that runs, or nil.
func (c *Client) currentListener() *Listener {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.listener
}

// call makes a request and returns the error in the reply to it.
func (c *Client) call(ctx context.Context, r helperproto.Request) error {
	select {
	case c.request <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-c.request }()
	c.mu.Lock()
	conn, replies, stale, problem := c.conn, c.replies, c.staleReply, c.problem
	c.mu.Unlock()
	if conn == nil {
		return problem
	}
	if stale {
		if _, err := c.reply(ctx, replies); err != nil {
			return err
		}
	}
	if _, err := conn.Write(r.Append(nil)); err != nil {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	reason, err := c.reply(ctx, replies)
	if err != nil {
		return err
	}
	return reason.Err()
}

// reply waits for a reply. If ctx is done first, the next call waits for it.
func (c *Client) reply(ctx context.Context, replies <-chan helperproto.Reason) (helperproto.Reason, error) {
	select {
	case reason, ok := <-replies:
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.replies == replies {
			c.staleReply = false
		}
		if !ok {
			return 0, errNoAnswer
		}
		return reason, nil
	case <-ctx.Done():
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.replies == replies {
			c.staleReply = true
		}
		return 0, ctx.Err()
	}
}
