package desktop

import (
	"errors"
	"sync"
)

// Hints are what GNOME Shell says about the focus, through vocoder's extension. The zero
// Hints say nothing.
type Hints struct {
	Source   string // the input source in use, as "xkb:de+nodeadkeys" or "ibus:libpinyin"
	App      string // the application in focus, by app_id or X11's class
	Window   string // a number for the window in focus
	Password bool   // the field in focus is for a password or PIN
	Overlay  bool   // the shell shows the overlay itself
}

// ErrNotShell is the error of Hint for any program but GNOME Shell.
var ErrNotShell = errors.New("only GNOME Shell may say that")

// hints are the newest Hints, and the process that sent them. They are safe for concurrent
// use.
type hints struct {
	mu  sync.Mutex
	pid int
	Hints
}

// set stores Hints of a process, and reports whether they are others than before.
func (n *hints) set(pid int, h Hints) (changed bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	changed = n.pid != pid || n.Hints != h
	n.pid, n.Hints = pid, h
	return changed
}

// of returns the newest Hints and the process that sent them, 0 if there are none.
func (n *hints) of() (pid int, h Hints) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.pid, n.Hints
}

// shell is the name of GNOME Shell's process.
const shell = "gnome-shell"
