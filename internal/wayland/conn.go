// Package wayland implements the wire protocol of a Wayland client: requests, events,
// their files, and the registry. Its callers know what the messages mean. Source: wayland.freedesktop.org/docs/html/ch04.html.
package wayland

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// An ID names an object of a connection. 0 is none.
type ID uint32

const (
	display     ID = 1
	firstOwn    ID = 2
	firstServer ID = 0xff000000 // from here on the compositor allots the IDs
)

// A Handler handles the events of an object. It must read every File of an event, and must
// not wait.
type Handler func(e *Event)

// A Conn is a connection to a compositor. Requests are safe for concurrent use. Events come
// only while Run runs.
type Conn struct {
	sock *net.UnixConn

	mu       sync.Mutex // held during a request too, so that new IDs come in order
	handlers map[ID]Handler
	free     []ID // released by the compositor
	next     ID
	globals  []global
	registry ID

	done chan struct{} // closed when Run ends
	fail error         // why Run ended; valid after done

	in    []byte
	files []*os.File // received, not read yet
}

// A global is an interface that the compositor offers.
type global struct {
	name    uint32
	iface   string
	version uint32
}

// Dial connects to the socket of a compositor.
func Dial(path string) (*Conn, error) {
	sock, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	return New(sock), nil
}

// New returns the connection on a socket, which it owns.
func New(sock *net.UnixConn) *Conn {
	c := &Conn{sock: sock, handlers: map[ID]Handler{}, next: firstOwn, done: make(chan struct{})}
	c.handlers[display] = c.displayEvent
	return c
}

// Run reads events and calls their handlers, one at a time. It returns nil if ctx is done,
// and an error if the connection ends. It closes the connection. Call it once.
func (c *Conn) Run(ctx context.Context) error {
	defer close(c.done)
	stop := context.AfterFunc(ctx, func() { _ = c.sock.Close() }) // wakes the reader
	err := c.read()
	if stop() {
		_ = c.sock.Close()
	}
	for _, f := range c.files {
		_ = f.Close()
	}
	if ctx.Err() != nil {
		c.fail = ctx.Err()
		return nil
	}
	c.fail = err
	return err
}

// Close ends a connection on which Run is never called.
func (c *Conn) Close() error { return c.sock.Close() }

// read handles events until the connection ends.
func (c *Conn) read() error {
	b, oob := make([]byte, 4096), make([]byte, unix.CmsgSpace(4*maxFiles))
	for {
		n, oobn, flags, _, err := c.sock.ReadMsgUnix(b, oob)
		if err != nil {
			return fmt.Errorf("read from the compositor: %w", err)
		}
		if err := c.receive(oob[:oobn]); err != nil {
			return fmt.Errorf("receive files of the compositor: %w", err)
		}
		if flags&unix.MSG_CTRUNC != 0 {
			return errors.New("receive files of the compositor: too many")
		}
		c.in = append(c.in, b[:n]...)
		if err := c.dispatch(); err != nil {
			return err
		}
	}
}

// maxFiles is how many files libwayland sends at once (MAX_FDS_OUT).
const maxFiles = 28

// receive keeps the files that came with a message.
func (c *Conn) receive(oob []byte) error {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return err
	}
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			return err
		}
		for _, fd := range fds {
			c.files = append(c.files, os.NewFile(uintptr(fd), "from the compositor"))
		}
	}
	return nil
}

// dispatch handles the events that are complete.
func (c *Conn) dispatch() error {
	for len(c.in) >= header {
		object := ID(binary.NativeEndian.Uint32(c.in))
		word := binary.NativeEndian.Uint32(c.in[4:])
		size := int(word >> 16)
		if size < header || size%4 != 0 {
			return fmt.Errorf("read from the compositor: message of %d bytes", size)
		}
		if len(c.in) < size {
			return nil
		}
		e := &Event{Opcode: uint16(word), args: c.in[header:size], files: &c.files}
		c.mu.Lock()
		handle := c.handlers[object]
		c.mu.Unlock()
		if handle != nil {
			handle(e)
		}
		if c.fail != nil {
			return c.fail
		}
		if e.broken {
			return fmt.Errorf("read from the compositor: event %d is too short", e.Opcode)
		}
		c.in = c.in[size:]
	}
	return nil
}

// displayEvent handles wl_display.error and delete_id.
func (c *Conn) displayEvent(e *Event) {
	switch e.Opcode {
	case 0:
		e.ID()
		code := e.Uint()
		c.fail = fmt.Errorf("the compositor refused a request: %s (code %d)", e.String(), code)
	case 1:
		id := e.ID()
		c.mu.Lock()
		defer c.mu.Unlock()
		if _, ours := c.handlers[id]; ours && id >= firstOwn && id < firstServer {
			delete(c.handlers, id)
			c.free = append(c.free, id)
		}
	}
}

// Handle sets the handler of an object that the compositor made. If h is nil, its events
// are ignored.
func (c *Conn) Handle(id ID, h Handler) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h == nil {
		delete(c.handlers, id)
	} else {
		c.handlers[id] = h
	}
}

// Request sends a request. Arguments are uint32, int32, string, ID and
// *os.File; files are sent, not closed.
func (c *Conn) Request(object ID, opcode uint16, args ...any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.write(object, opcode, args)
}

// Create sends a request that makes an object, and returns its ID. h handles its events
// until the compositor has destroyed it; nil ignores them. Among the arguments, a NewID
// marks the place of the ID.
func (c *Conn) Create(h Handler, object ID, opcode uint16, args ...any) (ID, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := c.allot(h)
	args = append([]any(nil), args...)
	for i, a := range args {
		if a == (NewID{}) {
			args[i] = id
		}
	}
	return id, c.write(object, opcode, args)
}

// A NewID marks the ID of the object that a request makes.
type NewID struct{}

// allot returns an ID that is not in use. The compositor expects the lowest.
func (c *Conn) allot(h Handler) ID {
	if h == nil {
		h = func(*Event) {}
	}
	id := c.next
	if n := len(c.free); n > 0 {
		id, c.free = c.free[n-1], c.free[:n-1]
	} else {
		c.next++
	}
	c.handlers[id] = h
	return id
}

func (c *Conn) write(object ID, opcode uint16, args []any) error {
	b, files, err := encode(object, opcode, args)
	if err != nil {
		return fmt.Errorf("write to the compositor: %w", err)
	}
	var oob []byte
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		oob = unix.UnixRights(fds...)
	}
	for len(b) > 0 { // a nearly full socket takes only a part
		n, _, err := c.sock.WriteMsgUnix(b, oob, nil)
		if err != nil {
			return fmt.Errorf("write to the compositor: %w", err)
		}
		b, oob = b[n:], nil
	}
	return nil
}
