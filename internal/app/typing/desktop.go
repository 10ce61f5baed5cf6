// Package typing types texts into the focused window of the user's desktop, as the
// settings want it.
package typing

import (
	"context"
	"log/slog"
	"sync"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/clipboard"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/printable"
)

// A Desktop is the user's desktop: the layout in effect, the window that has the focus,
// and the clipboard. It answers while Run runs. It is safe for concurrent use.
type Desktop struct {
	watcher   *desktop.Watcher
	clipboard *clipboard.Clipboard
	compose   func() *keymap.Compose // of the user's locale

	mu     sync.Mutex
	style  Style
	newest effective
}

// An effective layout is the layout in effect, and what can be typed with it.
type effective struct {
	keymap   *keymap.Map
	group    int
	locks    keymap.Locks
	deadKeys deadKeyUse
	table    *keymap.Table
}

// NewDesktop returns the desktop of the session that env belongs to.
func NewDesktop(env environ.Env, log *slog.Logger) *Desktop {
	d := &Desktop{watcher: desktop.New(desktop.Config{
		Runtime:    env.RuntimeDir(),
		ConfigHome: env.ConfigHome(),
		Home:       env.Var("HOME"),
		Bus:        env.Var("DBUS_SESSION_BUS_ADDRESS"),
		Hint:       desktop.Desktop{Wayland: env.Var("WAYLAND_DISPLAY"), X11: env.Var("DISPLAY"), Authority: env.Var("XAUTHORITY")},
		Keyboard:   inject.Name,
		Unreachable: func(err error) {
			log.Warn("password fields of applications are not known", "err", printable.Line(err.Error(), 200))
		},
	})}
	d.clipboard = clipboard.New(d.watcher.Desktop)
	d.compose = sync.OnceValue(func() *keymap.Compose {
		c, err := desktop.ReadCompose(desktop.ComposeFiles{
			Locale: env.Locale(), File: env.Var("XCOMPOSEFILE"), ConfigHome: env.ConfigHome(), Home: env.Var("HOME"),
		})
		if err != nil {
			log.Warn("dead keys as usual", "err", err)
		}
		return c
	})
	return d
}

// Run serves until ctx is done. Then the clipboard loses what vocoder put in it.
func (d *Desktop) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { _ = d.watcher.Run(ctx) }) // it has no error
	return d.clipboard.Run(ctx)
}

// During runs the desktop while do runs, and returns the error of do, else its own.
func (d *Desktop) During(ctx context.Context, do func() error) error {
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- d.Run(running) }()
	err := do()
	end()
	if failed := <-ended; err == nil {
		err = failed
	}
	return err
}

// State returns the layout in effect and the window that has the focus.
func (d *Desktop) State(ctx context.Context) (desktop.State, error) { return d.watcher.State(ctx) }

// Hint takes what GNOME Shell says about the focus, from a process. If that is not the
// user's GNOME Shell, the error is desktop.ErrNotShell.
func (d *Desktop) Hint(ctx context.Context, pid int, h desktop.Hints) error {
	return d.watcher.Hint(ctx, pid, h)
}

// WatchAccessibility sets whether applications are asked for password fields, through the
// accessibility bus. One goroutine at a time may call it.
func (d *Desktop) WatchAccessibility(on bool) { d.watcher.WatchAccessibility(on) }

// Password reports whether a password field has the focus, as far as the desktop says, and
// the accessibility bus.
func (d *Desktop) Password() bool { return d.watcher.Password() }

// Overlay reports whether the desktop shows the overlay itself, as far as it says.
func (d *Desktop) Overlay() bool { return d.watcher.Overlay() }

// Clipboard returns the clipboard.
func (d *Desktop) Clipboard() *clipboard.Clipboard { return d.clipboard }

// Configure sets the style for the texts that follow.
func (d *Desktop) Configure(s Style) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.style, d.newest = s, effective{}
}

// Style returns the style in use.
func (d *Desktop) Style() Style {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.style
}

// table returns what can be typed in a state. While the state is the same, it returns
// the same table.
func (d *Desktop) table(s desktop.State, deadKeys deadKeyUse) *keymap.Table {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := effective{keymap: s.Map, group: s.Group, locks: s.Locks, deadKeys: deadKeys, table: d.newest.table}
	if e != d.newest {
		e.table = s.Map.Table(e.group, e.locks, composeOf(d.compose(), deadKeys))
		d.newest = e
	}
	return e.table
}
