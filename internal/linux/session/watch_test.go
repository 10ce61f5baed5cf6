package session

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/internal/test/bus"
)

// waitLimit is far above what any wait here takes, also on a busy machine.
const waitLimit = time.Minute

// A logind is a fake of systemd-logind with one session of this user.
type logind struct {
	t    *testing.T
	conn *dbus.Conn

	mu     sync.Mutex
	locked bool
	sleeps bool
	asked  int
	peer   string        // who asked last
	gate   chan struct{} // if not nil, ListSessions waits for it
	gated  chan struct{} // and says so
}

const sessionPath = dbus.ObjectPath("/org/freedesktop/login1/session/_31")

type row struct {
	ID   string
	UID  uint32
	Name string
	Seat string
	Path dbus.ObjectPath
}

func (l *logind) ListSessions(from dbus.Sender) ([]row, *dbus.Error) {
	l.mu.Lock()
	l.asked++
	l.peer = string(from)
	gate := l.gate
	l.mu.Unlock()
	if gate != nil {
		l.gated <- struct{}{}
		<-gate
	}
	return []row{
		{"1", uint32(os.Getuid()), "me", "seat0", sessionPath},
		{"2", uint32(os.Getuid()), "me", "", "/org/freedesktop/login1/session/_32"}, // ssh; nothing more can be asked of it
	}, nil
}

func (l *logind) Get(string, string) (dbus.Variant, *dbus.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return dbus.MakeVariant(l.sleeps), nil
}

func (l *logind) GetAll(string) (map[string]dbus.Variant, *dbus.Error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return map[string]dbus.Variant{"Remote": dbus.MakeVariant(false), "Active": dbus.MakeVariant(true), "LockedHint": dbus.MakeVariant(l.locked)}, nil
}

// lock changes the session's state. It sends a signal that has none of it.
func (l *logind) lock(locked bool) {
	l.mu.Lock()
	l.locked = locked
	l.mu.Unlock()
	l.idle(1)
}

// idle is what any user can cause: SetIdleHint of org.freedesktop.login1(5).
func (l *logind) idle(n int) {
	for range n {
		l.emit(sessionPath, properties+".PropertiesChanged", session, map[string]dbus.Variant{"IdleHint": dbus.MakeVariant(true)}, []string{})
	}
}

func (l *logind) sleep(begins bool) {
	l.mu.Lock()
	l.sleeps = begins
	l.mu.Unlock()
	l.emit(root, manager+".PrepareForSleep", begins)
}

func (l *logind) emit(path dbus.ObjectPath, name string, body ...any) {
	l.t.Helper()
	if err := l.conn.Emit(path, name, body...); err != nil {
		l.t.Fatal(err)
	}
}

// hold has logind answer no question until the returned function is called. It returns
// when there is a question.
func (l *logind) hold() (release func()) {
	l.t.Helper()
	gate := make(chan struct{})
	l.mu.Lock()
	l.gate = gate
	l.mu.Unlock()
	l.idle(1)
	select {
	case <-l.gated:
	case <-time.After(waitLimit):
		l.t.Fatal("no question after a signal")
	}
	return func() {
		l.mu.Lock()
		l.gate = nil
		l.mu.Unlock()
		close(gate)
	}
}

func dialBus(t *testing.T, address string) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // the test has ended
	return conn
}

func startLogind(t *testing.T, address string) *logind {
	t.Helper()
	l := &logind{t: t, conn: dialBus(t, address), gated: make(chan struct{}, 100)}
	if err := l.conn.Export(l, root, manager); err != nil {
		t.Fatal(err)
	}
	for _, path := range []dbus.ObjectPath{root, sessionPath} {
		if err := l.conn.Export(l, path, properties); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.conn.RequestName(destination, 0); err != nil {
		t.Fatal(err)
	}
	return l
}

// A watch is a running WatchUsers.
type watch struct {
	t      *testing.T
	states chan State
	ended  chan error
}

func startWatch(t *testing.T) *watch {
	w := &watch{t: t, states: make(chan State, 1000), ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		w.ended <- WatchUsers(ctx, func(of func(int) State) { w.states <- of(os.Getuid()) })
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-w.ended:
		case <-time.After(waitLimit):
			t.Error("the watch does not end")
		}
	})
	return w
}

// until returns the states up to the next one that is wanted.
func (w *watch) until(want State) (all []State) {
	w.t.Helper()
	limit := time.After(waitLimit)
	for {
		select {
		case s := <-w.states:
			all = append(all, s)
			if s == want {
				return all
			}
		case err := <-w.ended:
			w.ended <- err
			w.t.Fatalf("the watch ended after %v: %v", all, err)
		case <-limit:
			w.t.Fatalf("%v, and not %v", all, want)
		}
	}
}

var (
	inUse  = State{InUse: true}
	locked = State{Why: Locked}
	asleep = State{Why: Asleep}
)

func start(t *testing.T) (address string, l *logind, w *watch) {
	t.Helper()
	address = bus.Start(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	l = startLogind(t, address)
	w = startWatch(t)
	w.until(inUse)
	return address, l, w
}

// TestFloodIsOneQuestion: however many signals a user causes, they need no memory, and one
// question answers them.
func TestFloodIsOneQuestion(t *testing.T) {
	_, l, w := start(t)
	release := l.hold()
	l.mu.Lock()
	before, asked := runtime.NumGoroutine(), l.asked
	l.mu.Unlock()
	l.idle(5_000)
	l.lock(true)
	release() // its answer comes after the signals
	w.until(locked)
	if n := runtime.NumGoroutine() - before; n > 100 {
		t.Errorf("%d more goroutines", n)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.asked - asked; n > 2 {
		t.Errorf("%d questions after it", n)
	}
}

// TestSleepInAFlood: a sleep is reported although it ended before logind could be asked,
// and its end is the last that is reported.
func TestSleepInAFlood(t *testing.T) {
	_, l, w := start(t)
	for range 20 {
		release := l.hold()
		l.idle(40)
		l.sleep(true)
		l.idle(40)
		l.sleep(false)
		release()
		w.until(asleep)
		w.until(inUse)
	}
	l.sleep(true)
	w.until(asleep)
	l.lock(true)
	l.sleep(false)
	if all := w.until(locked); slices.Contains(all, inUse) {
		t.Errorf("%v", all)
	}
}

// TestForgedSignals: another program can send any signal to this connection, but it is not
// logind.
func TestForgedSignals(t *testing.T) {
	address, l, w := start(t)
	forger := dialBus(t, address)
	l.mu.Lock()
	peer := l.peer
	l.mu.Unlock()
	for _, body := range [][]any{{true}, {true, make([]byte, maxMessage)}} {
		m := &dbus.Message{Type: dbus.TypeSignal, Body: body, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: dbus.MakeVariant(peer), dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath(root)),
			dbus.FieldInterface: dbus.MakeVariant(manager), dbus.FieldMember: dbus.MakeVariant("PrepareForSleep"),
			dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf(body...)),
		}}
		if call := forger.Send(m, nil); call != nil && call.Err != nil {
			t.Fatal(call.Err)
		}
	}
	if err := forger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil { // the signals were delivered
		t.Fatal(err)
	}
	l.lock(true)
	if all := w.until(locked); slices.Contains(all, asleep) {
		t.Errorf("%v", all)
	}
}

// TestNoFiles: a connection that takes files would keep those of anyone.
func TestNoFiles(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.Start(t))
	conn, err := connect(t.Context(), newSignals())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // nothing was written
	if conn.SupportsUnixFDs() {
		t.Error("it does")
	}
}

// TestLogindRestarts: the new one is asked, and its signals count.
func TestLogindRestarts(t *testing.T) {
	address, l, w := start(t)
	l.sleep(true)
	w.until(asleep)
	second := startLogind(t, address) // waits for the name
	second.lock(true)                 // and its signals are not logind's yet
	if err := l.conn.Close(); err != nil {
		t.Fatal(err)
	}
	w.until(locked)
	second.lock(false)
	w.until(inUse)
	second.sleep(true)
	w.until(asleep)
}

// TestLogindGone: the state is not known then.
func TestLogindGone(t *testing.T) {
	for name, end := range map[string]func(*logind){
		"logind ends":     func(l *logind) { _ = l.conn.Close() },
		"no such session": func(l *logind) { _ = l.conn.Export(nil, root, manager); l.idle(1) },
	} {
		t.Run(name, func(t *testing.T) {
			_, l, w := start(t)
			end(l)
			select {
			case err := <-w.ended:
				w.ended <- err
				if err == nil {
					t.Error("no error")
				}
			case <-time.After(waitLimit):
				t.Error("the watch goes on")
			}
		})
	}
}

// TestBoundedConn: a message that is too long is dropped, and the next one is complete.
func TestBoundedConn(t *testing.T) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		near, far := net.Pipe()
		c := &boundedConn{Conn: near}
		c.begun.Store(true)
		longest := message(order, 3, maxMessage-headLength-8)
		last := message(order, 8, 5)
		go func() {
			for _, b := range [][]byte{message(order, 0, 0), message(order, 3, maxMessage-headLength-7), message(order, 1, 8<<20), longest, message(order, maxMessage, 0), last} {
				_, _ = far.Write(b) // the reader fails otherwise
			}
			_ = far.Close() // the end
		}()
		got, err := io.ReadAll(c)
		if want := slices.Concat(message(order, 0, 0), longest, last); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v: %d bytes (%v), want %d", order, len(got), err, len(want))
		}
	}
}

// message returns a message with so many bytes of fields and body.
func message(order binary.ByteOrder, fields, body int) []byte {
	b := make([]byte, headLength+(fields+7)/8*8+body)
	b[0] = 'l'
	if order == binary.BigEndian {
		b[0] = 'B'
	}
	order.PutUint32(b[4:], uint32(body))
	order.PutUint32(b[12:], uint32(fields))
	for i := headLength; i < len(b); i++ {
		b[i] = byte(i)
	}
	return b
}

func TestSocketPath(t *testing.T) {
	for _, tt := range []struct{ address, want string }{
		{"unix:path=/run/dbus/system_bus_socket", "/run/dbus/system_bus_socket"},
		{"unix:guid=1,path=/tmp/a%20b", "/tmp/a b"},
		{"tcp:host=localhost;unix:abstract=/tmp/x,guid=2", "@/tmp/x"},
		{"unix:path=%", ""},
		{"tcp:host=localhost,port=1", ""},
		{"", ""},
	} {
		got, err := socketPath(tt.address)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%q: %q, %v, want %q", tt.address, got, err, tt.want)
		}
	}
}
