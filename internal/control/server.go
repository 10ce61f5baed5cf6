package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/linux/peercred"
	"golang.org/x/sys/unix"
)

const (
	// Clients is how many clients are served at once. As many more are told
	// that there are too many; beyond these a connection is just closed.
	Clients = 16

	// maxRequest bounds a request, in bytes; net/http reads one more.
	maxRequest = 4 << 10

	// patience is how long a client may take to send its request, and to take
	// what it is sent.
	patience = 2 * time.Second

	// work is how long a command may take.
	work = 10 * time.Second
)

// A Daemon is what a Server commands. Both methods may be called by several
// goroutines at once.
type Daemon interface {
	// Do carries out a command. When it returns, what the command changed has
	// been shown to the Server, save that Shutdown has only begun. The text
	// of its error is for the client, and holds nothing that was said. A done
	// ctx means that nobody waits for it any more.
	Do(ctx context.Context, c Command) error

	// Last returns the last text that was to be typed, and whether there is
	// one.
	Last() (string, bool)
}

// A Server answers clients at a Socket. Daemon and Log must be set before Run.
type Server struct {
	Daemon Daemon
	Log    *slog.Logger

	feed     feed
	patience time.Duration // for tests; 0 is the constant
	work     time.Duration
}

// Show tells the clients how the daemon is. It does not wait for them, may be
// called at any time, also before Run, and by several goroutines.
func (s *Server) Show(now Status) { s.feed.show(now) }

// Run answers clients until ctx is done, which is not an error. It gives the
// socket up, and when it returns every goroutine it started has ended.
func (s *Server) Run(ctx context.Context, l *Socket) error {
	life, end := context.WithCancel(ctx)
	defer end()
	defer func() { _ = l.Close() }() // nothing is lost with it
	stop := context.AfterFunc(life, func() { _ = l.UnixListener.Close() })
	defer stop()

	door := door{conns: make(chan net.Conn), closed: make(chan struct{}), addr: l.Addr()}
	web := s.web(life)
	var serving, greeting sync.WaitGroup
	serving.Go(func() { _ = web.Serve(&door) }) // it ends when it is told to

	err := s.accept(life, l, func(c *conn) { greeting.Go(func() { s.greet(life, c, &door) }) })
	end()
	greeting.Wait()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.wait())
	defer cancel()
	if web.Shutdown(grace) != nil {
		_ = web.Close() // whoever is left has had its time
	}
	serving.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (s *Server) wait() time.Duration {
	if s.patience > 0 {
		return s.patience
	}
	return patience
}

// accept lets clients in, and welcomes them, until the listener is closed.
func (s *Server) accept(ctx context.Context, l *Socket, welcome func(*conn)) error {
	seats, benches := make(chan struct{}, Clients), make(chan struct{}, Clients)
	for {
		u, err := l.AcceptUnix()
		if ctx.Err() != nil {
			if err == nil {
				_ = u.Close() // it came too late
			}
			return nil
		}
		if err != nil {
			if !passing(err) {
				return fmt.Errorf("accept a client: %w", err)
			}
			s.Log.Warn("client not accepted", "err", err)
			_ = clock.Sleep(ctx, 100*time.Millisecond) // the loop ends if ctx is done
			continue
		}
		c := &conn{UnixConn: u, limit: time.Now().Add(s.wait())}
		if err := admit(u); err != nil {
			s.Log.Warn("client refused", "err", err)
			_ = u.Close() // it gets no answer
			continue
		}
		select {
		case seats <- struct{}{}:
			c.leave = sync.OnceFunc(func() { <-seats })
		default:
			select {
			case benches <- struct{}{}:
				c.leave, c.surplus = sync.OnceFunc(func() { <-benches }), true
			default:
				_ = u.Close() // it gets no answer
				continue
			}
		}
		welcome(c)
	}
}

// passing reports whether accept(2) may work again soon.
func passing(err error) bool {
	for _, e := range []error{unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.ECONNABORTED} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// admit returns an error unless the client belongs to our own user or to root.
// The mode of the socket says so too, as long as nobody changes it. Source:
// SO_PEERCRED in unix(7).
func admit(u *net.UnixConn) error {
	cred, err := peercred.Read(u)
	if err != nil {
		return err
	}
	if !welcome(uint32(os.Getuid()), cred.Uid) {
		return fmt.Errorf("user %d is not the daemon's", cred.Uid)
	}
	return nil
}

// welcome reports whether a daemon of the user own obeys the user peer.
func welcome(own, peer uint32) bool { return peer == own || peer == 0 }

// greet looks at the first byte of a client to see which protocol it speaks: a
// method of HTTP is in capitals, a word is not.
func (s *Server) greet(ctx context.Context, c *conn, to *door) {
	first := make([]byte, 1)
	err := c.SetReadDeadline(c.limit)
	stop := context.AfterFunc(ctx, func() { _ = c.UnixConn.SetReadDeadline(time.Unix(1, 0)) })
	if err == nil {
		_, err = io.ReadFull(c, first)
	}
	if stayed := stop(); err != nil || !stayed {
		_ = c.Close() // it said nothing
		return
	}
	if 'a' <= first[0] && first[0] <= 'z' {
		s.converse(ctx, c, first)
		_ = c.Close() // all was said
		return
	}
	c.head = first
	select {
	case to.conns <- c:
	case <-ctx.Done():
		_ = c.Close() // we are leaving
	}
}

// A conn is a client that was let in.
type conn struct {
	*net.UnixConn
	head    []byte    // was read already, and is read again
	limit   time.Time // when the request must be here
	surplus bool      // there are too many clients: it is only told so
	leave   func()    // frees its place
}

func (c *conn) Read(b []byte) (int, error) {
	if len(c.head) > 0 {
		n := copy(b, c.head)
		c.head = c.head[n:]
		return n, nil
	}
	return c.UnixConn.Read(b)
}

// SetReadDeadline implements net.Conn. No deadline is later than that of the
// request, so that its first byte gains it no time; none at all is allowed.
func (c *conn) SetReadDeadline(t time.Time) error {
	if t.After(c.limit) {
		t = c.limit
	}
	return c.UnixConn.SetReadDeadline(t)
}

// Close implements net.Conn. The place is free before the client sees the end.
func (c *conn) Close() error {
	c.leave()
	return c.UnixConn.Close()
}

// A door is a net.Listener of the clients that come through conns.
type door struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	addr   net.Addr
}

var _ net.Listener = (*door)(nil)

func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.conns:
		return c, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

func (d *door) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

func (d *door) Addr() net.Addr { return d.addr }

// do carries out a command for a client.
func (s *Server) do(ctx context.Context, c Command) (Reply, error) {
	limit := work
	if s.work > 0 {
		limit = s.work
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := s.Daemon.Do(ctx, c); err != nil {
		return Reply{}, err
	}
	now, _, _ := s.feed.latest()
	r := Reply{Status: replies[c], Recording: now.Recording, State: now.State}
	if _, is := c.Languages(); is {
		r.Status = "language " + now.Language
	}
	if c == Toggle {
		r.Status = replies[Stop]
		if now.Recording {
			r.Status = replies[Start]
		}
	}
	return r, nil
}

// errSurplus is what a client is told that is one too many.
var errSurplus = fmt.Errorf("%d clients are connected already", Clients)

// web returns the server of HTTP: one request a connection.
func (s *Server) web(life context.Context) *http.Server {
	w := &http.Server{
		Handler:           http.HandlerFunc(s.answer),
		ReadHeaderTimeout: s.wait(),
		ReadTimeout:       s.wait(),
		MaxHeaderBytes:    maxRequest + 1 - 4096, // net/http adds 4096
		BaseContext:       func(net.Listener) context.Context { return life },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, surplus{}, c.(*conn).surplus)
		},
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelError),
	}
	w.SetKeepAlivesEnabled(false)
	return w
}
