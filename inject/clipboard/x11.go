package clipboard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/x11"
)

// An xServer is the selectionOwner of an X server, or of a Wayland compositor by its
// Xwayland, which passes on what X11 programs offer. Source: ICCCM, section 2.
type xServer struct {
	conn     *xgb.Conn
	sock     net.Conn
	events   chan<- event
	xwayland bool

	window  xproto.Window // the owner
	atoms   *atoms
	largest int // bytes of a property that one request can write

	answers chan xproto.SelectionNotifyEvent // for load
	changes chan xproto.PropertyNotifyEvent  // new values, for load and now

	transfers map[transferKey]*transfer // belongs to run

	loaded [len(both)]xproto.Window // the owners that load asked last

	mu     sync.Mutex
	offers [len(both)]*xOffer
}

// An xOffer is what we offer in a selection.
type xOffer struct {
	selection selection
	content   content
	serial    int
	since     xproto.Timestamp
}

func x11Opener(d desktop.Desktop) opener {
	return func(ctx context.Context, events chan<- event) (selectionOwner, error) {
		conn, sock, err := x11.Dial(ctx, d.X11, d.Authority)
		if err != nil {
			return nil, err
		}
		return &xServer{
			conn: conn, sock: sock, events: events, xwayland: d.Wayland != "",
			atoms:     &atoms{conn: conn, known: map[string]xproto.Atom{}, names: map[xproto.Atom]string{}},
			answers:   make(chan xproto.SelectionNotifyEvent, 16),
			changes:   make(chan xproto.PropertyNotifyEvent, 256),
			transfers: map[transferKey]*transfer{},
		}, nil
	}
}

func (x *xServer) indirect() bool { return x.xwayland }

func (x *xServer) run(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { _ = x.sock.Close() })()
	defer func() { _ = x.sock.Close() }() // ends the goroutines of the library
	for {
		ev, failed := x.conn.WaitForEvent()
		if ev == nil && failed == nil {
			return errGone
		}
		switch ev := ev.(type) { // nil for an error: the window of a program that is gone
		case xproto.SelectionRequestEvent:
			x.request(ev)
		case xproto.SelectionClearEvent:
			x.clear(ev)
		case xproto.SelectionNotifyEvent:
			give(x.answers, ev)
		case xproto.PropertyNotifyEvent:
			if ev.State == xproto.PropertyDelete {
				x.proceed(transferKey{ev.Window, ev.Atom})
			} else {
				give(x.changes, ev)
			}
		}
	}
}

// give sends v if there is room for it, and drops it otherwise.
func give[T any](to chan<- T, v T) {
	select {
	case to <- v:
	default:
	}
}

func (x *xServer) start(ctx context.Context) error {
	defer context.AfterFunc(ctx, func() { _ = x.sock.Close() })() // the library's replies know no ctx
	x.largest = min(int(xproto.Setup(x.conn).MaximumRequestLength)*4, 1<<18) - 64
	window, err := x.newWindow()
	if err != nil {
		return err
	}
	x.window = window
	return x.atoms.intern("CLIPBOARD", "PRIMARY", "TARGETS", "MULTIPLE", "TIMESTAMP", "INCR", "ATOM", "ATOM_PAIR", "INTEGER", "VOCODER")
}

// newWindow makes an invisible window that reports when its properties change.
func (x *xServer) newWindow() (xproto.Window, error) {
	window, err := xproto.NewWindowId(x.conn)
	if err == nil {
		err = xproto.CreateWindowChecked(x.conn, 0, window, xproto.Setup(x.conn).DefaultScreen(x.conn).Root, 0, 0, 1, 1, 0,
			xproto.WindowClassInputOnly, 0, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
	}
	if err != nil {
		return 0, fmt.Errorf("make a window: %w", err)
	}
	return window, nil
}

// closeIfLate closes the connection if the server has not answered displayLimit after ctx
// is done, because the library waits for replies without one. The caller calls answered
// once the replies are there.
func (x *xServer) closeIfLate(ctx context.Context) (answered func()) {
	waiting, answered := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() {
		if clock.Sleep(waiting, displayLimit) == nil {
			_ = x.sock.Close()
		}
	})
	return answered
}

// atom returns the name of a selection in X11.
func (x *xServer) atom(s selection) xproto.Atom {
	return x.atoms.of([...]string{"CLIPBOARD", "PRIMARY"}[s])
}

// selection is the inverse of atom.
func (x *xServer) selection(a xproto.Atom) (selection, bool) {
	for _, s := range both {
		if x.atom(s) == a {
			return s, true
		}
	}
	return 0, false
}

// now returns the time of the server, which the event of a changed property has.
func (x *xServer) now(ctx context.Context) (xproto.Timestamp, error) {
	property := x.atoms.of("TIMESTAMP")
	drain(x.changes)
	xproto.ChangeProperty(x.conn, xproto.PropModeReplace, x.window, property, x.atoms.of("INTEGER"), 8, 0, nil)
	ev, err := await(ctx, x.changes, func(ev xproto.PropertyNotifyEvent) bool { return ev.Window == x.window && ev.Atom == property })
	return ev.Time, err
}

func drain[T any](c <-chan T) {
	for {
		select {
		case <-c:
		default:
			return
		}
	}
}

// await returns the next value that is wanted.
func await[T any](ctx context.Context, from <-chan T, wanted func(T) bool) (T, error) {
	for {
		select {
		case v := <-from:
			if wanted(v) {
				return v, nil
			}
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
	}
}

func (x *xServer) own(ctx context.Context, s selection, c content, serial int) error {
	defer x.closeIfLate(ctx)()
	now, err := x.now(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(c))
	for i, f := range c {
		names[i] = f.name
	}
	if err := x.atoms.intern(names...); err != nil {
		return err
	}
	owner := xproto.Window(xproto.WindowNone)
	var offer *xOffer
	if c != nil {
		owner, offer = x.window, &xOffer{selection: s, content: c, serial: serial, since: now}
	}
	x.mu.Lock()
	x.offers[s] = offer // first, because a request may come at once
	x.mu.Unlock()
	xproto.SetSelectionOwner(x.conn, owner, x.atom(s), now)
	is, err := xproto.GetSelectionOwner(x.conn, x.atom(s)).Reply()
	if err == nil && is.Owner != owner && c != nil {
		err = errors.New("the display gave the selection to another program")
	}
	return err
}

func (x *xServer) owned(s selection) bool { return x.offered(s) != nil }

func (x *xServer) offered(s selection) *xOffer {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.offers[s]
}

// clear records that another program owns a selection.
func (x *xServer) clear(ev xproto.SelectionClearEvent) {
	s, ok := x.selection(ev.Selection)
	if !ok {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if o := x.offers[s]; o != nil && ev.Time >= o.since {
		x.offers[s] = nil
		give(x.events, event{kind: lost, selection: s, serial: o.serial})
	}
}

// atoms are names as the server numbers them.
type atoms struct {
	conn *xgb.Conn

	mu    sync.Mutex
	known map[string]xproto.Atom
	names map[xproto.Atom]string
}

// intern makes names known, in one round trip.
func (a *atoms) intern(names ...string) error {
	cookies := map[string]xproto.InternAtomCookie{}
	for _, name := range names {
		if a.of(name) == 0 {
			cookies[name] = xproto.InternAtom(a.conn, false, uint16(len(name)), name)
		}
	}
	for name, c := range cookies {
		r, err := c.Reply()
		if err != nil {
			return fmt.Errorf("intern atom: %w", err)
		}
		a.note(name, r.Atom)
	}
	return nil
}

func (a *atoms) note(name string, atom xproto.Atom) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known[name], a.names[atom] = atom, name
}

// of returns the number of a name, 0 if it is not known here.
func (a *atoms) of(name string) xproto.Atom {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known[name]
}

// name returns the name of a number.
func (a *atoms) name(atom xproto.Atom) (string, error) {
	a.mu.Lock()
	name, ok := a.names[atom]
	a.mu.Unlock()
	if ok {
		return name, nil
	}
	r, err := xproto.GetAtomName(a.conn, atom).Reply()
	if err != nil {
		return "", fmt.Errorf("name atom: %w", err)
	}
	a.note(r.Name, atom)
	return r.Name, nil
}
