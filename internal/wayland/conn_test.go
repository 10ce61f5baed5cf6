package wayland

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// A server is the other end of a Conn.
type server struct {
	t    *testing.T
	sock *net.UnixConn
	oob  []byte // of the last request
}

// connect returns a Conn that runs, and its server.
func connect(t *testing.T) (*Conn, *server) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*net.UnixConn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "socketpair")
		c, err := net.FileConn(f)
		if err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		ends[i] = c.(*net.UnixConn)
	}
	t.Cleanup(func() { _ = ends[1].Close() })
	return New(ends[0]), &server{t: t, sock: ends[1]}
}

// run starts c and returns what its Run returns.
func run(t *testing.T, c *Conn) (end func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- c.Run(ctx) }()
	end = sync.OnceValue(func() error { return <-result })
	t.Cleanup(func() { cancel(); _ = end() })
	return end
}

// request reads one message of the client.
func (s *server) request() (object, opcode uint32, args []byte) {
	s.t.Helper()
	head, oob := make([]byte, header), make([]byte, 64)
	n, oobn, _, _, err := s.sock.ReadMsgUnix(head, oob)
	if err != nil || n != header {
		s.t.Errorf("read request: %d bytes, %v", n, err)
		return
	}
	s.oob = oob[:oobn]
	word := binary.NativeEndian.Uint32(head[4:])
	args = make([]byte, word>>16-header)
	if _, err := io.ReadFull(s.sock, args); err != nil {
		s.t.Error(err)
	}
	return binary.NativeEndian.Uint32(head), word & 0xffff, args
}

// event encodes an event.
func (s *server) event(object ID, opcode uint16, args ...any) []byte {
	s.t.Helper()
	b, _, err := encode(object, opcode, args)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *server) send(b []byte, files ...*os.File) {
	s.t.Helper()
	var fds []int
	for _, f := range files {
		fds = append(fds, int(f.Fd()))
	}
	var oob []byte
	if fds != nil {
		oob = unix.UnixRights(fds...)
	}
	if _, _, err := s.sock.WriteMsgUnix(b, oob, nil); err != nil {
		s.t.Error(err)
	}
}

func word(b []byte, i int) uint32 { return binary.NativeEndian.Uint32(b[4*i:]) }

// start serves the registry with what globals names.
func (s *server) start(c *Conn, globals ...string) {
	s.t.Helper()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_, _, args := s.request()
		registry := ID(word(args, 0))
		for i, g := range globals {
			s.send(s.event(registry, 0, uint32(i+1), g, uint32(i+1)))
		}
		s.sync()
	}()
	if err := c.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	<-served
}

// sync answers a wl_display.sync as libwayland does.
func (s *server) sync() ID {
	_, _, args := s.request()
	id := ID(word(args, 0))
	s.send(append(s.event(id, 0, uint32(0)), s.event(display, 1, id)...))
	return id
}

func TestGlobals(t *testing.T) {
	c, s := connect(t)
	run(t, c)
	s.start(c, "wl_seat", "wl_shm", "wl_seat")
	if v := c.Offers("wl_shm"); v != 2 {
		t.Errorf("wl_shm has version %d", v)
	}
	if v := c.Offers("wl_pointer"); v != 0 {
		t.Errorf("wl_pointer has version %d", v)
	}
	if _, _, err := c.Bind(nil, "wl_pointer", 1); err == nil {
		t.Error("bound what is not there")
	}
	id, version, err := c.Bind(nil, "wl_seat", 7)
	if err != nil || version != 1 {
		t.Errorf("bound version %d, %v", version, err)
	}
	object, opcode, args := s.request()
	want := []byte("\x01\x00\x00\x00\x08\x00\x00\x00wl_seat\x00\x01\x00\x00\x00")
	if object != uint32(c.registry) || opcode != 0 || !bytes.HasPrefix(args, want) || ID(word(args, 5)) != id {
		t.Errorf("bound by %d.%d %q", object, opcode, args)
	}
}

// TestIDsAreUsedAgain shows that a connection may live for ever: the compositor
// has room for so many IDs, and refuses those that leave a hole.
func TestIDsAreUsedAgain(t *testing.T) {
	c, s := connect(t)
	run(t, c)
	for range 100 {
		go s.sync()
		if err := c.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	go s.sync()
	if err := c.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.next > firstOwn+2 {
		t.Errorf("the next new ID is %d", c.next)
	}
}

// TestEventsInPieces shows that events and the files that came with any byte of
// them find together.
func TestEventsInPieces(t *testing.T) {
	c, s := connect(t)
	run(t, c)
	type got struct {
		number  uint32
		text    string
		content string
	}
	events := make(chan got, 2)
	id, err := c.Create(func(e *Event) {
		g := got{number: e.Uint(), text: e.String()}
		f := e.File()
		defer func() { _ = f.Close() }()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Error(err)
		}
		g.content = string(b)
		events <- g
	}, display, 9, NewID{})
	if err != nil {
		t.Fatal(err)
	}
	s.request()
	both := append(s.event(id, 3, uint32(7), "seven"), s.event(id, 3, uint32(8), "")...)
	for i, b := range both {
		switch i {
		case 2:
			s.send([]byte{b}, file(t, "first"), file(t, "second"))
		default:
			s.send([]byte{b})
		}
	}
	for _, want := range []got{{7, "seven", "first"}, {8, "", "second"}} {
		if g := <-events; g != want {
			t.Errorf("got %+v, want %+v", g, want)
		}
	}
}

func file(t *testing.T, content string) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	if _, err := w.WriteString(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFilesAreSent(t *testing.T) {
	c, s := connect(t)
	if err := c.Request(5, 1, "text/plain", file(t, "content")); err != nil {
		t.Fatal(err)
	}
	_, _, args := s.request()
	if !bytes.Contains(args, []byte("text/plain\x00")) {
		t.Errorf("arguments are %q", args)
	}
	m, err := unix.ParseSocketControlMessage(s.oob)
	if err != nil || len(m) != 1 {
		t.Fatalf("%d control messages, %v", len(m), err)
	}
	fds, err := unix.ParseUnixRights(&m[0])
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fds[0]), "sent")
	defer func() { _ = f.Close() }()
	if b, err := io.ReadAll(f); err != nil || string(b) != "content" {
		t.Errorf("the file has %q, %v", b, err)
	}
}

func TestBrokenCompositor(t *testing.T) {
	for _, tt := range []struct {
		name string
		send func(s *server, id ID) []byte
		want string
	}{
		{"a refusal", func(s *server, id ID) []byte { return s.event(display, 0, id, uint32(3), "no such thing") }, "no such thing (code 3)"},
		{"a size below a header", func(s *server, id ID) []byte { return []byte("\x02\x00\x00\x00\x00\x00\x04\x00") }, "message of 4 bytes"},
		{"a size that is no word", func(s *server, id ID) []byte { return []byte("\x02\x00\x00\x00\x00\x00\x09\x00") }, "message of 9 bytes"},
		{"a missing argument", func(s *server, id ID) []byte { return s.event(id, 0) }, "event 0 is too short"},
		{"a string past the end", func(s *server, id ID) []byte { return s.event(id, 1, uint32(1<<32-1), uint32(0)) }, "event 1 is too short"},
		{"a string without an end", func(s *server, id ID) []byte { return s.event(id, 1, uint32(4), uint32(0x41414141)) }, "event 1 is too short"},
		{"no file", func(s *server, id ID) []byte { return s.event(id, 2) }, "event 2 is too short"},
		{"nothing at all", func(s *server, id ID) []byte { _ = s.sock.CloseWrite(); return nil }, "EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, s := connect(t)
			end := run(t, c)
			id, err := c.Create(func(e *Event) {
				switch e.Opcode {
				case 0:
					e.Uint()
				case 1:
					_ = e.String()
				case 2:
					e.File()
				}
			}, display, 9, NewID{})
			if err != nil {
				t.Fatal(err)
			}
			if b := tt.send(s, id); b != nil {
				s.send(b)
			}
			if err := end(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err := c.Sync(t.Context()); err == nil {
				t.Error("it goes on")
			}
		})
	}
}

func TestRunEnds(t *testing.T) {
	c, _ := connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() { result <- c.Run(ctx) }()
	synced := make(chan error)
	go func() { synced <- c.Sync(context.Background()) }()
	cancel()
	if err := <-result; err != nil {
		t.Errorf("got %v", err)
	}
	if err := <-synced; err == nil {
		t.Error("Sync returned nil")
	}
}

func TestSyncStops(t *testing.T) {
	c, _ := connect(t)
	run(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Sync(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// FuzzDispatch checks that a compositor cannot do more than end the connection,
// and that what is read does not depend on how it is cut into pieces.
func FuzzDispatch(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x10\x00\x05\x00\x00\x00abcd\x00\x00\x00\x00"), uint8(3))
	f.Add([]byte("\x01\x00\x00\x00\x01\x00\x0c\x00\x02\x00\x00\x00"), uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, cut uint8) {
		read := func(step int) (events []string) {
			c := New(nil)
			for id := range ID(4) {
				c.Handle(2+id, func(e *Event) {
					switch e.Opcode % 4 {
					case 0:
						e.Uint()
					case 1:
						events = append(events, e.String())
					case 2:
						e.File()
					}
				})
			}
			for rest := b; len(rest) > 0; {
				n := min(step, len(rest))
				c.in = append(c.in, rest[:n]...)
				rest = rest[n:]
				if err := c.dispatch(); err != nil {
					return append(events, err.Error())
				}
			}
			return events
		}
		whole, pieces := read(len(b)), read(int(cut)+1)
		if strings.Join(whole, "|") != strings.Join(pieces, "|") {
			t.Errorf("whole: %q, in pieces: %q", whole, pieces)
		}
	})
}
