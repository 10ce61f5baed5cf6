package daemon

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/arealicehole/vocoder/internal/app/settings"
)

// generations runs one generation after the other until ctx is done. With a
// mistake in new settings the old ones stay.
func (d *daemon) generations(ctx context.Context, g *pipeline) error {
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
func (d *daemon) next(done chan error, hangup <-chan os.Signal) *pipeline {
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
func (d *daemon) reloaded() (*pipeline, error) {
	cfg, err := d.load(d.env)
	if err != nil {
		return nil, err
	}
	if d.restricted && len(cfg.Text.Command) > 0 {
		d.log.Warn("text.command can write no file yet", "hint", "systemctl --user restart vocoder")
	}
	return d.assemble(cfg)
}

// use makes g the generation in use.
func (d *daemon) use(g *pipeline) {
	d.desktop.Configure(g.style)
	d.notifies.Store(g.cfg.Notify)
	d.keyboard.Configure(g.recognizer.Rules())
	d.sounds.configure(g.cfg.Config)
	d.board.name(settings.KeyNames(g.cfg.Config))
	d.mu.Lock()
	d.now, d.once = g, sync.Once{}
	d.mu.Unlock()
	d.showLanguage()
}
