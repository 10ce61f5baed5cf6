package notification

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/internal/test/bus"
)

// A desktop is a notification server that sends each call to a channel.
type desktop struct{ calls chan call }

type call struct {
	replaces      uint32
	summary, body string
	urgency       byte
	closed        uint32
}

func (d desktop) Notify(_ string, replaces uint32, _, summary, body string, _ []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	urgency, _ := hints["urgency"].Value().(byte)
	d.calls <- call{replaces: replaces, summary: summary, body: body, urgency: urgency}
	if replaces == 0 {
		replaces = 7
	}
	return replaces, nil
}

func (d desktop) CloseNotification(id uint32) *dbus.Error {
	d.calls <- call{closed: id}
	return nil
}

// start starts a desktop on a bus.
func start(t *testing.T, address string) desktop {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	d := desktop{make(chan call, 8)}
	if err := conn.Export(d, path, destination); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(destination, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return d
}

// show runs a Notifier on a bus with a desktop. Leave ends it.
func show(t *testing.T) (d desktop, n *Notifier, leave func()) {
	t.Helper()
	address := bus.Start(t)
	d = start(t, address)
	n, leave = run(t, address)
	return d, n, leave
}

// run runs a Notifier on a bus. Leave ends it.
func run(t *testing.T, address string) (n *Notifier, leave func()) {
	t.Helper()
	n = New(address)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.Run(ctx, func(err error) { t.Error(err) })
	}()
	return n, func() { cancel(); <-done }
}

// TestNotification checks that the second message replaces the first, and that Run closes the
// notification at its end. Text that looks like markup is escaped.
func TestNotification(t *testing.T) {
	d, n, leave := show(t)
	n.Show(Message{}) // without a notification to close
	n.Show(Message{Summary: "one", Body: "a <b> & c"})
	if got, want := <-d.calls, (call{summary: "one", body: "a &lt;b&gt; &amp; c", urgency: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	n.Show(Message{Summary: "two", Urgent: true})
	if got, want := <-d.calls, (call{replaces: 7, summary: "two", urgency: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	leave()
	if got, want := <-d.calls, (call{closed: 7}); got != want {
		t.Errorf("at the end: got %+v, want %+v", got, want)
	}
}

// TestBusAgain: the first message after the session bus was started again is shown.
func TestBusAgain(t *testing.T) {
	path := "unix:path=" + filepath.Join(t.TempDir(), "bus")
	address, stop := bus.StartAt(t, path)
	d := start(t, address)
	n, leave := run(t, path)
	n.Show(Message{Summary: "one"})
	<-d.calls
	n.Show(Message{})
	<-d.calls // "one" has its answer
	stop()
	address, _ = bus.StartAt(t, path)
	d = start(t, address)
	n.Show(Message{Summary: "two"})
	if got, want := <-d.calls, (call{summary: "two", urgency: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	leave()
}

// TestLeave checks that the message for the end is shown, also if no other was, and stays.
func TestLeave(t *testing.T) {
	for _, before := range []Message{{}, {Summary: "one"}} {
		d, n, leave := show(t)
		if n.Show(before); before != (Message{}) {
			<-d.calls
		}
		n.Leave(Message{Summary: "lost", Urgent: true})
		leave()
		if got := <-d.calls; got.summary != "lost" || got.urgency != 2 {
			t.Errorf("got %+v", got)
		}
		select {
		case more := <-d.calls:
			t.Errorf("then %+v", more)
		default: // Run has returned, so no call is on its way
		}
	}
}

// TestNoDesktop checks that each message fails without a session bus, and that Run continues.
func TestNoDesktop(t *testing.T) {
	n := New("unix:path=" + t.TempDir() + "/bus")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	failed := make(chan error, 2)
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.Run(ctx, func(err error) { failed <- err })
	}()
	for range 2 {
		n.Show(Message{Summary: "x"})
		if err := <-failed; !strings.Contains(err.Error(), "session bus") {
			t.Error(err)
		}
	}
	cancel()
	<-done
}

// TestSilentBus checks that a bus that accepts and never answers does not delay the end.
func TestSilentBus(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // nothing is read from it
	ctx, cancel := context.WithCancel(t.Context())
	n := New("unix:path=" + socket)
	n.Show(Message{Summary: "summary"})
	ended := make(chan struct{})
	go func() { n.Run(ctx, func(err error) { t.Error(err) }); close(ended) }()
	if _, err := l.Accept(); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("Run does not end")
	}
}
