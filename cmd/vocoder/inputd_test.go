package main

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
)

// A porter is vocoder-inputd as the daemon sees it: it answers what the test
// says, and keeps what it is asked.
type porter struct {
	t      *testing.T
	listen *net.UnixListener
	conn   *net.UnixConn
	client *inputd
	events chan key.Event
	heard  chan error // what the ear says of itself
}

func newPorter(t *testing.T) *porter {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Net: "unixpacket", Name: path})
	if err != nil {
		t.Fatal(err)
	}
	p := &porter{t: t, listen: l, events: make(chan key.Event), heard: make(chan error, 100)}
	p.client = newInputd(slog.New(slog.DiscardHandler), func() {})
	p.client.path = path
	ear := &distantEar{d: p.client, bindings: []evdev.Binding{{Keys: []key.Code{97}}}, changed: func(_ evdev.Status, err error) { p.heard <- err }}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { p.client.Run(ctx) })
	wg.Go(func() { _ = ear.Run(ctx, p.events) }) // it fits
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		_ = l.Close()
	})
	return p
}

// welcome takes a connection as far as the Bind, whose serial it returns.
func (p *porter) welcome() uint8 {
	p.t.Helper()
	_ = p.listen.SetDeadline(time.Now().Add(10 * time.Second)) // of a socket that is open
	c, err := p.listen.AcceptUnix()
	if err != nil {
		p.t.Fatal(err)
	}
	p.conn = c
	p.t.Cleanup(func() { _ = c.Close() })
	if r := p.take(); r.Kind != helperproto.Hello || r.Version != helperproto.Version {
		p.t.Fatalf("greeted with %+v", r)
	}
	p.say(helperproto.Answer{})
	r := p.take()
	if r.Kind != helperproto.Bind || len(r.Bindings) != 1 || !slices.Equal(r.Bindings[0].Keys, []key.Code{97}) {
		p.t.Fatalf("asked %+v", r)
	}
	p.say(helperproto.Answer{})
	p.say(helperproto.State{Serial: r.Serial, Keyboard: true, Devices: 1})
	return r.Serial
}

func (p *porter) take() helperproto.Request {
	p.t.Helper()
	b := make([]byte, helperproto.Most)
	_ = p.conn.SetReadDeadline(time.Now().Add(10 * time.Second)) // of a socket that is open
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

func (p *porter) say(r helperproto.Report) {
	p.t.Helper()
	if _, err := p.conn.Write(helperproto.Encode(r)); err != nil {
		p.t.Fatal(err)
	}
}

// next returns the next event of a key.
func (p *porter) next() key.Event {
	p.t.Helper()
	select {
	case ev := <-p.events:
		return ev
	case <-time.After(10 * time.Second):
		p.t.Fatal("no event")
		return key.Event{}
	}
}

// TestHelperHolds: holds are passed on, those of another Bind are not, and one
// that is under way when the helper goes is over. Then it is connected to anew.
func TestHelperHolds(t *testing.T) {
	p := newPorter(t)
	serial := p.welcome()
	p.say(helperproto.Hold{Serial: serial + 1, Down: true})
	p.say(helperproto.Hold{Serial: serial, Binding: 7, Down: true})
	p.say(helperproto.Hold{Serial: serial}) // released without a press
	p.say(helperproto.Hold{Serial: serial, Down: true})
	p.say(helperproto.Hold{Serial: serial, Cause: key.Resync})
	if ev := p.next(); !ev.Down {
		t.Errorf("%+v, want a press", ev)
	}
	if ev := p.next(); ev.Down || ev.Cause != key.Resync {
		t.Errorf("%+v, want a release", ev)
	}
	p.say(helperproto.Hold{Serial: serial, Down: true})
	p.next()
	_ = p.conn.Close() // as by a restart
	if ev := p.next(); ev.Down || ev.Cause != key.Gone {
		t.Errorf("%+v, want the end of the hold", ev)
	}
	serial = p.welcome()
	p.say(helperproto.Hold{Serial: serial, Down: true})
	if ev := p.next(); !ev.Down || time.Since(ev.At) < time.Second {
		t.Errorf("%+v, want a press at the start of the machine", ev)
	}
}

// TestHelperKeys: what is asked, and what the answers become.
func TestHelperKeys(t *testing.T) {
	p := newPorter(t)
	p.welcome()
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
		{"end", func() error { farFingers{p.client}.close(); return nil }, helperproto.Request{Kind: helperproto.End}, helperproto.None, nil},
	} {
		done := make(chan error, 1)
		go func() { done <- tt.do() }()
		if got := p.take(); got.Kind != tt.want.Kind || got.Code != tt.want.Code {
			t.Errorf("%s: asked %+v", tt.name, got)
		}
		p.say(helperproto.Answer{Reason: tt.answer})
		if err := <-done; !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.err)
		}
	}
}

// TestHelperOwed: an answer that came too late for who asked is not taken for
// that of the next request.
func TestHelperOwed(t *testing.T) {
	p := newPorter(t)
	p.welcome()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.client.Ready(ctx) }()
	p.take()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the end of the context", err)
	}
	go func() { done <- p.client.Ready(t.Context()) }()
	p.say(helperproto.Answer{Reason: helperproto.KeysDown})
	p.take()
	p.say(helperproto.Answer{})
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestHelperUnlocks: logind tells the daemon sooner than the helper that the
// session is not locked any more; the text waits for both.
func TestHelperUnlocks(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after []helperproto.Report // what the helper says after it refused
		done  bool                 // the text is not wanted any more
		err   error
	}{
		{"told before", []helperproto.Report{helperproto.State{Keyboard: true}}, false, nil},
		{"told after", []helperproto.Report{helperproto.State{Keyboard: true, Session: helperproto.Locked}, helperproto.State{Keyboard: true}}, false, nil},
		{"another reason", []helperproto.Report{helperproto.State{Keyboard: true, Session: helperproto.Inactive}, helperproto.State{Keyboard: true}}, false, nil},
		{"not wanted any more", nil, true, helperproto.Locked},
		{"stays locked", nil, false, helperproto.Locked}, // for as long as it is waited
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPorter(t)
			p.welcome()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() { done <- p.client.Ready(ctx) }()
			p.take()
			p.say(helperproto.Answer{Reason: helperproto.Locked})
			for _, r := range tt.after {
				p.say(r)
			}
			switch {
			case tt.done:
				cancel()
			case tt.err == nil:
				if r := p.take(); r.Kind != helperproto.Ready {
					t.Errorf("asked %+v, want Ready again", r)
				}
				p.say(helperproto.Answer{})
			}
			if err := <-done; !errors.Is(err, tt.err) && !(tt.done && errors.Is(err, context.Canceled)) {
				t.Errorf("%v, want %v", err, tt.err)
			}
		})
	}
}

// TestHelperTrouble: what keeps the keys from being heard is told.
func TestHelperTrouble(t *testing.T) {
	p := newPorter(t)
	serial := p.welcome()
	p.say(helperproto.State{Serial: serial, Refused: 1})
	want := []error{nil, helperproto.NotAllowed, errHelper}
	for i, want := range want {
		if i == 2 {
			_ = p.conn.Close()
		}
		select {
		case err := <-p.heard:
			if !errors.Is(err, want) {
				t.Errorf("told %v, want %v", err, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("not told %v", want)
		}
	}
	if err := p.client.check(); !errors.Is(err, errHelper) {
		t.Errorf("%v, want %v", err, errHelper)
	}
}

// TestHelperOtherVersion: it is said, not guessed at.
func TestHelperOtherVersion(t *testing.T) {
	p := newPorter(t)
	c, err := p.listen.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	p.conn = c
	p.take()
	p.say(helperproto.Answer{Reason: helperproto.OtherVersion})
	for err := range p.heard {
		if err != nil {
			if !errors.Is(err, helperproto.OtherVersion) || hint(err) == "" {
				t.Errorf("told %v with hint %q", err, hint(err))
			}
			break
		}
	}
	_ = c.Close()
}
