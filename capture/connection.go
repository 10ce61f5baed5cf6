package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

const (
	// replyTimeout is how long the server may take to answer. The first request to a
	// server that systemd starts for the request takes more than a second.
	replyTimeout = 5 * time.Second
	// cookieSize is the size of a Pulse cookie in bytes. A server on this machine
	// ignores the content, but checks the size.
	cookieSize = 256
)

// cookie returns the secret of the first file that has one, or zeros.
func (c *Config) cookie() []byte {
	secret := make([]byte, cookieSize)
	for _, file := range c.Cookies {
		f, err := os.Open(file)
		if err != nil {
			continue
		}
		_, err = io.ReadFull(f, secret)
		_ = f.Close() // it was only read
		if err == nil {
			return secret
		}
		clear(secret)
	}
	return secret
}

// dialServer connects to the first server of the server string that answers. Source of
// the form: freedesktop.org/wiki/Software/PulseAudio/Documentation/User/ServerStrings.
func dialServer(ctx context.Context, server string) (net.Conn, error) {
	var all []error
	for _, s := range strings.Fields(server) {
		network, address, err := parseServer(s)
		if err == nil {
			var netConn net.Conn
			d := net.Dialer{Timeout: replyTimeout}
			if netConn, err = d.DialContext(ctx, network, address); err == nil {
				return netConn, nil
			}
		}
		all = append(all, err)
	}
	if len(all) == 0 {
		return nil, errors.New("no server address is known")
	}
	return nil, errors.Join(all...)
}

// parseServer returns the network and address of one server string. A name in braces
// before the address is that of the machine for which it is meant, in a home that several
// share: the content of /etc/machine-id, or the host's name.
func parseServer(s string) (network, address string, err error) {
	if machine, after, ok := strings.Cut(s, "}"); ok && s[0] == '{' {
		if !isThisMachine(machine[1:]) {
			return "", "", fmt.Errorf("server %q: it is for another machine", s)
		}
		s = after
	}
	network, address, ok := strings.Cut(s, ":")
	switch {
	case strings.HasPrefix(s, "/"):
		return "unix", s, nil
	case ok && network == "unix":
		if address != "" {
			return network, address, nil
		}
	case ok && (network == "tcp" || network == "tcp4" || network == "tcp6"):
	default:
		network, address = "tcp", s // HOST or HOST:PORT
	}
	if _, _, err := net.SplitHostPort(address); err != nil && address != "" {
		address = net.JoinHostPort(strings.Trim(address, "[]"), "4713")
	}
	if address == "" || strings.HasPrefix(address, ":") {
		return "", "", fmt.Errorf("server %q: want a socket path, unix:PATH, tcp:HOST:PORT or HOST:PORT", s)
	}
	return network, address, nil
}

func isThisMachine(name string) bool {
	host, err := os.Hostname()
	if err == nil && name == host {
		return true
	}
	id, err := os.ReadFile("/etc/machine-id")
	return err == nil && name == strings.TrimSpace(string(id))
}

// A connection is an open connection to a server. Its methods are for one goroutine.
type connection struct {
	checked        *checkedConn // what the client reads and writes
	client         *proto.Client
	closed         chan struct{} // the client's goroutine closes it last
	sourcesChanged chan struct{} // receives when a source or the default changed; holds one
	failed         chan error    // the first reason why the stream cannot be used any more
}

// connect opens a connection: it dials, authenticates and subscribes to changes. The
// client's goroutine calls sound with the stream index and samples. The caller must
// close the connection.
func (c *Config) connect(ctx context.Context, sound func(uint32, []int16)) (*connection, error) {
	dial := c.dial
	if dial == nil {
		dial = func(ctx context.Context) (net.Conn, error) { return dialServer(ctx, c.Server) }
	}
	netConn, err := dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrServer, err)
	}
	conn := &connection{
		checked:        newCheckedConn(netConn, sound),
		client:         new(proto.Client),
		closed:         make(chan struct{}),
		sourcesChanged: make(chan struct{}, 1),
		failed:         make(chan error, 1),
	}
	// Both are set before Open starts the client's goroutine, which reads them.
	conn.client.Callback = conn.handleEvent
	conn.client.SetTimeout(replyTimeout)
	conn.client.Open(conn.checked)
	defer context.AfterFunc(ctx, func() { _ = netConn.Close() })()
	if err := conn.authenticate(c.cookie()); err != nil {
		conn.Close()
		return nil, fmt.Errorf("%w: %w", ErrServer, err)
	}
	return conn, nil
}

// withConnection calls do with a new connection and closes the connection afterwards.
// Errors wrap ErrServer.
func (c *Config) withConnection(ctx context.Context, do func(*connection) error) error {
	conn, err := c.connect(ctx, func(uint32, []int16) {})
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.checked.fail(ctx.Err()) })()
	if err := do(conn); err != nil {
		return fmt.Errorf("%w: %w", ErrServer, err)
	}
	return nil
}

// Close ends the connection and waits for the client's goroutine.
func (conn *connection) Close() {
	conn.checked.fail(net.ErrClosed)
	<-conn.closed
}

// authenticate sends the cookie and the client's name, and subscribes to changes.
func (conn *connection) authenticate(cookie []byte) error {
	var auth proto.AuthReply
	if err := conn.ask("greet", &proto.Auth{Version: conn.client.Version(), Cookie: cookie}, &auth); err != nil {
		return err
	}
	conn.client.SetVersion(auth.Version)
	err := conn.ask("introduce", &proto.SetClientName{Props: proto.PropList{
		"application.name":           proto.PropListString("vocoder"),
		"application.id":             proto.PropListString("vocoder"),
		"application.icon_name":      proto.PropListString("audio-input-microphone"),
		"application.process.binary": proto.PropListString(filepath.Base(os.Args[0])),
	}}, &proto.SetClientNameReply{})
	if err != nil {
		return err
	}
	return conn.ask("subscribe", &proto.Subscribe{
		Mask: proto.SubscriptionMaskSource | proto.SubscriptionMaskServer,
	}, nil)
}

// ask sends a request and waits for its reply. An error that wraps proto.Error is the
// server's refusal. After any other error the connection is closed, so that a late reply
// is never used as the reply to a later request.
func (conn *connection) ask(what string, request proto.RequestArgs, reply proto.Reply) error {
	conn.checked.await(formOf(reply), conn.client.Version())
	err := conn.client.Request(request, reply)
	var refused proto.Error
	if err != nil && !errors.As(err, &refused) {
		err = conn.checked.fail(err)
	}
	return wrap(what, err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// handleEvent processes a message that the server sent unasked. The client's goroutine
// calls it; it must not wait.
func (conn *connection) handleEvent(message any) {
	switch m := message.(type) {
	case *proto.ConnectionClosed:
		close(conn.closed)
	case *proto.SubscribeEvent:
		offer(conn.sourcesChanged, struct{}{})
	case *proto.RecordStreamKilled:
		conn.failStream(errKilled)
	case *proto.RecordStreamMoved:
		conn.failStream(errMoved)
	case *proto.RecordStreamSuspended:
		if m.Suspended {
			conn.failStream(errSuspended)
		}
	}
}

var (
	errKilled    = errors.New("the server ended the stream")
	errMoved     = errors.New("the server moved the stream to another source")
	errSuspended = errors.New("the microphone was suspended")
)

// failStream records why the stream cannot be used any more.
func (conn *connection) failStream(err error) { offer(conn.failed, err) }
