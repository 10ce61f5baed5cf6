package desktop

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// longPatience is how long it may take to answer at all, and to say which keymap
// there is. Without that nothing is typed, and on X11 it takes a program.
const longPatience = 5 * time.Second

// A session is a Watcher at work. It belongs to Run.
type session struct {
	*Watcher
	ctx     context.Context // of Run
	running sync.WaitGroup
	changed *change

	bus  *bus  // nil while there is none
	link *link // nil while not connected

	text   string // of parsed
	parsed *keymap.Map
	broken error // why the text is none
}

// A link is a connection to a desktop.
type link struct {
	Desktop
	display
	stop context.CancelFunc
	gone chan struct{} // closed when the display has gone
}

// lost reports whether the display has gone.
func (l *link) lost() bool {
	select {
	case <-l.gone:
		return true
	default:
		return false
	}
}

func (h *session) answer(j job) (State, error) {
	ctx, cancel := context.WithCancel(j.ctx)
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	if err := h.join(ctx); err != nil {
		return State{}, err
	}
	switch j.what {
	case forState:
		return h.state(ctx)
	case forRoundTrip:
		return State{}, h.link.roundTrip(ctx)
	case forPressed, forReleased:
		if p, ok := h.link.display.(presser); ok {
			return State{}, p.pressed(ctx, j.key, j.what == forPressed)
		}
		return State{}, nil
	}
	return State{Desktop: h.link.Desktop}, nil
}

// join connects to the bus and to the desktop of the moment.
func (h *session) join(ctx context.Context) error {
	h.joinBus()
	if h.link != nil && !h.link.lost() {
		return nil
	}
	h.part()
	for _, d := range h.find(ctx, h.bus) {
		if h.connect(ctx, d) == nil {
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ErrNoDesktop
}

func (h *session) joinBus() {
	if h.bus.alive() {
		return
	}
	address := h.Bus
	if address == "" {
		address = "unix:path=" + h.Runtime + "/bus"
	}
	h.bus.close()
	h.bus = openBus(h.ctx, address)
	if b := h.bus; b != nil {
		h.running.Go(func() { _ = b.listen(h.ctx, h.changed.touch) }) // what it misses is asked for each time
	}
}

// connect joins a desktop if it lives.
func (h *session) connect(ctx context.Context, d Desktop) error {
	disp, err := open(ctx, d, h.Config)
	if err != nil {
		return err
	}
	living, stop := context.WithCancel(h.ctx)
	l := &link{Desktop: d, display: disp, stop: stop, gone: make(chan struct{})}
	h.running.Go(func() {
		defer h.changed.touch()
		defer close(l.gone)
		_ = disp.run(living, h.changed.touch) // the next call that fails tells why it ended
	})
	starting, cancel := context.WithTimeout(ctx, longPatience)
	defer cancel()
	if err := disp.start(starting); err != nil {
		stop()
		<-l.gone
		return err
	}
	h.link = l
	groups, _ := h.sources()
	if source, ok := groups.(listener); ok {
		h.running.Go(func() { _ = source.listen(living, h.changed.touch) }) // as with the bus
	}
	return nil
}

// sources returns what tells the group and the locks, nil for nothing.
func (h *session) sources() (grouper, locker) {
	if x, ok := h.link.display.(*xserver); ok {
		return x, x
	}
	switch socket := h.link.socket; h.link.Name {
	case "sway":
		return sway{socket, h.Keyboard}, nil
	case "hyprland":
		hypr := hyprland{socket, h.Keyboard}
		return hypr, hypr
	case "niri":
		return niri{socket}, nil
	case "kde":
		return kde{h.bus}, nil
	case "gnome":
		return gnome{h.bus, h.Root}, nil
	}
	return nil, nil
}

// part disconnects from the desktop.
func (h *session) part() {
	if h.link != nil {
		h.link.stop()
		<-h.link.gone
		h.link = nil
	}
}

// leave ends everything; the ctx of Run is done.
func (h *session) leave() {
	h.part()
	h.bus.close()
	h.running.Wait()
}

// state asks everybody.
func (h *session) state(ctx context.Context) (State, error) {
	s := State{Desktop: h.link.Desktop, Group: keymap.AllGroups, Changed: h.changed.now()}
	ask, cancel := context.WithTimeout(ctx, longPatience)
	defer cancel()
	text, from, err := h.link.keymap(ask)
	if ctx.Err() != nil {
		return s, ctx.Err()
	}
	if h.link.lost() {
		return s, fmt.Errorf("ask for the keymap: %w", errGone)
	}
	s.Keyless = errors.Is(err, errNoKeyboard)
	s.Map, s.From.Map = h.parse(text, from, err)
	if s.Map != nil {
		s.Group, s.From.Group = h.group(ctx, s.Map)
		s.Locks, s.From.Locks = h.lock(ctx, &s)
	}
	s.IME, s.From.IME, s.Relayed = h.ime(ctx)
	s.App, s.From.App = h.app(ctx)
	return s, ctx.Err()
}

func (h *session) parse(text, from string, err error) (*keymap.Map, string) {
	if err != nil {
		return nil, err.Error()
	}
	if text != h.text || h.parsed == nil {
		h.text = text
		h.parsed, h.broken = keymap.Parse(text)
	}
	if h.broken != nil {
		return nil, h.broken.Error()
	}
	return h.parsed, from
}

func (h *session) group(ctx context.Context, m *keymap.Map) (int, string) {
	if len(m.Groups()) == 1 {
		return 0, "the only one"
	}
	groups, _ := h.sources()
	if groups == nil {
		return keymap.AllGroups, errUntold.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	n, from, err := groups.group(ctx, m)
	if err != nil {
		return keymap.AllGroups, err.Error()
	}
	return n, from
}

// lock returns the locks. Other locks than the two of keymap.Locks make the
// map useless.
func (h *session) lock(ctx context.Context, s *State) (keymap.Locks, string) {
	_, locks := h.sources()
	if locks == nil {
		return lights(h.Root)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l, from, err := locks.locks(ctx, s.Map)
	if errors.Is(err, errOtherLock) {
		s.Map, s.From.Map = nil, err.Error()
		return l, err.Error()
	}
	if err != nil {
		return lights(h.Root)
	}
	return l, from
}

// app asks for the application in focus.
func (h *session) app(ctx context.Context) (name, from string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	n, ok := h.link.display.(namer)
	if !ok {
		groups, _ := h.sources()
		n, ok = groups.(namer)
	}
	if !ok {
		return "", errUntold.Error()
	}
	name, from, err := n.app(ctx)
	if err != nil {
		return "", err.Error()
	}
	return name, from
}

// A change wakes all that wait for it.
type change struct {
	mu   sync.Mutex
	next chan struct{}
}

func newChange() *change { return &change{next: make(chan struct{})} }

// now returns what is closed at the next change.
func (c *change) now() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next
}

func (c *change) touch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.next)
	c.next = make(chan struct{})
}
