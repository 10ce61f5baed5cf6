package control

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arealicehole/vocoder/internal/linux/peercred"
)

const (
	// Clients is how many clients are served at the same time. As many more get an
	// error as their answer. The daemon closes a connection beyond these.
	Clients = 16

	// maxRequest limits a request, in bytes. net/http reads one byte more.
	maxRequest = 4 << 10

	// clientTimeout limits how long a client takes to send its request, and to read
	// an answer or one event.
	clientTimeout = 2 * time.Second

	// commandTimeout limits how long the daemon works on a command.
	commandTimeout = 10 * time.Second
)

// A Daemon is what a Server commands. Its methods are safe for concurrent use.
type Daemon interface {
	// Do carries out a command. Before it returns, the daemon calls Server.Show
	// with what the command changed. Shutdown only begins. The client gets the text
	// of the error, which contains nothing that the user said. If ctx is done, the
	// command took too long or the daemon ends. A client that leaves does not end ctx.
	Do(ctx context.Context, c Command) error

	// Last returns the last text that was to be typed, and whether there is
	// one.
	Last() (Text, bool)
}

// A Server answers clients at a Socket. All exported fields must be set before Run.
type Server struct {
	Daemon Daemon
	Log    *slog.Logger

	// SetFocus takes what a process says about the focus, or refuses it with a *Refusal. It
	// is safe for concurrent use.
	SetFocus func(ctx context.Context, pid int, f Focus) error

	feed           feed
	clientTimeout  time.Duration // for tests; 0 means the constant
	commandTimeout time.Duration
}

// Show sends a status to the clients that watch. It does not wait for them. It is safe
// for concurrent use, also before Run.
func (s *Server) Show(now Status) { s.feed.show(now) }

// Run answers clients until ctx is done, which is not an error. It closes the socket.
func (s *Server) Run(ctx context.Context, socket *Socket) error {
	defer func() { _ = socket.Close() }() // nothing is lost with it
	ctx, end := context.WithCancel(ctx)
	defer end()
	stop := context.AfterFunc(ctx, func() { _ = socket.UnixListener.Close() })
	defer stop()
	web := s.web(ctx)
	err := web.Serve(s.listener(ctx, socket.UnixListener))
	if ctx.Err() != nil {
		err = nil
	}
	end()
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout())
	defer cancel()
	if web.Shutdown(limited) != nil {
		_ = web.Close() // the other clients had their time
	}
	return err
}

func (s *Server) timeout() time.Duration { return cmp.Or(s.clientTimeout, clientTimeout) }

// A listener is a net.Listener whose Accept is a function.
type listener struct {
	acceptor
	accept func() (net.Conn, error)
}

func (l listener) Accept() (net.Conn, error) { return l.accept() }

// An acceptor is a *net.UnixListener.
type acceptor interface {
	AcceptUnix() (*net.UnixConn, error)
	Close() error
	Addr() net.Addr
}

// listener returns a listener for the clients at l that get an answer. When ctx is done,
// the server reads no more from them.
func (s *Server) listener(ctx context.Context, l acceptor) net.Listener {
	var served, surplus atomic.Int32
	return listener{l, func() (net.Conn, error) {
		for {
			u, err := peercred.Accept(ctx, l, s.Log)
			if err != nil {
				return nil, fmt.Errorf("accept a client: %w", err)
			}
			if err := admit(u); err != nil {
				s.Log.Warn("client refused", "err", err)
				_ = u.Close() // it gets no answer
				continue
			}
			count := &served
			if served.Load() == Clients {
				count = &surplus
			}
			if count.Load() == Clients {
				_ = u.Close() // it gets no answer
				continue
			}
			count.Add(1)
			c := &conn{UnixConn: u, surplus: count == &surplus}
			c.words = func(first []byte) { s.converse(ctx, c, first) }
			stop := context.AfterFunc(ctx, func() { _ = u.SetReadDeadline(time.Unix(1, 0)) }) // fails if it is closed
			c.leave = sync.OnceFunc(func() { stop(); count.Add(-1) })
			return c, nil
		}
	}}
}

// admit returns an error unless the client runs as our own user or as root. The mode of
// the socket says the same, but the user can change it. Source: SO_PEERCRED in unix(7).
func admit(u *net.UnixConn) error {
	cred, err := peercred.Read(u)
	if err != nil {
		return err
	}
	if !admitted(uint32(os.Getuid()), cred.Uid) {
		return fmt.Errorf("user %d is not the daemon's", cred.Uid)
	}
	return nil
}

// admitted reports whether a daemon of the user own obeys the user peer.
func admitted(own, peer uint32) bool { return peer == own || peer == 0 }

// A conn is the connection of a client. It gives net/http what the client sends, unless
// that is a word: a method of HTTP is in capitals, a word is not.
type conn struct {
	*net.UnixConn
	surplus bool               // there are too many clients: it only gets an error
	leave   func()             // frees its place
	words   func(first []byte) // answers a client that sends words; nil after the first Read
}

// Read implements net.Conn. After a word it returns io.EOF.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.UnixConn.Read(b)
	if n == 0 || c.words == nil {
		return n, err
	}
	words := c.words
	c.words = nil
	if 'a' <= b[0] && b[0] <= 'z' {
		words(b[:n])
		return 0, io.EOF
	}
	return n, err
}

// Close implements net.Conn. It frees the place before the client sees the end.
func (c *conn) Close() error {
	c.leave()
	return c.UnixConn.Close()
}

// do carries out a command for a client.
func (s *Server) do(ctx context.Context, c Command) (Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(s.commandTimeout, commandTimeout))
	defer cancel()
	before, _, _ := s.feed.latest()
	if err := s.Daemon.Do(ctx, c); err != nil {
		return Reply{}, err
	}
	now, _, _ := s.feed.latest()
	r := Reply{Status: replies[c], Recording: now.Recording, State: now.State, Nothing: c.nothing(before)}
	if _, is := c.Languages(); is {
		r.Status = "language " + now.Language
	}
	if task, is := c.Task(); is {
		r.Status = "task " + task
	}
	if c == Toggle {
		r.Status = replies[Stop]
		if now.Recording {
			r.Status = replies[Start]
		}
	}
	return r, nil
}

// errSurplus is the answer if there are too many clients.
var errSurplus = fmt.Errorf("%d clients are connected already", Clients)

// web returns the HTTP server: one request a connection.
func (s *Server) web(ctx context.Context) *http.Server {
	w := &http.Server{
		Handler:        http.HandlerFunc(s.answer),
		ReadTimeout:    s.timeout(),
		MaxHeaderBytes: maxRequest + 1 - 4096, // net/http adds 4096
		BaseContext:    func(net.Listener) context.Context { return ctx },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			ctx = context.WithValue(ctx, serverContext{}, ctx)
			ctx = context.WithValue(ctx, peer{}, c.(*conn).UnixConn)
			return context.WithValue(ctx, surplus{}, c.(*conn).surplus)
		},
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelError),
	}
	w.SetKeepAlivesEnabled(false)
	return w
}
