// Package daemon is the running service. It connects the stages, and shows and controls
// what they do.
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
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/notification"
	"github.com/arealicehole/vocoder/internal/tray"
)

const (
	// exitLimit is how long the daemon finishes utterances after it was asked to
	// end. It is less than TimeoutStopSec of the unit.
	exitLimit = 10 * time.Second

	// readyTimeout is how long the daemon waits for a part that does not work before it
	// sends READY to systemd. Its status then says what it waits for.
	readyTimeout = 10 * time.Second

	// staleAfter and keepFor are Stale and Keep of dictate.Policy.
	staleAfter = 30 * time.Second
	keepFor    = 10 * time.Minute

	// maxSound is Sound of dictate.Policy: what the unit's MemoryMax has room for, besides
	// an hour that is being recorded and sent. It takes 230 MB.
	maxSound = 2 * time.Hour
)

// Options are what a daemon is started with.
type Options struct {
	Env    environ.Env
	Store  settings.Store
	Config settings.Loaded
	Load   func(environ.Env) (settings.Loaded, error) // reads the settings again

	edges edges // for tests; zero means those of the machine
}

// A daemon is the running service. It owns what survives a reload: the dictation, the
// keyboard, the desktop and the control socket. What depends on the settings is in a
// pipeline, which a reload replaces.
type daemon struct {
	Options
	log       *slog.Logger
	manager   systemd.Notifier
	status    status
	server    control.Server
	desktop   *typing.Desktop
	keyboard  *typing.Keyboard
	sounds    *sounds
	helper    *helper.Client   // nil: this program opens the devices itself
	output    *terminal.Output // nil in tests
	notifier  *notification.Notifier
	tray      *tray.Icon
	dictation *dictate.Dictation

	notifies   atomic.Bool // the settings ask for notifications
	restricted bool        // see restrictSelf

	recordings sync.RWMutex  // read-locked by each recording; locked while the pipeline is replaced
	recorded   chan struct{} // has room for one; gets one after each recording

	reloads  chan chan<- error // each gets the result of the reload
	alive    chan struct{}     // runPipelines receives from it, for the watchdog
	shutdown context.CancelFunc

	suspendMu sync.Mutex // held while the microphone closes or opens

	mu       sync.Mutex
	pipeline *pipeline
	session  language.Choice // the languages of the session at the last press; zero before
	language language.Choice // what vocoderctl set in place of the settings, or zero
	task     language.Task   // the same
	isReady  bool            // READY was sent for this pipeline
}

// newDaemon returns a daemon that shows its status to systemd, its clients, the terminal
// and the desktop.
func newDaemon(o Options, log *slog.Logger, output *terminal.Output) *daemon {
	bus := o.Env.SessionBus()
	d := &daemon{
		Options: o, log: log, output: output,
		desktop: typing.NewDesktop(o.Env, log), sounds: newSounds(o.Env, log),
		notifier: notification.New(bus), tray: tray.New(bus),
		recorded: make(chan struct{}, 1), reloads: make(chan chan<- error), alive: make(chan struct{}),
	}
	d.server.Daemon, d.server.Log, d.server.SetFocus = d, log, setFocus(d.desktop, d.status.refresh)
	if helper.Used(o.Config.Devices) {
		d.helper = helper.New(log, func() { _ = d.keyboard.Open() }) // it logs what is wrong
	}
	d.edges.complete(d)
	d.keyboard = typing.NewKeyboard(d.edges.devices, typing.Options{Desktop: d.desktop, Log: log, OnState: func(err error) {
		d.status.setProblem(control.Keyboard, problem("typing unavailable", err), "")
		d.readyIfWorking()
	}})
	var typist dictate.Typist = d.keyboard
	if d.edges.typist != nil {
		typist = d.edges.typist
	}
	d.dictation = dictate.New(dictate.Config{
		Policy: policy(o.Config.Config), Recorder: recorder{d}, Typist: typist, Log: log, Grace: exitLimit, Asleep: d.edges.asleep,
		Watch: func(s dictate.Status) {
			limitMemory(d.current().cfg.MaxDuration + s.Sound)
			d.status.setDictation(s)
			d.sounds.dictation(s)
		},
	})
	d.status.shell = d.desktop.Overlay
	d.status.missing = func(part control.Part, problem string) {
		if part == control.Key || part == control.Microphone { // the others log what is wrong themselves
			log.Warn("not ready", "part", part, "problem", problem)
		}
	}
	var shown lastStatus
	d.status.show = func(line string, s control.Status) {
		d.manager.Status(line)
		d.server.Show(s)
		d.output.Show(line, s)
		d.tray.Show(face(s))
		if n, changed := shown.notification(s); changed && d.notifies.Load() {
			d.notifier.Show(n)
		}
	}
	return d
}

// current returns the pipeline in use.
func (d *daemon) current() *pipeline {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pipeline
}
