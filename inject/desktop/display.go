package desktop

import (
	"context"
	"fmt"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/key"
)

// A display is a connection to a display server. Its methods but run are
// called by one goroutine; they need run to be running.
type display interface {
	// run takes events until ctx is done or the connection is lost, and calls
	// touched when the layout may have changed.
	run(ctx context.Context, touched func()) error
	// start gets ready.
	start(ctx context.Context) error
	// roundTrip returns once the server has answered, and finds a change that
	// the server does not tell.
	roundTrip(ctx context.Context) error
	// keymap returns the text of the keymap as of now.
	keymap(ctx context.Context) (text, from string, err error)
}

// A display that tells more than the keymap is one of these, too.
type (
	// A grouper tells the group, of those that a map has.
	grouper interface {
		group(ctx context.Context, m *keymap.Map) (n int, from string, err error)
	}
	// A presser waits, for a while, until the server takes a key to be down or up.
	presser interface {
		pressed(ctx context.Context, c key.Code, down bool) error
	}
	// A locker tells the locks.
	locker interface {
		locks(ctx context.Context, m *keymap.Map) (l keymap.Locks, from string, err error)
	}
)

// A listener waits for changes until ctx is done or its source is lost.
type listener interface {
	listen(ctx context.Context, touched func()) error
}

// A namer tells which application has the window in focus, by the name that
// the desktop's own rules for windows know it by: app_id of Wayland, or the
// class of WM_CLASS. The name is empty if no window has the focus.
type namer interface {
	app(ctx context.Context) (name, from string, err error)
}

// open connects to the display server of a desktop.
func open(ctx context.Context, d Desktop, c Config) (display, error) {
	if d.Wayland != "" {
		return dialWayland(d.Wayland)
	}
	x, err := dialX11(ctx, d, c.Keyboard)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", d.X11, err)
	}
	return x, nil
}
