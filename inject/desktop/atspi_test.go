package desktop

import (
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// Each signal of the accessibility bus that says that a password field may not have the
// focus any more ends it, and no other signal does.
func TestFocusSignals(t *testing.T) {
	at := accessible{":1.7", "/field"}
	signal := func(from accessible, iface, member string, body ...any) *dbus.Signal {
		return &dbus.Signal{Sender: from.name, Path: from.path, Name: iface + "." + member, Body: body}
	}
	state := func(from accessible, name string, is int32) *dbus.Signal {
		return signal(from, eventObject, "StateChanged", name, is, int32(0), dbus.MakeVariant(0))
	}
	window := func(app, member string) *dbus.Signal {
		return signal(accessible{app, "/window"}, eventWindow, member, "", int32(0), int32(0), dbus.MakeVariant(""))
	}
	owner := func(sender, name, now string) *dbus.Signal {
		return signal(accessible{sender, "/org/freedesktop/DBus"}, busName, "NameOwnerChanged", name, name, now)
	}
	for _, tt := range []struct {
		name  string
		s     *dbus.Signal
		stays bool
	}{
		{"it has the focus again", state(at, "focused", 1), true},
		{"it lost the focus", state(at, "focused", 0), false},
		{"another field of the application has the focus", state(accessible{":1.7", "/other"}, "focused", 1), false},
		{"one of another application", state(accessible{":1.8", "/field"}, "focused", 1), false},
		{"another field lost the focus", state(accessible{":1.8", "/field"}, "focused", 0), true},
		{"another state", state(accessible{":1.8", "/field"}, "showing", 1), true},
		{"its window is inactive", window(":1.7", "Deactivate"), false},
		{"its window has gone", window(":1.7", "Destroy"), false},
		{"its window is active", window(":1.7", "Activate"), true},
		{"its window was moved", window(":1.7", "Move"), true},
		{"a window of another application is active", window(":1.8", "Activate"), false},
		{"one is inactive", window(":1.8", "Deactivate"), true},
		{"the application has gone", owner(busName, ":1.7", ""), false},
		{"another application has gone", owner(busName, ":1.8", ""), true},
		{"an application has come", owner(busName, ":1.7", ":1.7"), true},
		{"an application says that it has gone", owner(":1.8", ":1.7", ""), true},
		{"a signal without a body", signal(at, eventObject, "StateChanged"), true},
		{"a body of other types", signal(at, eventObject, "StateChanged", 1, "focused"), true},
		{"an owner of another type", signal(accessible{busName, "/"}, busName, "NameOwnerChanged", 1, 2, 3), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changes := 0
			f := newFocus(func() { t.Error("the registry has gone") }, func() { changes++ })
			f.at, f.password = at, true
			iface, member := tt.s.Name[:len(tt.s.Name)-len(filepath.Ext(tt.s.Name))], filepath.Ext(tt.s.Name)[1:]
			f.DeliverSignal(iface, member, tt.s)
			if got := f.isPassword(); got != tt.stays || (changes == 0) != tt.stays {
				t.Errorf("a password field: %v, want %v, %d changes", got, tt.stays, changes)
			}
		})
	}
}

// A flood of signals waits as one question, about the newest.
func TestFocusFlood(t *testing.T) {
	f := newFocus(nil, nil)
	for i := range 10_000 {
		f.DeliverSignal(eventObject, "StateChanged", &dbus.Signal{Sender: ":1.7", Path: dbus.ObjectPath("/" + strconv.Itoa(i)), Body: []any{"focused", int32(1)}})
	}
	if len(f.moved) != 1 || f.at.path != "/9999" {
		t.Errorf("%d questions, the last about %s", len(f.moved), f.at.path)
	}
}

// An a11y is the session bus with the launcher of the accessibility bus, and that bus.
type a11y struct {
	*fakeBus
	t          testing.TB
	config     Config
	session    *fakeBus
	registered chan string
	asked      chan struct{} // one for each question about a role
	roles      atomic.Uint32 // what is answered
	sets       atomic.Int32  // how often IsEnabled was set
}

func newA11y(t testing.TB, enabled bool) *a11y {
	a := &a11y{t: t, config: place(t), registered: make(chan string, 100), asked: make(chan struct{}, 10_000)}
	path := filepath.Join(a.config.Runtime, "a11y")
	a.session = newFakeBus(t, filepath.Join(a.config.Runtime, "bus"))
	a.session.method("org.a11y.Bus.GetAddress", "unix:path="+path)
	a.session.method("org.freedesktop.DBus.Properties.Get", dbus.MakeVariant(enabled))
	a.session.handle("org.freedesktop.DBus.Properties.Set", func(args []any) []any {
		if args[0] != "org.a11y.Status" || args[1] != "IsEnabled" || args[2].(dbus.Variant).Value() != true {
			t.Errorf("set %v", args)
		}
		a.sets.Add(1)
		return nil
	})
	a.roles.Store(passwordText)
	a.fakeBus = newFakeBus(t, path)
	a.handle("org.a11y.atspi.Registry.RegisterEvent", func(args []any) []any {
		a.registered <- args[0].(string)
		return nil
	})
	a.handle(getRole, a.role)
	return a
}

const getRole = "org.a11y.atspi.Accessible.GetRole"

func (a *a11y) role([]any) []any {
	a.asked <- struct{}{}
	return []any{a.roles.Load()}
}

// start runs a Watcher that is registered.
func (a *a11y) start() *Watcher {
	w := start(a.t, a.config)
	w.WatchAccessibility(true)
	a.joined()
	return w
}

func (a *a11y) joined() {
	a.t.Helper()
	for _, want := range focusEvents {
		if got := <-a.registered; got != want {
			a.t.Errorf("registered for %s, want %s", got, want)
		}
	}
}

func (a *a11y) focused(field string) {
	a.signal("/"+field, eventObject, "StateChanged", "focused", int32(1), int32(0), dbus.MakeVariant(0))
}

// until waits for what Password returns.
func until(t testing.TB, w *Watcher, want bool) {
	t.Helper()
	for limit := time.After(20 * time.Second); ; {
		next := w.changed.now()
		if w.Password() == want {
			return
		}
		select {
		case <-next:
		case <-limit:
			t.Fatalf("a password field has the focus: %v", !want)
		}
	}
}

// The role of what has the focus decides. It is asked of the application.
func TestAccessibility(t *testing.T) {
	for _, enabled := range []bool{true, false} {
		a := newA11y(t, enabled)
		w := a.start()
		if sets := a.sets.Load(); (sets == 0) != enabled {
			t.Errorf("enabled %v: set %d times", enabled, sets)
		}
		a.focused("password")
		until(t, w, true)
		<-a.asked
		a.roles.Store(79) // ATSPI_ROLE_ENTRY
		a.focused("entry")
		until(t, w, false)
		<-a.asked
		a.focused("another") // it is asked for once the answer about the last one is known
		<-a.asked
		if w.Password() {
			t.Error("an entry is taken for a password field")
		}
		a.roles.Store(passwordText)
		a.focused("password")
		until(t, w, true)
		a.signalFrom(busName, "/org/freedesktop/DBus", busName, "NameOwnerChanged", ":1.7", ":1.7", "")
		until(t, w, false)
	}
}

// An application that does not answer has no password field, and holds up no other.
func TestFrozenApplication(t *testing.T) {
	a := newA11y(t, true)
	w := a.start()
	a.freeze(getRole)
	a.focused("frozen")
	<-a.ignored
	began := time.Now()
	a.freeze("")
	if w.Password() {
		t.Error("a field that is not known is taken for a password field")
	}
	a.focused("password")
	until(t, w, true)
	if took := time.Since(began); took >= roleLimit {
		t.Errorf("the question about another field waited %v", took)
	}
}

// An application that does not know its field at first, as with GTK 4, is asked again.
func TestFieldNotKnownYet(t *testing.T) {
	a := newA11y(t, true)
	w := a.start()
	refused := 0
	a.handle(getRole, func(args []any) []any {
		if refused++; refused < 3 {
			return []any{"no role"}
		}
		return a.role(args)
	})
	a.focused("password")
	until(t, w, true)
}

// The questions of a flood have a bound in rate.
func TestFocusRate(t *testing.T) {
	a := newA11y(t, true)
	w := a.start()
	began := time.Now()
	for i := range 3000 {
		a.focused(strconv.Itoa(i))
	}
	until(t, w, true)
	if n, most := len(a.asked), int(time.Since(began)/roleDelay)+1; n > most {
		t.Errorf("%d questions, at most %d", n, most)
	}
}

// If the bus or its registry ends, nothing has the focus, and the Watcher registers again.
func TestAccessibilityRestarts(t *testing.T) {
	a := newA11y(t, true)
	w := a.start()
	for _, end := range []func(){
		func() { a.end(); a.restart() },
		func() {
			a.signalFrom(busName, "/org/freedesktop/DBus", busName, "NameOwnerChanged", focusRegistry, ":1.2", "")
		},
	} {
		a.focused("password")
		until(t, w, true)
		end()
		until(t, w, false)
		a.joined()
	}
	a.focused("password")
	until(t, w, true)
}

// Switched off, the Watcher leaves the bus, which ends its registration, and IsEnabled stays.
func TestAccessibilityOff(t *testing.T) {
	a := newA11y(t, false)
	w := a.start()
	a.focused("password")
	until(t, w, true)
	w.WatchAccessibility(false)
	until(t, w, false)
	<-a.left
	w.WatchAccessibility(true)
	a.joined()
	w.WatchAccessibility(true)
	w.WatchAccessibility(false)
	<-a.left
	if got := a.sets.Load(); got != 2 {
		t.Errorf("IsEnabled was set %d times", got)
	}
}

// An accessibility bus that cannot be reached is reported once, and tried again with a pause
// that grows. It is a socket of this machine.
func TestAccessibilityUnreachable(t *testing.T) {
	for address, most := range map[string]int{"": 3, "tcp:host=127.0.0.1,port=1": 1, "unix:path=/x;tcp:host=127.0.0.1": 1, "unixexec:path=/bin/true": 1} {
		a := newA11y(t, true)
		tries, reports := make(chan struct{}, 100), make(chan error, 100)
		a.session.handle("org.a11y.Bus.GetAddress", func([]any) []any {
			tries <- struct{}{}
			return []any{address}
		})
		a.config.Unreachable = func(err error) { reports <- err }
		start(t, a.config).WatchAccessibility(true)
		began := time.Now()
		for range most {
			<-tries
		}
		if took := time.Since(began); most > 1 && took < 3*firstPause {
			t.Errorf("%d tries in %v", most, took)
		}
		if err := <-reports; !strings.Contains(err.Error(), "no socket") || len(reports) > 0 {
			t.Errorf("%q: %v, and %d reports", address, err, len(reports))
		}
	}
}

// A bus that accepts a connection and says nothing is left after a while.
func TestAccessibilitySilent(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes connectLimit")
	}
	a := newA11y(t, true)
	a.end()
	serve(t, filepath.Join(a.config.Runtime, "a11y"), func(c *net.UnixConn) {
		for {
			if _, err := c.Read(make([]byte, 100)); err != nil {
				return
			}
		}
	})
	reports := make(chan error, 1)
	a.config.Unreachable = func(err error) { reports <- err }
	start(t, a.config).WatchAccessibility(true)
	<-reports
}

func TestNextPause(t *testing.T) {
	for _, tt := range []struct{ last, lasted, want time.Duration }{
		{0, 0, firstPause},
		{firstPause, 0, 2 * firstPause},
		{lastPause, time.Minute, lastPause},
		{lastPause, time.Hour, firstPause},
	} {
		if got := clock.NextPause(tt.last, tt.lasted, firstPause, lastPause); got != tt.want {
			t.Errorf("after %v, which lasted %v: %v, want %v", tt.last, tt.lasted, got, tt.want)
		}
	}
}
