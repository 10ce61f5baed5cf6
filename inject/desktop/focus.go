package desktop

import (
	"context"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// An accessible is an object of an application on the accessibility bus. The zero accessible
// is none.
type accessible struct {
	name string // of the application, which the bus has given it
	path dbus.ObjectPath
}

// A focus is which accessible has the focus, and whether that is a password field. It takes
// the signals of the bus in the order in which they come, keeps the newest and waits for
// nothing. It is safe for concurrent use.
type focus struct {
	moved   chan struct{} // has a value if ask has not seen the newest
	lost    func()        // is called when the registry has gone
	changed func()        // is called when isPassword returns something else

	mu       sync.Mutex
	at       accessible
	password bool
	end      context.CancelFunc // of the question about at, if one is open
}

func newFocus(lost, changed func()) *focus {
	return &focus{moved: make(chan struct{}, 1), lost: lost, changed: changed}
}

func (f *focus) isPassword() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.password
}

// DeliverSignal implements dbus.SignalHandler. godbus calls it in the order of the signals;
// for a slow reader of a channel it would keep any number of them.
func (f *focus) DeliverSignal(iface, member string, s *dbus.Signal) {
	from := accessible{s.Sender, s.Path}
	switch iface {
	case eventObject:
		if member != "StateChanged" || len(s.Body) < 2 || s.Body[0] != "focused" {
			return
		}
		if s.Body[1] == int32(1) {
			f.move(from)
		} else {
			f.leave(func(at accessible) bool { return at == from })
		}
	case eventWindow:
		// A window that becomes active says so before what has the focus in it does.
		other := member == "Activate"
		if other || member == "Deactivate" || member == "Destroy" {
			f.leave(func(at accessible) bool { return (at.name != from.name) == other })
		}
	case busName:
		if member != "NameOwnerChanged" || s.Sender != busName || len(s.Body) < 3 || s.Body[2] != "" {
			return
		}
		if s.Body[0] == focusRegistry {
			f.lost()
		}
		f.leave(func(at accessible) bool { return at.name == s.Body[0] })
	}
}

// leave ends the focus of accessibles that have left.
func (f *focus) leave(left func(accessible) bool) {
	f.mu.Lock()
	at := f.at
	f.mu.Unlock()
	if at != (accessible{}) && left(at) {
		f.move(accessible{})
	}
}

// move sets what has the focus. Until ask knows its role, it is no password field.
func (f *focus) move(to accessible) {
	f.mu.Lock()
	was := f.password && f.at != to
	if f.at != to {
		f.at, f.password = to, false
		if f.end != nil {
			f.end()
		}
	}
	f.mu.Unlock()
	select {
	case f.moved <- struct{}{}:
	default: // ask will see this one
	}
	if was {
		f.changed()
	}
}

// ask asks what has the focus for its role.
func (f *focus) ask(b *bus) {
	ctx, cancel := context.WithTimeout(b.conn.Context(), roleLimit)
	defer cancel()
	f.mu.Lock()
	of := f.at
	f.end = cancel
	f.mu.Unlock()
	role := role(ctx, b, of)
	f.mu.Lock()
	f.end = nil
	was := f.password
	f.password = f.at == of && role == passwordText
	is := f.password
	f.mu.Unlock()
	if was != is {
		f.changed()
	}
}

// role returns the role of an accessible, 0 if it is not known. GTK 4 says that an accessible
// has the focus before it answers questions about it (seen with 4.8).
func role(ctx context.Context, b *bus, of accessible) (role uint32) {
	if of == (accessible{}) {
		return 0
	}
	for pause := roleRetry; ; pause *= 2 {
		err := b.call(ctx, of.name, string(of.path), "org.a11y.atspi.Accessible.GetRole", nil, &role)
		if err == nil || clock.Sleep(ctx, pause) != nil {
			return role
		}
	}
}
