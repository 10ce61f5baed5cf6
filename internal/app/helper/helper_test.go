package helper

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/test/isolated"
)

// TestMain keeps the tests apart from the user who runs them.
func TestMain(m *testing.M) { isolated.Main(m) }

// A fakeHelper is vocoder-inputd as the client sees it. The test reads its requests and
// sends its reports.
type fakeHelper struct {
	t      *testing.T
	listen *net.UnixListener
	conn   *net.UnixConn
	client *Client
	events chan key.Event
	state  chan error // what the listener reports of the devices

	endListener func() // ends the listener alone, and waits for that
}

func newFakeHelper(t *testing.T) *fakeHelper {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Net: "unixpacket", Name: path})
	if err != nil {
		t.Fatal(err)
	}
	p := &fakeHelper{t: t, listen: l, events: make(chan key.Event), state: make(chan error, 100)}
	p.client = New(slog.New(slog.DiscardHandler), func() {})
	p.client.path = path
	listener := p.client.Listener([]evdev.Binding{{Keys: []key.Code{97}}}, func(_ evdev.Status, err error) { p.state <- err })
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { p.client.Run(ctx) })
	listening, end := context.WithCancel(ctx)
	ended := make(chan struct{})
	wg.Go(func() {
		defer close(ended)
		_ = listener.Run(listening, p.events) // eight keys or fewer
	})
	p.endListener = func() { end(); <-ended }
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		_ = l.Close()
	})
	return p
}

// accept accepts a connection up to the Bind request, whose serial it returns.
func (p *fakeHelper) accept() uint8 {
	p.t.Helper()
	_ = p.listen.SetDeadline(time.Now().Add(time.Minute)) // of a socket that is open
	c, err := p.listen.AcceptUnix()
	if err != nil {
		p.t.Fatal(err)
	}
	p.conn = c
	p.t.Cleanup(func() { _ = c.Close() })
	if r := p.receive(); r.Kind != helperproto.Hello || r.Version != helperproto.Version {
		p.t.Fatalf("greeted with %+v", r)
	}
	p.send(helperproto.Answer{})
	r := p.receive()
	if r.Kind != helperproto.Bind || len(r.Bindings) != 1 || !slices.Equal(r.Bindings[0].Keys, []key.Code{97}) {
		p.t.Fatalf("the request is %+v", r)
	}
	p.send(helperproto.Answer{})
	p.send(helperproto.State{Serial: r.Serial, Keyboard: true, Devices: 1})
	return r.Serial
}

func (p *fakeHelper) receive() helperproto.Request {
	p.t.Helper()
	b := make([]byte, helperproto.Most)
	_ = p.conn.SetReadDeadline(time.Now().Add(time.Minute)) // of a socket that is open
	n, err := p.conn.Read(b)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := helperproto.ParseRequest(b[:n])
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *fakeHelper) send(r helperproto.Report) {
	p.t.Helper()
	if _, err := p.conn.Write(helperproto.Encode(r)); err != nil {
		p.t.Fatal(err)
	}
}

// next returns the next event of a key.
func (p *fakeHelper) next() key.Event {
	p.t.Helper()
	select {
	case ev := <-p.events:
		return ev
	case <-time.After(time.Minute):
		p.t.Fatal("no event")
		return key.Event{}
	}
}

// TestHelperHolds: the client passes holds on, except those of an older Bind. A hold
// ends when the connection ends. Then the client connects again.
func TestHelperHolds(t *testing.T) {
	p := newFakeHelper(t)
	serial := p.accept()
	p.send(helperproto.Hold{Serial: serial + 1, Down: true})
	p.send(helperproto.Hold{Serial: serial, Binding: 7, Down: true})
	p.send(helperproto.Hold{Serial: serial}) // released without a press
	p.send(helperproto.Hold{Serial: serial, Down: true})
	p.send(helperproto.Hold{Serial: serial, Cause: key.Resync})
	if ev := p.next(); !ev.Down {
		t.Errorf("%+v, want a press", ev)
	}
	if ev := p.next(); ev.Down || ev.Cause != key.Resync {
		t.Errorf("%+v, want a release", ev)
	}
	p.send(helperproto.Hold{Serial: serial, Down: true})
	p.next()
	_ = p.conn.Close() // as by a restart
	if ev := p.next(); ev.Down || ev.Cause != key.Gone {
		t.Errorf("%+v, want the end of the hold", ev)
	}
	serial = p.accept()
	p.send(helperproto.Hold{Serial: serial, Down: true})
	if ev := p.next(); !ev.Down || time.Since(ev.At) < time.Second {
		t.Errorf("%+v, want a press at the start of the machine", ev)
	}
}

// TestHelperKeys: the request of each call, and its error for each reply.
func TestHelperKeys(t *testing.T) {
	p := newFakeHelper(t)
	p.accept()
	for _, tt := range []struct {
		name   string
		do     func() error
		want   helperproto.Request
		answer helperproto.Reason
		err    error
	}{
		{"ready", func() error { return p.client.Ready(t.Context()) }, helperproto.Request{Kind: helperproto.Ready}, helperproto.None, nil},
		{"down", func() error { return p.client.Down(30) }, helperproto.Request{Kind: helperproto.Down, Code: 30}, helperproto.None, nil},
		{"up", func() error { return p.client.Up(30) }, helperproto.Request{Kind: helperproto.Up, Code: 30}, helperproto.None, nil},
		{"no hold", func() error { return p.client.Ready(t.Context()) }, helperproto.Request{Kind: helperproto.Ready}, helperproto.NoHold, helperproto.NoHold},
		{"tap", func() error { return p.client.Tap(30) }, helperproto.Request{Kind: helperproto.Tap, Code: 30}, helperproto.None, nil},
		{"touched", func() error { return p.client.Down(30) }, helperproto.Request{Kind: helperproto.Down, Code: 30}, helperproto.Touched, inject.ErrTouched},
		{"end", func() error { PhysicalKeys{p.client}.Close(); return nil }, helperproto.Request{Kind: helperproto.End}, helperproto.None, nil},
	} {
		done := make(chan error, 1)
		go func() { done <- tt.do() }()
		if got := p.receive(); got.Kind != tt.want.Kind || got.Code != tt.want.Code {
			t.Errorf("%s: the request is %+v", tt.name, got)
		}
		p.send(helperproto.Answer{Reason: tt.answer})
		if err := <-done; !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.err)
		}
	}
}

// TestHelperStaleReply: the client does not use the reply to an abandoned request as the
// reply to the next one.
func TestHelperStaleReply(t *testing.T) {
	p := newFakeHelper(t)
	p.accept()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.client.Ready(ctx) }()
	p.receive()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the end of the context", err)
	}
	go func() { done <- p.client.Ready(t.Context()) }()
	p.send(helperproto.Answer{Reason: helperproto.KeysDown})
	p.receive()
	p.send(helperproto.Answer{})
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestHelperUnlocks: the daemon may learn from logind sooner than the helper that the
// session is unlocked. Ready waits for the helper.
func TestHelperUnlocks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after []helperproto.Report // what the helper sends after it refused
		done  bool                 // the caller cancels
		err   error
	}{
		{"told before", []helperproto.Report{helperproto.State{Keyboard: true}}, false, nil},
		{"told after", []helperproto.Report{helperproto.State{Keyboard: true, Session: helperproto.Locked}, helperproto.State{Keyboard: true}}, false, nil},
		{"another reason", []helperproto.Report{helperproto.State{Keyboard: true, Session: helperproto.Inactive}, helperproto.State{Keyboard: true}}, false, nil},
		{"not wanted any more", nil, true, helperproto.Locked},
		{"stays locked", nil, false, helperproto.Locked}, // until sessionDelay is over
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newFakeHelper(t)
			p.accept()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() { done <- p.client.Ready(ctx) }()
			p.receive()
			p.send(helperproto.Answer{Reason: helperproto.Locked})
			for _, r := range tt.after {
				p.send(r)
			}
			switch {
			case tt.done:
				cancel()
			case tt.err == nil:
				if r := p.receive(); r.Kind != helperproto.Ready {
					t.Errorf("the request is %+v, want Ready again", r)
				}
				p.send(helperproto.Answer{})
			}
			if err := <-done; !errors.Is(err, tt.err) && !(tt.done && errors.Is(err, context.Canceled)) {
				t.Errorf("%v, want %v", err, tt.err)
			}
		})
	}
}

// TestHelperTrouble: the client reports why it hears no keys.
func TestHelperTrouble(t *testing.T) {
	p := newFakeHelper(t)
	serial := p.accept()
	p.send(helperproto.State{Serial: serial, Refused: 1})
	want := []error{nil, helperproto.NotAllowed, errNoAnswer}
	for i, want := range want {
		if i == 2 {
			_ = p.conn.Close()
		}
		select {
		case err := <-p.state:
			if !errors.Is(err, want) {
				t.Errorf("reported %v, want %v", err, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("not reported %v", want)
		}
	}
	if err := p.client.Check(); !errors.Is(err, errNoAnswer) {
		t.Errorf("%v, want %v", err, errNoAnswer)
	}
}

// TestHelperOtherVersion: a helper of a different version has an error of its own.
func TestHelperOtherVersion(t *testing.T) {
	p := newFakeHelper(t)
	c, err := p.listen.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	p.conn = c
	p.receive()
	p.send(helperproto.Answer{Reason: helperproto.OtherVersion})
	for err := range p.state {
		if err != nil {
			if !errors.Is(err, helperproto.OtherVersion) {
				t.Errorf("reported %v", err)
			}
			break
		}
	}
	_ = c.Close()
}
