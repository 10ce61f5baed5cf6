package main

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

const (
	alice = 1000

	// waitLimit is far above what any wait here takes, also on a busy machine.
	waitLimit = time.Minute

	keyA key.Code = 30
	keyB key.Code = 48
)

// A rig is a server with one client. Its devices are fakes in this file.
type rig struct {
	*server
	t        *testing.T
	daemon   *net.UnixConn // the client's other end
	done     chan error    // of the client
	end      context.CancelFunc
	ended    bool
	events   chan chan<- key.Event // of the listener, if there is one
	leaving  chan struct{}         // the client waits for the listener to end; has room for one
	paper    *paper
	serial   uint8
	received []helperproto.Report

	mu    sync.Mutex
	state session.State
	keys  []key.Code // physical, down
}

func newRig(t *testing.T, r policy) *rig {
	t.Helper()
	for i := range r.Bindings {
		c, err := key.Parse(r.Bindings[i].Key)
		if err != nil {
			t.Fatal(err)
		}
		r.Bindings[i].keys = []key.Code{c}
	}
	x := &rig{t: t, server: newServer(r, newKeyboard(r.keys()), slog.New(slog.DiscardHandler)), state: session.State{InUse: true}, events: make(chan chan<- key.Event, 1),
		leaving: make(chan struct{}, 1), done: make(chan error, 1)}
	x.paper = newPaper(t, x.keyboard)
	x.listen = func(ctx context.Context, _ evdev.Config, events chan<- key.Event) error {
		x.events <- events
		<-ctx.Done()
		select {
		case x.leaving <- struct{}{}:
		default:
		}
		<-x.events
		return nil
	}
	x.openKeys = func(string) (physicalKeys, error) { return x, nil }
	x.become(x.state)
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	x.daemon = conn(t, fds[0])
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(x.server, conn(t, fds[1]), alice)
	if !x.presence.add(c) {
		t.Fatal("the client is not served")
	}
	x.end = cancel
	go func() {
		x.done <- c.run(ctx)
		_ = c.conn.Close()
	}()
	t.Cleanup(func() { x.finish() })
	return x
}

func conn(t *testing.T, fd int) *net.UnixConn {
	f := os.NewFile(uintptr(fd), "socketpair")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		t.Fatal(err)
	}
	return c.(*net.UnixConn)
}

// finish ends the client and returns why it ended.
func (x *rig) finish() error {
	if x.ended {
		return nil
	}
	x.ended = true
	_ = x.daemon.Close()
	select {
	case err := <-x.done:
		x.end()
		return err
	case <-time.After(waitLimit):
		x.t.Fatal("the client does not end")
		return nil
	}
}

// become sets the state of the session.
func (x *rig) become(s session.State) {
	x.presence.update(func(uid int) session.State {
		if uid != alice {
			return session.State{Why: session.NoSession}
		}
		return s
	})
}

// Released, Pressed and Close make the rig the physical keyboards.
func (x *rig) Released(ctx context.Context) error {
	if down, _ := x.Pressed(); len(down) == 0 {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (x *rig) Pressed() ([]key.Code, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.keys), nil
}

func (x *rig) Close() error { return nil }

func (x *rig) touch(keys ...key.Code) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.keys = keys
}

// hello sends Hello and Bind.
func (x *rig) hello() *rig {
	x.t.Helper()
	x.want(nil, helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version})
	x.bind(rightCtrl)
	return x
}

func (x *rig) bind(keys ...key.Code) {
	x.t.Helper()
	x.serial++
	r := helperproto.Request{Kind: helperproto.Bind, Serial: x.serial}
	for _, c := range keys {
		r.Bindings = append(r.Bindings, helperproto.Binding{Keys: []key.Code{c}})
	}
	x.want(nil, r)
}

// ask makes a request and returns the answer.
func (x *rig) ask(r helperproto.Request) error {
	if _, err := x.daemon.Write(r.Append(nil)); err != nil {
		return err
	}
	for {
		report, err := x.receive()
		if err != nil {
			return err
		}
		if a, ok := report.(helperproto.Answer); ok {
			return a.Reason.Err()
		}
		x.received = append(x.received, report)
	}
}

func (x *rig) receive() (helperproto.Report, error) {
	b := make([]byte, helperproto.Most)
	_ = x.daemon.SetReadDeadline(time.Now().Add(waitLimit)) // the socket is open
	n, err := x.daemon.Read(b)
	if err != nil {
		return nil, err
	}
	return helperproto.ParseReport(b[:n])
}

// want fails the test unless a request has this answer.
func (x *rig) want(want error, r helperproto.Request) {
	x.t.Helper()
	if got := x.ask(r); !errors.Is(got, want) || (want == nil) != (got == nil) {
		x.t.Fatalf("%+v: %v, want %v", r, got, want)
	}
}

// next returns the next report of a type.
func next[R helperproto.Report](x *rig) R {
	x.t.Helper()
	for {
		var r helperproto.Report
		if len(x.received) > 0 {
			r, x.received = x.received[0], x.received[1:]
		} else {
			var err error
			if r, err = x.receive(); err != nil {
				x.t.Fatalf("waiting for a %T: %v", *new(R), err)
			}
		}
		if r, ok := r.(R); ok {
			return r
		}
	}
}

// held holds the bound key for a time that ends now.
func (x *rig) held(d time.Duration) {
	x.t.Helper()
	x.event(true, time.Now().Add(-d))
	x.event(false, time.Now())
}

func (x *rig) event(down bool, at time.Time) {
	x.t.Helper()
	events := <-x.events
	events <- key.Event{Down: down, At: at}
	x.events <- events
	if h := next[helperproto.Hold](x); h.Down != down {
		x.t.Fatalf("reported %+v", h)
	}
}

// granted gets the permission to type.
func (x *rig) granted() *rig {
	x.t.Helper()
	x.hello()
	x.held(time.Second)
	x.want(nil, helperproto.Request{Kind: helperproto.Ready})
	return x
}

// A paper records what a keyboard writes to its device.
type paper struct {
	mu      sync.Mutex
	presses int
	down    map[key.Code]bool
	up      []key.Code    // in the order released
	changed chan struct{} // closed at the next change
	twice   bool          // a key was pressed that was down
	ended   chan struct{}
}

func newPaper(t *testing.T, k *keyboard) *paper {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &paper{down: map[key.Code]bool{}, changed: make(chan struct{}), ended: make(chan struct{})}
	k.node, k.sys = w, "input99"
	go func() {
		defer close(p.ended)
		b := make([]byte, unsafe.Sizeof(event{}))
		for {
			if _, err := r.Read(b); err != nil {
				return
			}
			p.record(b[len(b)-8:])
		}
	}()
	t.Cleanup(func() {
		k.close()
		<-p.ended
		_ = r.Close()
	})
	return p
}

func (p *paper) record(b []byte) {
	if binary.NativeEndian.Uint16(b) != evKey {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c, value := key.Code(binary.NativeEndian.Uint16(b[2:])), binary.NativeEndian.Uint32(b[4:])
	close(p.changed)
	p.changed = make(chan struct{})
	if value == 0 {
		delete(p.down, c)
		p.up = append(p.up, c)
		return
	}
	p.twice = p.twice || p.down[c]
	p.down[c] = true
	p.presses++
}

func (p *paper) ups() []key.Code {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.up)
}

// read closes the keyboard and returns how often a key went down, and how many were
// down before it was closed.
func (x *rig) read() (presses, down int) {
	x.t.Helper()
	x.keyboard.close()
	<-x.paper.ended
	x.paper.mu.Lock()
	defer x.paper.mu.Unlock()
	if x.paper.twice {
		x.t.Error("a key was pressed that was down")
	}
	return x.paper.presses, len(x.paper.down)
}
