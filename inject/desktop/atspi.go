package desktop

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// What AT-SPI names. Sources: xml/Registry.xml, Event.xml and Accessible.xml, and
// bus/at-spi-bus-launcher.c of gitlab.gnome.org/GNOME/at-spi2-core.
const (
	launcher      = "org.a11y.Bus" // a name of the session bus; that of its interface too
	launcherPath  = "/org/a11y/bus"
	focusRegistry = "org.a11y.atspi.Registry" // a name of the accessibility bus; that of its interface too
	eventObject   = "org.a11y.atspi.Event.Object"
	eventWindow   = "org.a11y.atspi.Event.Window"

	passwordText = 40 // ATSPI_ROLE_PASSWORD_TEXT
)

// focusEvents are what applications are asked to send.
var focusEvents = []string{"object:state-changed:focused", "window:activate", "window:deactivate", "window:destroy"}

// connectLimit is how long the launcher may take to start the accessibility bus, and then that
// to start its registry.
const connectLimit = 5 * time.Second

// roleLimit is how long an application may take to say the role of what has the focus.
// Until then that is no password field. A new focus ends the wait.
const roleLimit = 5 * time.Second

// roleDelay is how long a question about the focus waits for a newer focus. So a flood of them
// is at most 100 questions in a second.
const roleDelay = 10 * time.Millisecond

// roleRetry is the pause after the first error of an application that is asked for a role.
// The next is twice as long.
const roleRetry = 20 * time.Millisecond

// After a failure the accessibility bus is tried again after a pause, which doubles from
// firstPause to lastPause.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 2 * time.Minute
)

// An atspi knows from AT-SPI, the accessibility bus, whether a password field has the focus.
// It asks for roles, and never for a text. It works while run runs and it is switched on.
type atspi struct {
	address     string      // of the session bus
	unreachable func(error) // may be nil
	changed     func()      // is called when password may return something else
	switches    chan bool   // the newest, if run has not read it
	focus       atomic.Pointer[focus]
}

func newATSPI(c Config, changed func()) *atspi {
	return &atspi{address: c.busAddress(), unreachable: c.Unreachable, changed: changed, switches: make(chan bool, 1)}
}

// password reports whether a password field is known to have the focus.
func (a *atspi) password() bool {
	f := a.focus.Load()
	return f != nil && f.isPassword()
}

// turn switches on or off. It does not wait for run. One goroutine at a time may call it.
func (a *atspi) turn(on bool) {
	select {
	case <-a.switches:
	default:
	}
	a.switches <- on
}

// run serves until ctx is done.
func (a *atspi) run(ctx context.Context) {
	for on := false; ctx.Err() == nil; {
		living, stop := context.WithCancel(ctx)
		var running sync.WaitGroup
		if on {
			running.Go(func() { a.keep(living) })
		}
		on = a.other(ctx, on)
		stop()
		running.Wait()
	}
}

// other waits until it is switched to other than on, or ctx is done.
func (a *atspi) other(ctx context.Context, on bool) bool {
	for {
		select {
		case <-ctx.Done():
			return on
		case want := <-a.switches:
			if want != on {
				return want
			}
		}
	}
}

// keep stays connected to the accessibility bus until ctx is done.
func (a *atspi) keep(ctx context.Context) {
	var pause time.Duration
	for reported := a.unreachable == nil; ; {
		began := time.Now()
		err := a.follow(ctx)
		if err != nil && ctx.Err() == nil && !reported {
			a.unreachable(err)
			reported = true
		}
		pause = clock.NextPause(pause, time.Since(began), firstPause, lastPause)
		if clock.Sleep(ctx, pause) != nil {
			return
		}
	}
}

// follow connects to the accessibility bus and asks for the role of each accessible that
// gets the focus, until ctx is done or the bus or its registry has gone. One question at a
// time is open, about the newest. The error is why it could not connect.
func (a *atspi) follow(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	f := newFocus(stop, a.changed)
	b, err := a.connect(ctx, stop, f)
	if err != nil {
		return err
	}
	defer b.close()
	a.focus.Store(f)
	a.changed()
	defer a.changed()
	defer a.focus.Store(nil)
	for {
		select {
		case <-b.conn.Context().Done(): // also when ctx is
			return nil
		case <-f.moved:
			if clock.Sleep(ctx, roleDelay) == nil {
				f.ask(b)
			}
		}
	}
}

// connect connects to the accessibility bus and registers for the focus. stop ends the
// connection, and with it the registration.
func (a *atspi) connect(ctx context.Context, stop func(), f *focus) (*bus, error) {
	address, err := a.enable(ctx)
	if err != nil {
		return nil, err
	}
	defer time.AfterFunc(connectLimit, stop).Stop()
	b := openBus(ctx, connectLimit, address, dbus.WithSignalHandler(f))
	if b == nil {
		return nil, errors.New("connect to the accessibility bus: no answer")
	}
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(eventObject), dbus.WithMatchMember("StateChanged"), dbus.WithMatchArg(0, "focused")},
		{dbus.WithMatchInterface(eventWindow)},
		{dbus.WithMatchSender(busName), dbus.WithMatchInterface(busName), dbus.WithMatchMember("NameOwnerChanged")},
	} {
		if err := b.conn.AddMatchSignalContext(ctx, match...); err != nil {
			return nil, fmt.Errorf("listen on the accessibility bus: %w", err)
		}
	}
	for _, event := range focusEvents {
		err := b.call(ctx, focusRegistry, "/org/a11y/atspi/registry", focusRegistry+".RegisterEvent", []any{event, []string{}, ""})
		if err != nil {
			return nil, fmt.Errorf("register for the focus: %w", err)
		}
	}
	return b, nil
}

// enable asks for the address of the accessibility bus, and has applications use it. Some
// look at IsEnabled only when they start. It is a setting of the user's session, which a
// screen reader may need later: vocoder never sets it to false.
func (a *atspi) enable(ctx context.Context) (address string, err error) {
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	b := openBus(ctx, connectLimit, a.address)
	defer b.close()
	if err := b.call(ctx, launcher, launcherPath, launcher+".GetAddress", nil, &address); err != nil {
		return "", fmt.Errorf("ask for the accessibility bus: %w", err)
	}
	if !strings.HasPrefix(address, "unix:") || strings.Contains(address, ";") {
		return "", errors.New("the accessibility bus is no socket of this machine")
	}
	const status, enabled, properties = "org.a11y.Status", "IsEnabled", "org.freedesktop.DBus.Properties"
	var is dbus.Variant
	if err := b.call(ctx, launcher, launcherPath, properties+".Get", []any{status, enabled}, &is); err != nil {
		return "", fmt.Errorf("ask whether accessibility is enabled: %w", err)
	}
	if is.Value() != true {
		err = b.call(ctx, launcher, launcherPath, properties+".Set", []any{status, enabled, dbus.MakeVariant(true)})
	}
	if err != nil {
		return "", fmt.Errorf("enable accessibility: %w", err)
	}
	return address, nil
}
