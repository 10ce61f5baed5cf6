package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
)

// A pipeline is the stages as one set of settings wants them.
type pipeline struct {
	daemon     *daemon
	cfg        settings.Loaded
	ear        ear
	mic        *capture.Recorder
	recognizer *recognition.Recognizer
	style      typing.Style
}

// assemble makes the stages. An error is one of the settings.
func (d *daemon) assemble(cfg settings.Loaded) (*pipeline, error) {
	g := &pipeline{daemon: d, cfg: cfg}
	var err error
	if g.style, err = typing.NewStyle(cfg); err != nil {
		return nil, err
	}
	if g.recognizer, err = recognition.New(cfg, recognition.Options{Env: d.env, Log: d.log, Report: d.tellOf}); err != nil {
		return nil, err
	}
	g.ear = d.newEar(g)

	g.mic = d.microphone(cfg.Config)
	return g, nil
}

// An ear hears the bound keys as evdev.Listener does.
type ear interface {
	Run(ctx context.Context, events chan<- key.Event) error
	Alive(ctx context.Context) error
}

func (d *daemon) newEar(g *pipeline) ear {
	if d.helper != nil {
		return d.helper.Listener(settings.Bindings(g.cfg.Config), g.heardFar)
	}
	return evdev.New(evdev.Config{Bindings: settings.Bindings(g.cfg.Config), Own: func() string { return d.keyboard.Sysname() }, Changed: g.heardOf, Log: d.log})
}

// policy is the timing that the settings ask for.
func policy(cfg config.Config) dictate.Policy {
	p := dictate.Policy{MinHold: cfg.MinHold, MaxHold: cfg.MaxDuration, Tap: cfg.Tap, Stale: stale, Keep: keep}
	modes := map[string]dictate.Mode{"hold": dictate.Hold, "toggle": dictate.Toggle, "auto": dictate.Auto}
	for _, b := range cfg.Bindings {
		p.Modes = append(p.Modes, modes[b.Mode])
	}
	return p
}

// run runs the stages until ctx is done, or one of them cannot go on. When it
// returns, all their keys are released.
func (g *pipeline) run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	defer g.recognizer.Close()
	keys := make(chan key.Event)
	var wg sync.WaitGroup
	wg.Go(func() { fail(g.ear.Run(ctx, keys)) })
	wg.Go(func() { fail(g.mic.Run(ctx)) })
	wg.Go(func() { g.recognizer.Check(ctx) })
	wg.Go(func() { g.daemon.awaitReady(ctx) })
	wg.Go(func() { g.daemon.suspend(ctx) })
	g.route(ctx, keys)
	wg.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// route passes the bound keys on until ctx is done: those of a binding as a
// hold, the cancel key as an order.
func (g *pipeline) route(ctx context.Context, keys <-chan key.Event) {
	for {
		select {
		case <-ctx.Done():
			for i := range g.cfg.Bindings {
				g.daemon.send(key.Event{Binding: i, At: time.Now(), Cause: key.Ceded})
			}
			return
		case ev := <-keys:
			if ev.Binding < len(g.cfg.Bindings) {
				g.daemon.send(ev)
			} else if ev.Down {
				g.daemon.tell(dictate.Cancel{})
			}
		}
	}
}

// heardOf notes what the ear says of the keyboards.
func (g *pipeline) heardOf(s evdev.Status) {
	what := ""
	if err := settings.Unheard(g.cfg.Config, s); err != nil {
		what = trouble("waiting for a keyboard", err)
	}
	g.daemon.board.lack(control.Key, what)
	g.daemon.readyIfWorking()
}

// heardFar notes what vocoder-inputd says of them, or why it says nothing.
func (g *pipeline) heardFar(s evdev.Status, err error) {
	if err == nil {
		g.heardOf(s)
		return
	}
	g.daemon.board.explain(control.Key, trouble("waiting for a key", err), hint.Of(err))
}

// tellOf notes what is wrong with a part; nil if nothing is.
func (d *daemon) tellOf(part control.Part, err error) {
	d.board.explain(part, trouble(string(part), err), hint.Advice(err))
	if part == control.Recognizer {
		d.showLanguage() // it may have turned out which it knows
	}
}

// trouble is one line about what is missing and why.
func trouble(what string, err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%s: %v", what, err)
}
