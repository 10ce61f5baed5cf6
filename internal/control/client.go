package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// A Client sends requests to the daemon at a socket. It keeps no connection open and is
// safe for concurrent use. The errors of its methods wrap ErrNotRunning if there is no
// daemon, and are a *Refusal if the daemon refuses.
type Client struct {
	Path string // see the function Path
}

// maxReply limits what the client reads of an answer, in bytes.
const maxReply = 4 << 20

// Do asks the daemon to carry out a command.
func (c Client) Do(ctx context.Context, command Command) (r Reply, err error) {
	err = c.ask(ctx, http.MethodPost, string(command), &r)
	return r, err
}

// Status returns the status of the daemon.
func (c Client) Status(ctx context.Context) (s Status, err error) {
	err = c.ask(ctx, http.MethodGet, status, &s)
	return s, err
}

// Last returns the last text that was to be typed. Its error is a Refusal if
// there is none.
func (c Client) Last(ctx context.Context) (t Text, err error) {
	err = c.ask(ctx, http.MethodGet, "last", &t)
	return t, err
}

// Events are the functions that get the events of the daemon. If one of them returns an
// error, no more events come. A nil function gets none, and the daemon is not asked for
// them.
type Events struct {
	Status func(Status) error  // now and after each change
	Level  func(Level) error   // while the daemon records
	Words  func(Partial) error // while the daemon records
}

// Watch calls show with the daemon's status, now and after each change. If ctx is done, it
// returns nil. If show returns an error, Watch returns that.
func (c Client) Watch(ctx context.Context, show func(Status) error) error {
	return c.Follow(ctx, Events{Status: show})
}

// Follow calls the functions of e with the events of the daemon, one at a time. If ctx is
// done, it returns nil. If a function returns an error, Follow returns that.
func (c Client) Follow(ctx context.Context, e Events) error {
	name, separator := "watch", "?"
	for kind, asks := range [extraCount]bool{levelExtra: e.Level != nil, wordsExtra: e.Words != nil} {
		if asks {
			name += separator + extraKinds[kind].query + "=1"
			separator = "&"
		}
	}
	body, err := c.open(ctx, http.MethodGet, name)
	if err == nil {
		defer func() { _ = body.Close() }() // it was only read
		err = follow(body, e)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// follow calls the function of e for each event of a stream.
func follow(r io.Reader, e Events) error {
	lines := bufio.NewScanner(r)
	name := ""
	for lines.Scan() {
		if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = event
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var err error
		switch name {
		case "status":
			err = pass(data, e.Status)
		case extraKinds[levelExtra].event:
			err = pass(data, e.Level)
		case extraKinds[wordsExtra].event:
			err = pass(data, e.Words)
		}
		if err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("read the status: %v", lines.Err())
	}
	return fmt.Errorf("%w any more", ErrNotRunning)
}

// pass calls a function with the data of an event.
func pass[T any](data string, to func(T) error) error {
	if to == nil {
		return nil
	}
	var v T
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		return fmt.Errorf("read the status: %v", err)
	}
	return to(v)
}

// ask sends a request and decodes the answer.
func (c Client) ask(ctx context.Context, method, name string, answer any) error {
	body, err := c.open(ctx, method, name)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	return decode(ctx, body, answer)
}

func decode(ctx context.Context, body io.Reader, answer any) error {
	err := json.NewDecoder(io.LimitReader(body, maxReply)).Decode(answer)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("read the daemon's answer: %v", err)
	}
	return nil
}

// open sends a request and returns the body of the answer. The caller closes it. open does
// not use http.Transport: if a server closes the connection at once, its error is the same
// as for other faults.
func (c Client) open(ctx context.Context, method, name string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://vocoder"+root+name, nil)
	if err != nil {
		return nil, err
	}
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, requestError(ctx, err)
	}
	a := &answer{conn: conn, stop: context.AfterFunc(ctx, func() { _ = conn.Close() })}
	// If the daemon has too many clients, it may have answered and closed before the
	// request was written. Then the answer counts and not the error.
	_ = req.Write(conn)
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		_ = a.Close() // nothing came
		return nil, requestError(ctx, err)
	}
	a.Reader = resp.Body
	if resp.StatusCode == http.StatusOK {
		return a, nil
	}
	defer func() { _ = a.Close() }() // it was only read
	var why failure
	if decode(ctx, a, &why) != nil || why.Error == "" {
		why.Error = "the daemon answers " + strings.ToLower(resp.Status)
	}
	return nil, &Refusal{resp.StatusCode, why.Error}
}

// An answer is the body of a response. Its connection closes with it or with the context.
type answer struct {
	io.Reader
	conn net.Conn
	stop func() bool // forgets the context
}

func (a *answer) Close() error {
	a.stop()
	return a.conn.Close()
}

func (c Client) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", c.Path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, fmt.Errorf("%w: no daemon listens on %s", ErrNotRunning, c.Path)
	}
	return conn, err
}

// requestError returns the error of a request. It wraps ErrNotRunning if the daemon has
// ended.
func requestError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
	if ended {
		return fmt.Errorf("%w any more, or does not talk to this user", ErrNotRunning)
	}
	return err
}
