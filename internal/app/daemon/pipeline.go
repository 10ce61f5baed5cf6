package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
)

// A pipeline is the stages that depend on the settings.
type pipeline struct {
	cfg        settings.Loaded
	keys       keyListener
	mic        micRecorder
	recognizer *recognition.Recognizer
	style      typing.Style
}

// newPipeline returns the stages for some settings. An error is a *config.Error.
func (d *daemon) newPipeline(cfg settings.Loaded) (*pipeline, error) {
	if d.helper != nil { // also if the settings name another program by now
		if err := helper.CheckKeys(cfg); err != nil {
			return nil, err
		}
	}
	style, err := typing.NewStyle(cfg)
	if err != nil {
		return nil, err
	}
	p := &pipeline{cfg: cfg, style: style}
	p.recognizer, err = recognition.New(cfg, recognition.Options{Env: d.Env, Log: d.log, Report: d.reporter(p)})
	if err != nil {
		return nil, err
	}
	p.keys, p.mic = d.newKeyListener(cfg.Config), d.newMicrophone(cfg.Config)
	return p, nil
}

// close frees a pipeline that never ran. It does nothing to nil.
func (p *pipeline) close() {
	if p != nil {
		p.recognizer.Close()
	}
}

// newKeyListener returns the listener to the bound keys. It reports which of them no
// device has.
func (d *daemon) newKeyListener(cfg config.Config) keyListener {
	return d.edges.keys(cfg, func(s evdev.Status, err error) {
		if err != nil {
			d.status.setProblem(control.Key, problem("waiting for a key", err), hint.Of(err))
			return
		}
		d.status.setProblem(control.Key, problem("waiting for a keyboard", settings.CheckDevices(cfg, s)), "")
		d.readyIfWorking()
	})
}

// policy returns the timing that the settings ask for.
func policy(cfg config.Config) dictate.Policy {
	p := dictate.Policy{MinHold: cfg.MinHold, MaxHold: cfg.MaxDuration, Tap: cfg.Tap, Stale: staleAfter, Keep: keepFor, Sound: maxSound}
	modes := map[string]dictate.Mode{"hold": dictate.Hold, "toggle": dictate.Toggle, "auto": dictate.Auto}
	for _, b := range cfg.Bindings {
		p.Modes = append(p.Modes, modes[b.Mode])
	}
	return p
}

// runPipeline runs the stages until ctx is done, or one of them cannot continue. When it
// returns, all their keys are released.
func (d *daemon) runPipeline(ctx context.Context, p *pipeline) error {
	limitMemory(p.cfg.MaxDuration)
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	defer p.recognizer.Close()
	keys := make(chan key.Event)
	var wg sync.WaitGroup
	wg.Go(func() { fail(p.keys.Run(ctx, keys)) })
	wg.Go(func() { fail(p.mic.Run(ctx)) })
	wg.Go(func() { p.recognizer.Check(ctx) })
	wg.Go(func() { d.awaitReady(ctx) })
	wg.Go(func() { d.suspend(ctx) })
	wg.Go(func() { _ = d.languages(ctx, p.cfg.Config, "") }) // the status shows them
	d.route(ctx, keys, len(p.cfg.Bindings))
	wg.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// route sends the bound keys to the dictation until ctx is done, and then releases them.
// The keys of the first bindings begin and end recordings, the key after them cancels.
func (d *daemon) route(ctx context.Context, keys <-chan key.Event, bindings int) {
	send := func(ev dictate.Event) {
		_ = d.dictation.Send(context.WithoutCancel(ctx), ev) // a dictation that has ended needs no event
	}
	for {
		select {
		case <-ctx.Done():
			for i := range bindings {
				send(dictate.Release{Binding: i, At: time.Now(), Forced: true})
			}
			return
		case ev := <-keys:
			if ev.Binding < bindings {
				send(dictate.KeyEvent(ev))
			} else if ev.Down {
				send(dictate.Cancel{})
			}
		}
	}
}

// reporter returns what records the problems that the recognizer of a pipeline reports. An
// utterance may outlive its pipeline. Then only what is about its words still counts.
func (d *daemon) reporter(p *pipeline) func(control.Part, error) {
	return func(part control.Part, err error) {
		if part == control.Words || d.current() == p {
			d.reportProblem(part, err)
		}
	}
}

// reportProblem records why a part does not work; a nil error means that it works.
func (d *daemon) reportProblem(part control.Part, err error) {
	d.status.setProblem(part, problem(string(part), err), hint.Advice(err))
	if part == control.Recognizer {
		d.showLanguage() // the answer may have shown which languages it knows
		d.showFallback()
	}
}

// problem returns one line about what does not work and why. It is empty if err is nil.
func problem(what string, err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%s: %v", what, err)
}
