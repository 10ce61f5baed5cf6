package desktop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// displayLimit is how long a display server may take to connect, and to send the keymap.
// Without a keymap nothing is typed, and on X11 another program prints it.
const displayLimit = 5 * time.Second

// A session is a Watcher at work. It belongs to Run.
type session struct {
	*Watcher
	ctx     context.Context // of Run
	running sync.WaitGroup

	bus  *bus        // nil while there is none
	mute bool        // there is one, and it does not answer
	conn *connection // nil while not connected

	text   string // of parsed
	parsed *keymap.Map
	broken error // why text could not be parsed
}

// A connection is one to a desktop.
type connection struct {
	Desktop
	display
	reporter
	stop context.CancelFunc
	gone chan struct{} // closed when the display has gone
}

// lost reports whether the display has gone, or the connection is of no use.
func (c *connection) lost() bool {
	select {
	case <-c.gone:
		return true
	default:
		return c.closed()
	}
}

// answer connects to the desktop in use and calls question.
func (s *session) answer(ctx context.Context, question func(context.Context, *session) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	if err := s.join(ctx); err != nil {
		return err
	}
	return question(ctx, s)
}

// join connects to the bus and to the desktop in use.
func (s *session) join(ctx context.Context) error {
	s.joinBus()
	if s.conn != nil && !s.conn.lost() {
		return nil
	}
	s.part()
	for _, d := range s.find(ctx, s.bus) {
		if s.connect(ctx, d) == nil {
			return nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ErrNoDesktop
}

// joinBus connects to the session bus. On a busy machine that may take as long as a display:
// without it an input method is not known of, and gets the keys.
func (s *session) joinBus() {
	if s.bus.alive() {
		return
	}
	s.bus.close()
	began := time.Now()
	s.bus = openBus(s.ctx, displayLimit, s.busAddress())
	s.mute = s.bus == nil && time.Since(began) >= displayLimit
	if b := s.bus; b != nil {
		s.running.Go(func() { _ = b.listen(s.ctx, s.changed.touch) }) // each State asks for what it misses
	}
}

// connect connects to a desktop if its display server answers.
func (s *session) connect(ctx context.Context, d Desktop) error {
	display, reporter, err := s.open(ctx, d, s.changed.touch)
	if err != nil {
		return err
	}
	living, stop := context.WithCancel(s.ctx)
	c := &connection{Desktop: d, display: display, reporter: reporter, stop: stop, gone: make(chan struct{})}
	s.running.Go(func() {
		defer s.changed.touch()
		defer close(c.gone)
		_ = display.run(living) // the next call that fails says why it ended
	})
	starting, cancel := context.WithTimeout(ctx, displayLimit)
	defer cancel()
	if err := display.start(starting); err != nil {
		stop()
		<-c.gone
		return err
	}
	s.conn = c
	if c.listen != nil {
		s.running.Go(func() { _ = c.listen(living, s.changed.touch) }) // as with the bus
	}
	return nil
}

// part disconnects from the desktop.
func (s *session) part() {
	if s.conn != nil {
		s.conn.stop()
		<-s.conn.gone
		s.conn = nil
	}
}

// leave ends everything. The ctx of Run is done.
func (s *session) leave() {
	s.part()
	s.bus.close()
	s.running.Wait()
}

// state asks for every fact.
func (s *session) state(ctx context.Context) (State, error) {
	st := State{Desktop: s.conn.Desktop, Group: keymap.AllGroups, Changed: s.changed.now()}
	ask, cancel := context.WithTimeout(ctx, displayLimit)
	defer cancel()
	text, from, err := s.conn.keymap(ask)
	if ctx.Err() != nil {
		return st, ctx.Err()
	}
	if s.conn.lost() {
		return st, fmt.Errorf("ask for the keymap: %w", errGone)
	}
	st.Keyless = errors.Is(err, errNoKeyboard)
	st.Map, st.From.Map = s.parse(text, from, err)
	if st.Map != nil {
		st.Group, st.From.Group = s.group(ctx, st.Map)
		st.Locks, st.From.Locks = s.locks(ctx, &st)
	}
	st.IME, st.From.IME, st.Relayed = s.ime(ctx)
	st.App, st.From.App = s.app(ctx)
	return st, ctx.Err()
}

func (s *session) parse(text, from string, err error) (*keymap.Map, string) {
	if err == nil && (text != s.text || s.parsed == nil) {
		s.text = text
		s.parsed, s.broken = keymap.Parse(text)
	}
	if err = cmp.Or(err, s.broken); err != nil {
		return nil, err.Error()
	}
	return s.parsed, from
}

func (s *session) group(ctx context.Context, m *keymap.Map) (int, string) {
	if len(m.Groups()) == 1 {
		return 0, "the only one"
	}
	if s.conn.group == nil {
		return keymap.AllGroups, errUntold.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	n, from, err := s.conn.group(ctx, m)
	if err != nil {
		return keymap.AllGroups, err.Error()
	}
	return n, from
}

// locks returns the locks. If a lock is on that keymap.Locks does not have, the map is
// of no use.
func (s *session) locks(ctx context.Context, st *State) (l keymap.Locks, from string) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	err := errUntold
	if s.conn.locks != nil {
		l, from, err = s.conn.locks(ctx, st.Map)
	}
	if err != nil && !errors.Is(err, errOtherLock) {
		l, from, err = lights(s.Root, st.Map)
	}
	if err != nil {
		st.Map, st.From.Map = nil, err.Error()
		return l, err.Error()
	}
	return l, from
}

// app asks for the application that has the focus.
func (s *session) app(ctx context.Context) (name, from string) {
	if s.conn.app == nil {
		return "", errUntold.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	name, from, err := s.conn.app(ctx)
	if err != nil {
		return "", err.Error()
	}
	return name, from
}

// A change wakes all that wait for the next change.
type change struct {
	mu   sync.Mutex
	next chan struct{}
}

// now returns the channel that is closed at the next change.
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
