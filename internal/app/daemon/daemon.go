package daemon

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/notification"
	"github.com/arealicehole/vocoder/internal/tray"
)

const (
	// grace is how long the utterances under way may still take at the end. It is
	// less than TimeoutStopSec of the unit.
	grace = 10 * time.Second

	// readyTimeout is how long READY waits for a missing part. After that the daemon
	// is ready all the same, and its status says what it waits for.
	readyTimeout = 10 * time.Second

	// stale is how long a text waits for a locked session; keep how long an
	// utterance can be retried.
	stale = 30 * time.Second
	keep  = 10 * time.Minute
)

// A daemon is the running service. It owns what survives a reload: the dictation, the
// keyboard, the desktop and the control socket. What depends on the settings is in a
// pipeline, which a reload replaces.
type daemon struct {
	env      environ.Env
	store    settings.Store
	log      *slog.Logger
	manager  systemd.Notifier
	board    board
	server   control.Server
	desktop  *typing.Desktop
	keyboard *typing.Keyboard
	devices  typing.Devices // zero: the helper's or our own
	sounds   *sounds
	helper   *helper.Client                             // nil: this program opens the devices itself
	load     func(environ.Env) (settings.Loaded, error) // reads the settings again
	live     *terminal.StatusLine                       // nil if no terminal watches
	notifier *notification.Notifier
	tray     *tray.Icon

	notifies atomic.Bool // the settings ask for notifications

	dictation *dictate.Dictation
	holds     chan key.Event
	orders    chan dictate.Event
	over      chan struct{} // closed when the dictation takes no more holds and orders
	reloads   chan chan<- error
	beats     chan struct{} // received by the loop that takes up new settings
	shutdown  context.CancelFunc

	suspending sync.Mutex
	restricted bool // see restrictSelf

	mu   sync.Mutex
	now  *pipeline
	told language.Choice // by vocoderctl, in place of the settings; zero if it was not
	once sync.Once       // for READY
}

func (d *daemon) current() *pipeline {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// send passes a hold to the dictation, tell an event. They report whether it
// took it.
func (d *daemon) send(ev key.Event) bool {
	select {
	case d.holds <- ev:
		return true
	case <-d.over:
		return false
	}
}

func (d *daemon) tell(ev dictate.Event) bool {
	select {
	case d.orders <- ev:
		return true
	case <-d.over:
		return false
	}
}
