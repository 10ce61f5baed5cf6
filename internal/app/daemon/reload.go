package daemon

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/arealicehole/vocoder/internal/app/settings"
)

// runPipelines runs one pipeline after the other until ctx is done. If new settings have
// a mistake, the pipeline of the old ones continues.
func (d *daemon) runPipelines(ctx context.Context, p *pipeline) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	for {
		life, end := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- d.runPipeline(life, p) }()
		next := d.next(done, hangup)
		end()
		if next == nil {
			return <-done
		}
		if err := <-done; err != nil {
			return err
		}
		p = next
		d.use(p)
		d.dictation.SetPolicy(policy(p.cfg.Config))
		d.log.Info("new settings")
	}
}

// next returns the pipeline for new settings, or nil if the one that runs has ended. The
// result of that stays in done.
func (d *daemon) next(done chan error, hangup <-chan os.Signal) *pipeline {
	for {
		var answer chan<- error
		select {
		case err := <-done:
			done <- err
			return nil
		case <-d.alive:
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

// reloaded returns the pipeline for the settings as they are now.
func (d *daemon) reloaded() (*pipeline, error) {
	cfg, err := d.Load(d.Env)
	if err != nil {
		return nil, err
	}
	if d.restricted && len(cfg.Text.Command) > 0 {
		d.log.Warn("text.command can write no file yet", "hint", "systemctl --user restart vocoder")
	}
	return d.newPipeline(cfg)
}

// use makes p the pipeline in use.
func (d *daemon) use(p *pipeline) {
	d.desktop.Configure(p.style)
	d.notifies.Store(p.cfg.Notify)
	d.keyboard.Configure(p.recognizer.Rules())
	d.sounds.configure(p.cfg.Config)
	d.status.setKeys(settings.KeyNames(p.cfg.Config))
	d.mu.Lock()
	d.pipeline, d.isReady = p, false
	d.mu.Unlock()
	d.showLanguage()
}
