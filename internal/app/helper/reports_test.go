package helper

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// packets returns two ends of a connection.
func packets(t *testing.T) (ours, theirs *net.UnixConn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
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
		t.Cleanup(func() { _ = ends[i].Close() })
	}
	return ends[0], ends[1]
}

// TestGreet: the reply counts, also if the helper sent it and closed the connection before
// the greeting. Without a reply the error says what went wrong.
func TestGreet(t *testing.T) {
	for name, tt := range map[string]struct {
		helper func(c *net.UnixConn)
		want   error // nil for success
	}{
		"answers": {func(c *net.UnixConn) { _, _ = c.Write(helperproto.Encode(helperproto.Answer{})) }, nil},
		"is busy, and closes at once": {func(c *net.UnixConn) {
			_, _ = c.Write(helperproto.Encode(helperproto.Answer{Reason: helperproto.Busy}))
			_ = c.Close()
		}, helperproto.Busy},
		"closes without a word": {func(c *net.UnixConn) { _ = c.Close() }, unix.EPIPE},
		"ends its side":         {func(c *net.UnixConn) { _ = c.CloseWrite() }, io.EOF},
		"sends another report":  {func(c *net.UnixConn) { _, _ = c.Write(helperproto.Encode(helperproto.State{})) }, helperproto.ErrMessage},
		"sends rubbish":         {func(c *net.UnixConn) { _, _ = c.Write([]byte("rubbish")) }, helperproto.ErrMessage},
	} {
		ours, theirs := packets(t)
		tt.helper(theirs)
		if err := greet(ours); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

// TestSessionReasons: after a refusal because of the session, Ready waits for the helper's
// report of another state. Any other refusal is the error of Ready at once.
func TestSessionReasons(t *testing.T) {
	for _, reason := range []helperproto.Reason{helperproto.NoHold, helperproto.NoSession, helperproto.Inactive, helperproto.Locked,
		helperproto.Asleep, helperproto.KeysDown, helperproto.Touched, helperproto.NotAllowed, helperproto.NoKeyboard, helperproto.Busy, helperproto.Late} {
		waits := slices.Contains([]helperproto.Reason{helperproto.NoSession, helperproto.Inactive, helperproto.Locked, helperproto.Asleep}, reason)
		p := newFakeHelper(t)
		p.accept()
		done := make(chan error, 1)
		go func() { done <- p.client.Ready(t.Context()) }()
		p.receive()
		p.send(helperproto.Answer{Reason: reason})
		if !waits {
			if err := <-done; !errors.Is(err, reason) {
				t.Errorf("%v: the error is %v", reason, err)
			}
			continue
		}
		p.send(helperproto.State{Keyboard: true})
		if r := p.receive(); r.Kind != helperproto.Ready {
			t.Errorf("%v: the request is %+v, want Ready again", reason, r)
		}
		p.send(helperproto.Answer{})
		if err := <-done; err != nil {
			t.Errorf("%v: %v", reason, err)
		}
	}
}

// TestStaleReplyOnce: after the reply to an abandoned request each call gets its own.
func TestStaleReplyOnce(t *testing.T) {
	p := newFakeHelper(t)
	p.accept()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.client.Ready(ctx) }()
	p.receive()
	cancel()
	<-done
	p.send(helperproto.Answer{Reason: helperproto.KeysDown})
	for i, answer := range []helperproto.Reason{helperproto.None, helperproto.NoHold, helperproto.None} {
		go func() { done <- p.client.Ready(t.Context()) }()
		p.receive()
		p.send(helperproto.Answer{Reason: answer})
		select {
		case err := <-done:
			if !errors.Is(err, answer.Err()) {
				t.Errorf("call %d: %v, want %v", i, err, answer.Err())
			}
		case <-time.After(time.Minute):
			t.Fatalf("call %d waits for a reply that it had", i)
		}
	}
}

// TestListeners: at a reload the new listener may run before the old one has ended. It gets
// the holds and the states, with the missing keys by the numbers of its own bindings, and
// nothing beyond them.
func TestListeners(t *testing.T) {
	p := newFakeHelper(t) // with a listener for one key
	p.accept()
	statuses := make(chan evdev.Status, 100)
	next := p.client.Listener([]evdev.Binding{{Keys: []key.Code{97}}, {Keys: []key.Code{98}}, {Keys: []key.Code{99}}},
		func(s evdev.Status, _ error) { statuses <- s })
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	events := make(chan key.Event)
	wg.Go(func() { _ = next.Run(ctx, events) }) // eight keys or fewer
	r := p.receive()
	if r.Kind != helperproto.Bind || len(r.Bindings) != 3 {
		t.Fatalf("the request is %+v", r)
	}
	p.send(helperproto.Answer{})
	p.endListener()
	p.send(helperproto.State{Serial: r.Serial, Keyboard: true, Missing: 0b101})
	if s := <-statuses; !slices.Equal(s.Missing, []int{0, 2}) {
		t.Errorf("missing %v", s.Missing)
	}
	p.send(helperproto.Hold{Serial: r.Serial, Binding: 3, Down: true})
	p.send(helperproto.Hold{Serial: r.Serial, Binding: 2, Down: true})
	select {
	case ev := <-events:
		if ev.Binding != 2 || !ev.Down {
			t.Errorf("%+v, want a press of the third binding", ev)
		}
	case <-time.After(time.Minute):
		t.Fatal("the hold was lost")
	}
	cancel()
	wg.Wait()
	p.send(helperproto.Hold{Serial: r.Serial, Binding: 1, Down: true})
	if err := p.client.Listener(nil, nil).Alive(t.Context()); err != nil { // the report is read
		t.Error(err)
	}
	if l := p.client.currentListener(); l != nil {
		t.Error("a listener that has ended gets holds")
	}
}

// TestOnlyOneAnswer: a reply that no request waits for ends the connection.
func TestOnlyOneAnswer(t *testing.T) {
	p := newFakeHelper(t)
	p.accept()
	p.send(helperproto.Answer{})
	p.send(helperproto.Answer{}) // the first may wait in the channel
	_ = p.conn.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := p.conn.Read(make([]byte, helperproto.Most)); !errors.Is(err, io.EOF) && !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("the connection stays: %v", err)
	}
}
