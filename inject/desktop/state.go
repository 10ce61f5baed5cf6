package desktop

import (
	"cmp"
	"errors"
	"time"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// A State is all that decides which text a key gives, at one moment.
type State struct {
	Map   *keymap.Map  // of our keyboard; nil if it is not known, so that only pasting is right
	Group int          // of the Map; keymap.AllGroups if it is not known
	Locks keymap.Locks // as far as known; those on X11 and Hyprland are sure
	IME   string       // the input method that takes the keys before the window does, empty for none

	// Relayed says that a framework of input methods runs. Then keys take another way to
	// the window than modifiers, also if the method is none.
	Relayed bool

	App string // the application in focus, by app_id or X11's class; empty if that is not known

	// Keyless says that the display server reads no keyboard, as while another terminal
	// is on the screen and until a moment after that. A key pressed then is lost. Changed
	// is closed when that is over.
	Keyless bool

	Desktop Desktop
	From    Origins

	// Changed is closed once the Map, the Group or what GNOME Shell has told may be
	// different. A change of the locks or of the input method does not close it.
	Changed <-chan struct{}
}

// Origins say where each fact of a State came from, or why it is not known.
type Origins struct{ Map, Group, Locks, IME, App string }

// A Desktop says where the display server of a session is.
type Desktop struct {
	Name      string // "sway", "hyprland", "niri", "kde", "gnome", "x11", or empty for another
	Wayland   string // path of the compositor's socket; empty for none
	X11       string // such as ":0"; next to Wayland it is Xwayland's; empty for none
	Authority string // the file with the cookie for X11; empty for none

	socket string // of the desktop's own protocol
}

// ErrNoDesktop says that no display server of the user was found.
var ErrNoDesktop = errors.New("no display server found")

// A Config says where to look.
type Config struct {
	Runtime    string  // the directory that XDG_RUNTIME_DIR names
	ConfigHome string  // the one that XDG_CONFIG_HOME names, where IBus says how to reach it
	Home       string  // of the user, where the cookies of X servers are
	Bus        string  // address of the session bus; empty for the socket in Runtime
	Hint       Desktop // what the environment says, if anything; Wayland may be a name in Runtime
	Keyboard   string  // the name of our keyboard, for desktops on which each has a layout
	Root       string  // of /proc, /sys, /tmp and /usr/share; empty for /

	// Unreachable is called when the accessibility bus cannot be reached, once each time that
	// password fields are switched on. It may be nil.
	Unreachable func(error)
}

// busAddress returns the address of the session bus.
func (c Config) busAddress() string { return cmp.Or(c.Bus, "unix:path="+c.Runtime+"/bus") }

// answerLimit is how long a desktop may take to answer one question. What it does not
// answer in that time is not known.
const answerLimit = time.Second

// Why a fact is not known.
var (
	errGone     = errors.New("the display server has gone")
	errNoKeymap = errors.New("the compositor has sent no keymap")

	// While another terminal is on the screen, a compositor closes all its devices, and
	// its seat has no keyboard (seen with sway).
	errNoKeyboard = errors.New("the compositor reads no keyboard")

	// errUnsure: the answer of the desktop does not fit the map.
	errUnsure = errors.New("what the desktop tells does not fit the keymap")
	errUntold = errors.New("the desktop does not tell")
)
