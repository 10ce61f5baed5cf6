package daemon

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/notification"
	"github.com/arealicehole/vocoder/internal/tray"
	"github.com/arealicehole/vocoder/internal/usage"
)

// Options are what a daemon is started with.
type Options struct {
	Env    environ.Env
	Store  settings.Store
	Config settings.Loaded
	Load   func(environ.Env) (settings.Loaded, error) // reads the settings again
}

// Run dictates until ctx is done. In a terminal it shows a status line below the log.
func Run(ctx context.Context, o Options) error {
	live := terminal.NewStatusLine(o.Env)
	if live != nil {
		defer live.End()
		o.Env.Stderr = live // the log goes above the line
	}
	d := newDaemon(o, settings.Logger(o.Env, o.Config.Config), live)
	return d.run(ctx, o.Config)
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
	socket, err := listen(d.store, cfg)
	if err != nil {
		return err
	}
	d.desktop = typing.NewDesktop(d.env, d.log)
	switch {
	case d.devices.Open != nil:
	case d.helper != nil:
		d.devices = typing.Helper(d.helper)
	default:
		d.devices = typing.Direct()
	}
	d.keyboard = typing.NewKeyboard(d.devices, typing.Options{Desktop: d.desktop, Log: d.log, OnState: func(err error) {
		d.board.lack(control.Keyboard, trouble("typing unavailable", err))
		d.readyIfWorking()
	}})
	defer d.keyboard.Close()
	d.sounds = newSounds(d.env.PulseServer(), d.log)
	if d.helper == nil {
		_ = d.keyboard.Open() // it logs what is wrong; the helper is not asked yet
	}
	d.use(g)
	d.dictation = dictate.New(dictate.Config{
		Policy: policy(cfg.Config), Recorder: recorder{d}, Typist: d.keyboard, Log: d.log, Watch: d.watch, Grace: grace,
	})
	d.restrictSelf(cfg)
	d.log.Info("started", "version", usage.Version(), "helper", d.helper != nil)
	defer d.log.Info("stopped")
	return d.dictate(ctx, g, socket)
}

// dictate runs the dictation and everything around it. The dictation ends
// first, so that what is under way can still be typed.
func (d *daemon) dictate(ctx context.Context, g *pipeline, socket *control.Socket) error {
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
	wg.Go(func() { d.watchSession(around) })
	wg.Go(func() { d.sounds.run(around) })
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
	d.sounds.dictation(s)
}

// newDaemon returns a daemon that shows its status to systemd, its clients, the terminal
// and the desktop.
func newDaemon(o Options, log *slog.Logger, live *terminal.StatusLine) *daemon {
	d := &daemon{
		env: o.Env, store: o.Store, load: o.Load, log: log, live: live,
		notifier: notification.New(o.Env.SessionBus()), tray: tray.New(o.Env.SessionBus()),
	}
	var shown notice
	d.board.show = func(line string, s control.Status) {
		d.manager.Status(line)
		d.server.Show(s)
		d.live.Show(line, s)
		d.tray.Show(face(s))
		if n, is := shown.next(s); is && d.notifies.Load() {
			d.notifier.Show(n)
		}
	}
	return d
}
