package daemon

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/control"
)

// runPipelines runs one pipeline after the other until ctx is done. If new settings have
// a mistake, the pipeline of the old ones continues. A pipeline also continues until the
// recording that is under way has ended, so that all of it is recorded.
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
		err := <-done
		if err == nil {
			p = next
			d.use(p)
			d.dictation.SetPolicy(policy(p.cfg.Config))
			d.log.Info("new settings")
		}
		d.recordings.Unlock()
		if err != nil {
			return err
		}
	}
}

// beginRecording waits until no pipeline is being replaced. None is until end is called.
func (d *daemon) beginRecording() (end func()) {
	d.recordings.RLock()
	return func() {
		d.recordings.RUnlock()
		select {
		case d.recorded <- struct{}{}:
		default: // runPipelines has not looked since the last recording
		}
	}
}

// next returns the pipeline for new settings, with the recordings locked. It returns nil if
// the pipeline that runs has ended; the result of that stays in done.
func (d *daemon) next(done chan error, hangup <-chan os.Signal) *pipeline {
	var waiting *pipeline // for the end of a recording
	defer func() { waiting.close() }()
	take := func() (p *pipeline) {
		p, waiting = waiting, nil
		return p
	}
	for {
		if waiting != nil && d.recordings.TryLock() {
			return take()
		}
		var answer chan<- error
		select {
		case err := <-done:
			done <- err
			return nil
		case <-d.alive:
			continue
		case <-d.recorded:
			continue
		case <-hangup:
			if d.edges.terminal.Closed() {
				d.log.Info("the terminal was closed")
				d.shutdown()
				continue
			}
		case answer = <-d.reloads:
		}
		d.manager.Reloading()
		next, err := d.reloaded()
		if answer != nil {
			answer <- err
		}
		if err != nil {
			d.log.Error("the old settings stay", "err", err)
			d.manager.Ready()
			continue
		}
		waiting.close()
		if waiting = next; d.recordings.TryLock() {
			return take()
		}
		d.log.Info("new settings after this recording")
		d.manager.Ready()
	}
}

// reloaded returns the pipeline for the settings as they are now. A panic over them is an
// error: the daemon has utterances that must not be lost.
func (d *daemon) reloaded() (p *pipeline, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("read the settings: this is a mistake in vocoder: %v", r)
			d.log.Error("panic", "err", err, "stack", string(debug.Stack()))
		}
	}()
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
	d.desktop.WatchAccessibility(p.style.PasswordFields == "accessibility")
	d.notifies.Store(p.cfg.Notify)
	d.sounds.configure(p.cfg.Config)
	d.status.configure(p.cfg.Config)
	d.status.setProblem(control.UserText, "", "") // it may be another program, or none
	d.status.setKeys(settings.KeyNames(p.cfg.Config))
	d.mu.Lock()
	d.pipeline, d.isReady = p, false
	d.mu.Unlock()
	d.showLanguage()
	d.showFallback()
}
