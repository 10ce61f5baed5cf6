package desktop

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// serve gives every connection to a socket to a handler, until the test or
// what is returned ends it, and all connections with it.
func serve(t testing.TB, path string, handle func(c *net.UnixConn)) (end func()) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var open []*net.UnixConn
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.AcceptUnix()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			running.Go(func() {
				defer func() { _ = c.Close() }()
				handle(c)
			})
		}
	})
	end = sync.OnceFunc(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range open {
			_ = c.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	t.Cleanup(end)
	return end
}

// A compositor is as much of one as a client without a window sees.
type compositor struct {
	t   testing.TB
	end func()

	mu      sync.Mutex
	text    string // of the keymap
	clients map[*net.UnixConn]*seated
}

// seated are the objects of a client, 0 for those it has not made.
type seated struct{ seat, keyboard uint32 }

func newCompositor(t testing.TB, path, text string) *compositor {
	c := &compositor{t: t, text: text, clients: map[*net.UnixConn]*seated{}}
	c.end = serve(t, path, c.client)
	return c
}

func words(v ...uint32) (b []byte) {
	for _, w := range v {
		b = binary.NativeEndian.AppendUint32(b, w)
	}
	return b
}

func text(s string) []byte {
	b := append(words(uint32(len(s)+1)), s...)
	return append(b, make([]byte, 4-len(s)%4)...)
}

func (c *compositor) send(to *net.UnixConn, object, opcode uint32, args []byte, files ...*os.File) {
	var oob []byte
	for _, f := range files {
		oob = unix.UnixRights(int(f.Fd()))
	}
	_, _, _ = to.WriteMsgUnix(append(words(object, uint32(len(args)+8)<<16|opcode), args...), oob, nil) // it may have gone
}

// client serves one client.
func (c *compositor) client(conn *net.UnixConn) {
	var registry uint32
	me := &seated{}
	c.mu.Lock()
	c.clients[conn] = me
	c.mu.Unlock()
	for {
		head := make([]byte, 8)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		object, word := binary.NativeEndian.Uint32(head), binary.NativeEndian.Uint32(head[4:])
		args := make([]byte, word>>16-8)
		if _, err := io.ReadFull(conn, args); err != nil {
			return
		}
		c.mu.Lock()
		switch opcode, id := word&0xffff, args; {
		case object == 1 && opcode == 0: // sync
			n := binary.NativeEndian.Uint32(id)
			c.send(conn, n, 0, words(0))
			c.send(conn, 1, 1, words(n))
		case object == 1: // get_registry
			registry = binary.NativeEndian.Uint32(id)
			c.send(conn, registry, 0, slices.Concat(words(7), text("wl_seat"), words(9)))
		case object == registry: // bind
			me.seat = binary.NativeEndian.Uint32(id[len(id)-4:])
			c.capabilities(conn, me)
		case object == me.seat && opcode == 1: // get_keyboard
			if c.text == "" {
				c.send(conn, 1, 0, append(words(me.seat, 0), text("there has never been a keyboard")...))
			}
			me.keyboard = binary.NativeEndian.Uint32(id)
			c.keymap(conn, me)
		case object == me.keyboard && opcode == 0: // release
			c.send(conn, 1, 1, words(me.keyboard))
			me.keyboard = 0
		}
		c.mu.Unlock()
	}
}

func (c *compositor) capabilities(conn *net.UnixConn, s *seated) {
	has := uint32(1) // a pointer
	if c.text != "" {
		has = 3
	}
	c.send(conn, s.seat, 0, words(has))
}

func (c *compositor) keymap(conn *net.UnixConn, s *seated) {
	f, err := os.CreateTemp(c.t.TempDir(), "keymap")
	if err != nil {
		c.t.Error(err)
		return
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteString(c.text + "\x00"); err != nil {
		c.t.Error(err)
	}
	c.send(conn, s.keyboard, 0, words(1, uint32(len(c.text)+1)), f)
}

// set gives all keyboards another keymap, or takes them away.
func (c *compositor) set(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	had := c.text != ""
	c.text = text
	for conn, s := range c.clients {
		if s.seat != 0 && had != (text != "") {
			c.capabilities(conn, s)
		}
		if s.keyboard != 0 && text != "" {
			c.keymap(conn, s)
		}
	}
}

// A fakeBus is a message bus with everybody on it.
type fakeBus struct {
	mu      sync.Mutex
	names   []string                                 // that are owned
	methods map[string]func(args []any) (body []any) // by interface and member
	serial  uint32
	clients []*net.UnixConn
	matches chan struct{} // one for each rule for signals
	left    chan struct{} // one for each client that has gone
	silent  string        // a method that is not answered
	ignored chan struct{} // one for each call of that
	end     func()        // until restart
	restart func()
}

func newFakeBus(t testing.TB, path string) *fakeBus {
	b := &fakeBus{methods: map[string]func([]any) []any{}, matches: make(chan struct{}, 16), left: make(chan struct{}, 16), ignored: make(chan struct{}, 16)}
	b.restart = func() {
		b.end = serve(t, path, func(conn *net.UnixConn) {
			b.client(conn)
			b.left <- struct{}{}
		})
	}
	b.restart()
	return b
}

// client serves one client, whom it believes everything. Source: The D-Bus
// specification, Authentication Protocol.
func (b *fakeBus) client(conn *net.UnixConn) {
	one := make([]byte, 1)
	for line := []byte{}; ; line = append(line, one[0]) {
		if _, err := io.ReadFull(conn, one); err != nil {
			return
		}
		switch {
		case one[0] != '\n':
			continue
		case bytes.HasPrefix(line, []byte("\x00AUTH EXTERNAL")), bytes.HasPrefix(line, []byte("AUTH EXTERNAL")):
			_, _ = io.WriteString(conn, "OK 0123456789abcdef0123456789abcdef\r\n")
		case bytes.HasPrefix(line, []byte("NEGOTIATE_UNIX_FD")):
			_, _ = io.WriteString(conn, "ERROR\r\n")
		case bytes.HasPrefix(line, []byte("BEGIN")):
			b.serve(conn)
			return
		default:
			_, _ = io.WriteString(conn, "REJECTED EXTERNAL\r\n")
		}
		line = line[:0]
		one[0] = 0
		if _, err := io.ReadFull(conn, one); err != nil {
			return
		}
	}
}

func (b *fakeBus) serve(conn *net.UnixConn) {
	b.mu.Lock()
	b.clients = append(b.clients, conn)
	b.mu.Unlock()
	for {
		call, err := dbus.DecodeMessage(conn)
		if err != nil {
			return
		}
		b.mu.Lock()
		b.answer(conn, call)
		b.mu.Unlock()
	}
}

func (b *fakeBus) answer(conn *net.UnixConn, call *dbus.Message) {
	member := call.Headers[dbus.FieldInterface].Value().(string) + "." + call.Headers[dbus.FieldMember].Value().(string)
	var body []any
	kind := dbus.TypeMethodReply
	switch member {
	case b.silent:
		b.ignored <- struct{}{}
		return
	case "org.freedesktop.DBus.Hello":
		body = []any{":1.1"}
	case "org.freedesktop.DBus.NameHasOwner":
		body = []any{slices.Contains(b.names, call.Body[0].(string))}
	case "org.freedesktop.DBus.AddMatch":
		b.matches <- struct{}{}
	default:
		if method := b.methods[member]; method != nil {
			body = method(call.Body)
		} else {
			kind, body = dbus.TypeError, []any{"no such owner"}
		}
	}
	headers := map[dbus.HeaderField]dbus.Variant{dbus.FieldReplySerial: dbus.MakeVariant(call.Serial())}
	if kind == dbus.TypeError {
		headers[dbus.FieldErrorName] = dbus.MakeVariant("org.freedesktop.DBus.Error.ServiceUnknown")
	}
	b.send(conn, kind, headers, body)
}

func (b *fakeBus) send(conn *net.UnixConn, kind dbus.Type, headers map[dbus.HeaderField]dbus.Variant, body []any) {
	if body != nil {
		headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
	}
	b.serial++
	m := &dbus.Message{Type: kind, Headers: headers, Body: body}
	var buf bytes.Buffer
	if err := m.EncodeTo(&buf, binary.LittleEndian); err != nil {
		panic(err)
	}
	raw := buf.Bytes()
	binary.LittleEndian.PutUint32(raw[8:], b.serial)
	_, _ = conn.Write(raw) // it may have gone
}

// listened waits until a client listens to all that it wants to.
func (b *fakeBus) listened() {
	for range 2 {
		<-b.matches
	}
}

// signal tells something to all.
func (b *fakeBus) signal(path, iface, member string, body ...any) {
	b.signalFrom(":1.7", path, iface, member, body...)
}

func (b *fakeBus) signalFrom(sender, path, iface, member string, body ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, conn := range b.clients {
		b.send(conn, dbus.TypeSignal, map[dbus.HeaderField]dbus.Variant{
			dbus.FieldPath:      dbus.MakeVariant(dbus.ObjectPath(path)),
			dbus.FieldInterface: dbus.MakeVariant(iface),
			dbus.FieldMember:    dbus.MakeVariant(member),
			dbus.FieldSender:    dbus.MakeVariant(sender),
		}, body)
	}
}

// method sets what a method returns.
func (b *fakeBus) method(member string, body ...any) {
	b.handle(member, func([]any) []any { return body })
}

func (b *fakeBus) handle(member string, method func(args []any) (body []any)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.methods[member] = method
}

// freeze has a method of that name not answered, until another is.
func (b *fakeBus) freeze(member string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.silent = member
}

func (b *fakeBus) own(names ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.names = names
}

// start runs a Watcher until the test ends.
func start(t testing.TB, c Config) *Watcher {
	w := New(c)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
	return w
}

// symbols is a keymap of layouts that differ in one key.
func symbols(names ...string) string {
	s := "xkb_keymap { xkb_keycodes { <a> = 38; <b> = 39; }; xkb_types { type \"ONE_LEVEL\" { modifiers= none; }; }; " +
		"xkb_compat { interpret.repeat= False; }; xkb_symbols {"
	lists := ""
	for i, name := range names {
		s += fmt.Sprintf(" name[Group%d]=%q;", i+1, name)
		lists += fmt.Sprintf(" symbols[Group%d]= [ %c ],", i+1, 'a'+i)
	}
	return s + " key <a> {" + lists[:len(lists)-1] + " }; key <b> { [ z ] }; }; };"
}
