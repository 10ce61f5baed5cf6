package desktop

import (
	"context"
	"fmt"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
)

// A display is a connection to a display server. One goroutine calls its methods, except
// run, which must be running meanwhile.
type display interface {
	// run handles events until ctx is done or the connection is lost.
	run(ctx context.Context) error
	// start prepares the connection.
	start(ctx context.Context) error
	// roundTrip returns once the server has answered. It finds a change that the server
	// does not report.
	roundTrip(ctx context.Context) error
	// keymap returns the text of the keymap in effect.
	keymap(ctx context.Context) (text, from string, err error)
	// closed reports whether a question that was given up has closed the connection. run
	// returns some time after that.
	closed() bool
}

// A reporter has the functions that report what a desktop knows besides the keymap. A
// function is nil if the desktop does not report it.
type reporter struct {
	// group returns the group in effect, of those that a map has.
	group func(ctx context.Context, m *keymap.Map) (n int, from string, err error)
	// locks returns the locks that are on.
	locks func(ctx context.Context, m *keymap.Map) (l keymap.Locks, from string, err error)
	// app returns the application of the window that has the focus, under the name that
	// the desktop's own rules for windows use: app_id of Wayland, or the class of
	// WM_CLASS. The name is empty if no window has the focus.
	app func(ctx context.Context) (name, from string, err error)
	// pressed waits, for a limited time, until the server reports a key down or up.
	pressed func(ctx context.Context, c key.Code, down bool) error
	// listen calls touched at each change until ctx is done or its source is lost.
	listen func(ctx context.Context, touched func()) error
}

// open connects to the display server of a desktop. The display calls touched when the
// layout may have changed.
func (s *session) open(ctx context.Context, d Desktop, touched func()) (display, reporter, error) {
	if d.Wayland == "" {
		x, err := dialX11(ctx, d, s.Keyboard, touched)
		if err != nil {
			return nil, reporter{}, fmt.Errorf("connect to %s: %w", d.X11, err)
		}
		return x, reporter{group: x.group, locks: x.locks, app: x.app, pressed: x.pressed}, nil
	}
	w, err := dialWayland(d.Wayland, touched)
	return w, s.reporter(d), err
}

// reporter returns what a Wayland desktop reports.
func (s *session) reporter(d Desktop) reporter {
	switch d.Name {
	case "sway":
		w := sway{d.socket, s.Keyboard}
		return reporter{group: w.group, app: w.app, listen: w.listen}
	case "hyprland":
		h := hyprland{d.socket, s.Keyboard}
		return reporter{group: h.group, locks: h.locks, app: h.app, listen: h.listen}
	case "niri":
		n := niri{d.socket}
		return reporter{group: n.group, app: n.app, listen: n.listen}
	case "kde":
		return reporter{group: s.groupKDE}
	case "gnome":
		return reporter{group: s.groupGNOME, app: s.appGNOME}
	}
	return reporter{}
}
