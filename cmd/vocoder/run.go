package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/notification"
	"github.com/arealicehole/vocoder/internal/tray"
	"github.com/arealicehole/vocoder/internal/usage"
)

func (a *app) runCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Dictate: the daemon",
		Long: `Dictate, until ended by SIGTERM or SIGINT. SIGHUP takes up new settings; with a
mistake in them the old ones stay. In a terminal the last line shows what it does,
how loud it is while it listens, and how long the last words took.`,
		Args: usage.NoArgs,
	}
	addSettings(c, "")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := a.load(c)
		if err != nil {
			return err
		}
		d := &daemon{app: a, load: func() (settings.Loaded, error) { return a.load(c) }, notifier: notification.New(a.SessionBus()), tray: tray.New(a.SessionBus(), nil)}
		if d.live = terminal.NewStatusLine(a.Env); d.live != nil {
			defer d.live.End()
			a.Stderr = d.live // what is logged goes above the line
		}
		d.log = settings.Logger(a.Env, cfg.Config)
		var shown notice
		d.board.show = func(line string, s control.Status) {
			d.manager.Status(line)
			d.server.Show(s)
			d.live.Show(line, s)
			d.tray.Show(face(line, s))
			if n, is := shown.next(s); is && d.notifies.Load() {
				d.notifier.Show(n)
			}
		}
		return d.run(c.Context(), cfg)
	}
	return c
}

const (
	// grace is how long the words under way may still take at the end. It is
	// less than TimeoutStopSec of the unit.
	grace = 10 * time.Second

	// patience is how long READY waits for a missing part. After that the
	// daemon is up all the same, and its status says what it waits for.
	patience = 10 * time.Second

	// stale is how long a text waits for a locked session; keep how long an
	// utterance can be retried.
	stale = 30 * time.Second
	keep  = 10 * time.Minute
)

// A daemon is the running program. The dictation, the virtual keyboard and
// the connection to the desktop live as long as it does; the other stages are a generation, which ends when new
// settings are taken up.
type daemon struct {
	*app
	log          *slog.Logger
	manager      systemd.Notifier
	board        board
	server       control.Server
	desktop      *typing.Desktop
	keyboard     *typing.Keyboard
	continuation typing.Continuation
	devices      typing.Devices // zero: the helper's or our own
	chimes       *chimes
	helper       *helper.Client                  // nil: this program opens the devices itself
	load         func() (settings.Loaded, error) // reads the settings again
	live         *terminal.StatusLine            // nil if no terminal watches
	notifier     *notification.Notifier
	tray         *tray.Icon

	notifies atomic.Bool // the settings ask for notifications

	dictation *dictate.Dictation
	holds     chan key.Event
	orders    chan dictate.Event
	over      chan struct{} // closed when nobody takes holds and orders any more
	reloads   chan chan<- error
	beats     chan struct{} // is anybody there to take up new settings?
	shutdown  context.CancelFunc

	deafening sync.Mutex
	confined  bool // see confine

	mu   sync.Mutex
	now  *generation
	told language.Choice // by vocoderctl, in place of the settings; zero if it was not
	once sync.Once       // for READY
}

// run dictates until ctx is done.
func (d *daemon) run(ctx context.Context, cfg settings.Loaded) error {
	ctx, d.shutdown = context.WithCancel(ctx)
	defer d.shutdown()
	d.holds, d.orders, d.over = make(chan key.Event), make(chan dictate.Event), make(chan struct{})
	d.reloads, d.beats = make(chan chan<- error), make(chan struct{})
	if cfg.Devices == "helper" || cfg.Devices == "auto" && helper.Installed() {
		d.helper = helper.New(d.log, func() { _ = d.keyboard.Open() }) // it logs what is wrong
	}
	g, err := d.assemble(cfg)
	if err != nil {
		return err
	}
	socket, err := d.listen(cfg)
	if err != nil {
		return err
	}
	d.desktop = typing.NewDesktop(d.Env, d.log)
	switch {
	case d.devices.Open != nil:
	case d.helper != nil:
		d.devices = typing.Helper(d.helper)
	default:
		d.devices = typing.Direct()
	}
	d.keyboard = typing.NewKeyboard(d.devices, typing.Options{Desktop: d.desktop, Log: d.log, OnState: func(err error) {
		d.board.lack("keyboard", trouble("typing unavailable", err))
		d.settled()
	}})
	defer d.keyboard.Close()
	d.chimes = newChimes(d.PulseServer(), d.log)
	if d.helper == nil {
		_ = d.keyboard.Open() // it logs what is wrong; the helper is not asked yet
	}
	d.use(g)
	d.dictation = dictate.New(dictate.Config{
		Policy: policy(cfg.Config), Recorder: ears{d}, Typist: typist{d}, Log: d.log, Watch: d.watch, Grace: grace,
	})
	d.confine(cfg)
	d.log.Info("started", "version", usage.Version(), "helper", d.helper != nil)
	defer d.log.Info("stopped")
	return d.dictate(ctx, g, socket)
}

// dictate runs the dictation and everything around it. The dictation ends
// first, so that what is under way can still be typed.
func (d *daemon) dictate(ctx context.Context, g *generation, socket *control.Socket) error {
	defer context.AfterFunc(ctx, d.manager.Stopping)()
	life, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	around, end := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer end()
	d.server.Daemon, d.server.Log = d, d.log
	wg.Go(func() {
		if err := d.server.Run(around, socket); err != nil {
			d.log.Error("control", "err", err)
		}
	})
	wg.Go(func() { fail(d.generations(around, g)) })
	wg.Go(func() { _ = d.desktop.Run(around) }) // it has no error
	wg.Go(func() { d.attend(around) })
	wg.Go(func() { d.chimes.run(around) })
	if d.helper != nil {
		wg.Go(func() { d.helper.Run(around) })
	}
	wg.Go(func() { d.watchdog(around, systemd.WatchdogInterval()) })
	wg.Go(func() { d.notify(around) })
	wg.Go(func() { d.icon(around) })
	err := d.dictation.Run(life, d.holds, d.orders)
	close(d.over)
	if cause := context.Cause(life); err == nil && cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// watch takes what the dictation does.
func (d *daemon) watch(s dictate.Status) {
	d.board.dictation(s)
	d.chimes.dictation(s)
}

// generations runs one generation after the other until ctx is done. With a
// mistake in new settings the old ones stay.
func (d *daemon) generations(ctx context.Context, g *generation) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		life, end := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- g.run(life) }()
		next := d.next(done, hangup)
		end()
		if next == nil {
			return <-done
		}
		if err := <-done; err != nil {
			return err
		}
		g = next
		d.use(g)
		d.dictation.SetPolicy(policy(g.cfg.Config))
		d.log.Info("new settings")
	}
}

// next returns the generation that is to follow, or nil when the one that runs
// has ended by itself. What done said stays in it.
func (d *daemon) next(done chan error, hangup <-chan os.Signal) *generation {
	for {
		var answer chan<- error
		select {
		case err := <-done:
			done <- err
			return nil
		case <-d.beats:
			continue
		case <-hangup:
		case answer = <-d.reloads:
		}
		d.manager.Reloading()
		next, err := d.reloaded()
		if answer != nil {
			answer <- err
		}
		if err == nil {
			return next
		}
		d.log.Error("the old settings stay", "err", err)
		d.manager.Ready()
	}
}

// reloaded returns the stages for the settings as they are now.
func (d *daemon) reloaded() (*generation, error) {
	cfg, err := d.load()
	if err != nil {
		return nil, err
	}
	if d.confined && len(cfg.Text.Command) > 0 {
		d.log.Warn("text.command can write no file yet", "hint", "systemctl --user restart vocoder")
	}
	return d.assemble(cfg)
}

// use makes g the generation in use.
func (d *daemon) use(g *generation) {
	d.desktop.Configure(g.style)
	d.notifies.Store(g.cfg.Notify)
	d.continuation.Configure(g.recognizer.Rules())
	d.chimes.configure(g.cfg.Config)
	d.board.name(settings.KeyNames(g.cfg.Config))
	d.mu.Lock()
	d.now, d.once = g, sync.Once{}
	d.mu.Unlock()
	d.showLanguage()
}

func (d *daemon) current() *generation {
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

// A typist implements dictate.Typist: each text continues the one before.
type typist struct{ *daemon }

// Type implements dictate.Typist.
func (t typist) Type(ctx context.Context, text string) (dictate.Outcome, string, error) {
	text = t.continuation.Join(text)
	how, rest, err := t.keyboard.Type(ctx, text)
	t.continuation.Typed(text, rest)
	return how, rest, err
}
