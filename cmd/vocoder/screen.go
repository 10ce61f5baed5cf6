package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/inject/layout"
	"github.com/arealicehole/vocoder/inject/paste"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A screen is the user's desktop as inject sees it: which layout is in effect,
// what reads the keys, and the clipboard. It works while run runs, and whatever
// asks it waits for that.
type screen struct {
	watcher   *layout.Watcher
	clipboard *paste.Clipboard
	compose   func() *keymap.Compose // of the user's locale
	log       *slog.Logger

	mu    sync.Mutex
	style style
	known effect // the last one that was found
}

// An effect is a layout in effect and what can be typed with it.
type effect struct {
	of    *keymap.Map
	group int
	locks keymap.Locks
	dead  bool // keys may be used
	table *keymap.Table
}

func (a *app) newScreen(log *slog.Logger) *screen {
	env := func(name string) string { v, _ := a.Lookup(name); return v }
	w := layout.New(layout.Config{
		Runtime:    a.RuntimeDir(),
		ConfigHome: a.ConfigHome(),
		Home:       env("HOME"),
		Bus:        env("DBUS_SESSION_BUS_ADDRESS"),
		Hint:       layout.Desktop{Wayland: env("WAYLAND_DISPLAY"), X11: env("DISPLAY"), Authority: env("XAUTHORITY")},
		Keyboard:   inject.Name,
	})
	s := &screen{watcher: w, log: log}
	s.clipboard = paste.New(s.display)
	s.compose = sync.OnceValue(func() *keymap.Compose {
		c, err := layout.ReadCompose(a.Locale(), env("HOME"), "")
		if err != nil {
			log.Warn("dead keys as usual", "err", err)
		}
		return c
	})
	return s
}

// run answers until ctx is done. What the clipboard offers then is gone.
func (s *screen) run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _ = s.watcher.Run(ctx) }) // it has no error
	return s.clipboard.Run(ctx)
}

// A style is how texts are typed, as the settings have it.
type style struct {
	config.Typing
	fixed *keymap.Table // what Layout says if it is not auto, nil if it is
}

// styleOf returns the style of settings. Its error is one of theirs.
func styleOf(cfg settings.Loaded) (style, error) {
	t := cfg.Typing
	fixed, err := fixedLayout(t.Layout, t.DeadKeys != "false")
	if err != nil {
		return style{}, cfg.Fault("typing.layout", err.Error())
	}
	return style{t, fixed}, nil
}

// rules returns what is done to each text.
func (s style) rules() inject.Rules {
	return inject.Rules{
		Newline:          inject.Newline(s.Newline),
		ASCIIPunctuation: s.ASCIIPunctuation,
		TrailingSpace:    s.TrailingSpace,
	}
}

// configure takes up settings.
func (s *screen) configure(t style) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.style, s.known = t, effect{}
}

// fixedLayout returns what can be typed with a layout that is always in effect,
// nil for one that is not.
func fixedLayout(name string, deadKeys bool) (*keymap.Table, error) {
	switch name {
	case "auto", "":
		return nil, nil
	case "us":
		return keymap.US().Table(0, keymap.Locks{}, nil), nil
	}
	m, err := readKeymap(name)
	if err != nil {
		return nil, err
	}
	return m.Table(0, keymap.Locks{}, composeOf(keymap.DeadKeys(), deadKeys)), nil
}

// maxKeymap bounds a file with a keymap, in bytes. Real ones have 40 to 90 KB.
const maxKeymap = 4 << 20

func readKeymap(name string) (*keymap.Map, error) {
	text, err := atomicfile.ReadUpTo(name, maxKeymap)
	if err != nil {
		return nil, err
	}
	m, err := keymap.Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func composeOf(c *keymap.Compose, deadKeys bool) *keymap.Compose {
	if deadKeys {
		return c
	}
	return c.WithoutDeadKeys()
}

// current returns the style in use.
func (s *screen) current() style {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.style
}

// target finds out for what a text is. An input method would take the keys and
// make something else of them, so under one nothing is typed.
func (s *screen) target(ctx context.Context) (inject.Target, error) {
	style := s.current()
	to := inject.Target{Layout: style.fixed, Pace: pace(style.Pace, layout.State{}), Chord: chordOf(style.PasteChord)}
	if style.fixed != nil {
		return to, nil
	}
	state, err := s.watcher.State(ctx)
	if err != nil {
		return to, err
	}
	typing := style.For(state.App)
	to.Changed, to.Pace, to.Chord = state.Changed, pace(typing.Pace, state), chordOf(typing.PasteChord)
	if state.Keyless {
		return to, errAsleep
	}
	if state.Map != nil && state.IME == "" {
		to.Layout = s.table(state, deadKeys(typing.DeadKeys, state))
	}
	return to, nil
}

// deadKeys reports whether é may be typed as ´ and e. What IBus composes overtakes
// the letters before it, and so does what Qt composes: "Más" became "áMs", seen
// in GNOME 48 with IBus, in Konsole of KDE's 6.3, and in qterminal under sway, also
// with 50 ms before each dead key. A program does not tell that it is Qt's; so what
// is not known to be another's, is taken for it.
func deadKeys(setting string, s layout.State) bool {
	if setting == "false" || s.Relayed || s.Desktop.Name == "kde" || strings.HasPrefix(s.App, "org.kde.") {
		return false
	}
	return setting == "true" || slices.ContainsFunc(inOrder, func(app string) bool { return strings.EqualFold(app, s.App) })
}

// inOrder are programs that were seen to have letters and what they compose in the
// order of the keys, by app_id or class, of which some differ by capitals.
var inOrder = []string{"foot", "footclient", "xterm", "alacritty", "kitty", "sakura", "firefox", "firefox-esr", "chromium", "chromium-browser"}

// pace returns how fast to type. Sway reads keyboards and answers questions in one
// thread, and an X server is asked for the keys themselves; which other desktops do
// is not known well enough.
func pace(setting string, s layout.State) inject.Pace {
	name := s.Desktop.Name
	switch {
	case setting == "careful" || setting == "auto" && (name == "" || name == "gnome" || s.Relayed):
		return inject.Careful
	case (name == "sway" || name == "x11") && !s.Relayed:
		return inject.Brisk
	}
	return inject.Even
}

// chordOf returns keys as the last of them with the others held.
func chordOf(keys []key.Code) key.Stroke {
	if len(keys) == 0 {
		return key.Stroke{}
	}
	last := len(keys) - 1
	return key.Stroke{Mods: keys[:last], Code: keys[last]}
}

// table returns what can be typed in a state, the same one while it is the same.
func (s *screen) table(state layout.State, deadKeys bool) *keymap.Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := effect{of: state.Map, group: state.Group, locks: state.Locks, dead: deadKeys, table: s.known.table}
	if e != s.known {
		e.table = state.Map.Table(e.group, e.locks, composeOf(s.compose(), deadKeys))
		s.known = e
	}
	return e.table
}

// Wait implements inject.Gate.
func (s *screen) Wait(ctx context.Context) error { return s.watcher.Wait(ctx) }

// gate returns what to wait for between bursts of keys on a device, nil if there
// is nothing to ask: a layout that is always in effect may be typed without a
// display server.
func (s *screen) gate(ctx context.Context, on inject.Device) inject.Gate {
	d, err := s.watcher.Desktop(ctx)
	switch {
	case err == nil && d.Wayland == "":
		return xGate{s.watcher, on}
	case s.current().fixed != nil && errors.Is(err, layout.ErrNoDesktop):
		return nil
	}
	return s
}

// An xGate waits until an X server has seen a key that means nothing go down,
// and with it all before. That it answers a question says little: it reads its
// devices in a thread of its own, and loses what their queues have no room for.
// The key has to be seen up first, or one that is down since the last time would
// be proof of nothing. A server that is stopped is waited for by asking, while no
// key is down: the helper takes who holds one down for a second for hung.
type xGate struct {
	server interface {
		inject.Gate
		Pressed(ctx context.Context, c key.Code) error
		Released(ctx context.Context, c key.Code) error
	}
	device inject.Device
}

// Wait implements inject.Gate.
func (g xGate) Wait(ctx context.Context) error {
	if err := g.server.Wait(ctx); err != nil {
		return err
	}
	if err := g.server.Released(ctx, probe); err != nil {
		return err
	}
	err := g.device.Down(probe)
	if err == nil {
		err = g.server.Pressed(ctx, probe)
	}
	return errors.Join(err, g.device.Up(probe))
}

// display tells the clipboard where the selections are.
func (s *screen) display(ctx context.Context) (paste.Display, error) {
	d, err := s.watcher.Desktop(ctx)
	if err != nil {
		return paste.Display{}, err
	}
	return paste.Display{Wayland: d.Wayland, X11: d.X11, Authority: d.Authority}, nil
}

// probe is a key that no layout gives a meaning: KEY_UNKNOWN. Where each
// keyboard has a layout of its own, the one that was pressed last counts.
const probe key.Code = 240

// A source finds the target of a text, having made our keyboard the one that
// counts. It implements inject.Source.
type source struct {
	*screen
	device inject.Device
}

// Target implements inject.Source. It waits while the desktop reads no keyboard,
// and knocks: wlroots takes up its devices again, but sees that it has them only
// when one of them says something.
func (s source) Target(ctx context.Context) (inject.Target, error) {
	limit, again := time.NewTimer(asleep), time.NewTicker(knocking)
	defer limit.Stop()
	defer again.Stop()
	for {
		if err := s.device.Tap(probe); err != nil {
			return inject.Target{}, err
		}
		to, err := s.target(ctx)
		if !errors.Is(err, errAsleep) {
			return to, err
		}
		select {
		case <-to.Changed:
			err = clock.Sleep(ctx, waking)
		case <-again.C:
			err = nil
		case <-limit.C:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			return to, err
		}
	}
}

const (
	// asleep is how long a desktop may take from when its session is said to be
	// in use until it reads keyboards: three seconds were seen with sway on an
	// emulated processor.
	asleep = 15 * time.Second
	// knocking is how often a key is pressed meanwhile that means nothing.
	knocking = 250 * time.Millisecond
	// waking is how long after the first keyboard it may not read ours yet. It
	// is known to for those that take all devices in one turn.
	waking = 300 * time.Millisecond
)

// errAsleep says that nothing pressed now would reach the desktop.
var errAsleep = errors.New("the desktop reads no keyboard")
