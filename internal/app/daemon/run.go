package daemon

import (
	"context"
	"errors"
	"sync"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/usage"
)

// Run dictates until ctx is done, or the terminal in which it runs is closed. In a terminal it
// shows a status line below the log.
func Run(ctx context.Context, o Options) error {
	o.edges.terminal = terminal.OpenControlling()
	defer o.edges.terminal.Close()
	output := terminal.NewOutput(o.Env)
	o.Env.Stderr = output
	go output.Run()
	defer output.End() // ends it, and waits for that
	return newDaemon(o, settings.Logger(o.Env, o.Config.Config), output).run(ctx)
}

// run dictates until ctx is done.
func (d *daemon) run(ctx context.Context) error {
	ctx, d.shutdown = context.WithCancel(ctx)
	defer d.shutdown()
	first, err := d.newPipeline(d.Config)
	if err != nil {
		return err
	}
	socket, err := listen(d.Store, d.Config)
	if err != nil {
		return err
	}
	defer d.keyboard.Close()
	if d.helper == nil {
		_ = d.keyboard.Open() // it logs what is wrong; with the helper, its client opens it
	}
	d.use(first)
	d.restrictSelf()
	d.log.Info("started", "version", usage.Version(), "helper", d.helper != nil)
	defer d.log.Info("stopped")
	return d.dictate(ctx, first, socket)
}

// dictate runs the dictation and everything around it. The dictation ends first, so that
// the utterances under way can still be typed.
func (d *daemon) dictate(ctx context.Context, first *pipeline, socket *control.Socket) error {
	defer context.AfterFunc(ctx, d.manager.Stopping)()
	life, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	around, end := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer end()
	wg.Go(func() {
		if err := d.server.Run(around, socket); err != nil {
			d.log.Error("control", "err", err)
		}
	})
	wg.Go(func() { fail(d.runPipelines(around, first)) })
	wg.Go(func() { _ = d.desktop.Run(around) }) // it has no error
	wg.Go(func() { d.watchSession(around) })
	wg.Go(func() { d.sounds.run(around) })
	if d.helper != nil {
		wg.Go(func() { d.helper.Run(around) })
	}
	wg.Go(func() { d.watchdog(around, systemd.WatchdogInterval()) })
	wg.Go(func() { d.notifier.Run(around, func(err error) { d.log.Debug("no notification", "err", err) }) })
	wg.Go(func() { d.showTray(around) })
	if lost := d.dictation.Run(life, nil); lost > 0 && d.notifies.Load() {
		d.notifier.Leave(lostMessage(lost))
	}
	if cause := context.Cause(life); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
