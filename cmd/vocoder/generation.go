package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/session"
)

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

// A generation is the stages, assembled for one set of settings.
type generation struct {
	*daemon
	cfg       config.Config
	ear       *evdev.Ear
	mic       *capture.Recorder
	brain     *brain
	dictation dictate.Dictation
	keys      chan key.Event
	holds     chan key.Event
	orders    chan dictate.Event
	over      chan struct{} // closed when nobody takes orders any more
}

// keyNames returns the bound keys as a person would say them.
func (g *generation) keyNames() string {
	var names []string
	for _, b := range g.cfg.Bindings {
		names = append(names, chordName(b.Keys))
	}
	return strings.Join(names, " or ")
}

// assemble makes the stages. An error is one of the settings.
func (d *daemon) assemble(cfg config.Config) (*generation, error) {
	g := &generation{daemon: d, cfg: cfg, keys: make(chan key.Event), holds: make(chan key.Event), orders: make(chan dictate.Event), over: make(chan struct{})}
	var err error
	if g.brain, err = newBrain(cfg, d.log); err != nil {
		return nil, err
	}
	g.brain.told = func(err error) { d.board.lack("recogniser", trouble("recogniser", err)) }
	g.ear = evdev.New(evdev.Config{Bindings: bindings(cfg), Own: func() string { return d.hand.sysname() }, Changed: g.heardOf, Log: d.log})

	conf := d.captureConfig(cfg)
	conf.Log = d.log
	conf.Hooks.State = func(s capture.State) {
		what := ""
		if !s.Ready() {
			what = s.String()
		}
		d.board.lack("microphone", what)
		d.settled()
	}
	conf.Hooks.Problem = func(t capture.Trouble) { d.log.Warn("microphone", "problem", t.Problem.String(), "source", t.Source) }
	g.mic = capture.New(conf)
	g.dictation = dictate.Dictation{
		Policy:   policy(cfg),
		Recorder: ears{g}, Transcriber: g.brain, Typist: typist{d},
		Log: d.log, Watch: d.board.dictation, Grace: grace,
	}
	return g, nil
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

// run runs the stages until ctx is done or one of them cannot go on. The
// dictation ends first, so that what is under way can still be typed.
func (g *generation) run(ctx context.Context) error {
	stages, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	life, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var wg sync.WaitGroup
	stage := func(run func(context.Context) error) {
		wg.Go(func() {
			if err := run(stages); err != nil {
				fail(err)
			}
		})
	}
	stage(func(ctx context.Context) error { return g.ear.Run(ctx, g.keys) })
	stage(g.mic.Run)
	stage(g.route)
	stage(g.attend)
	stage(g.watchdog)
	stage(g.meet)
	wg.Go(func() { g.brain.check(stages) })

	err := g.dictation.Run(life, g.holds, g.orders)
	close(g.over)
	end()
	wg.Wait()
	if cause := context.Cause(life); err == nil && cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// route passes the bound keys on: those of a binding as a hold, the cancel key
// as an order.
func (g *generation) route(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev := <-g.keys:
			if ev.Binding < len(g.cfg.Bindings) {
				send(ctx, g.holds, ev)
			} else if ev.Down {
				send[dictate.Event](ctx, g.orders, dictate.Cancel{})
			}
		}
	}
}

func send[T any](ctx context.Context, to chan<- T, v T) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

// attend tells the dictation whether the session is in use. Without logind it
// is taken to be.
func (g *generation) attend(ctx context.Context) error {
	if g.board.pausedByUser() { // in the generation before
		send[dictate.Event](ctx, g.orders, dictate.Away{Cause: dictate.Pause, At: time.Now()})
	}
	err := session.Watch(ctx, func(s session.State) {
		g.board.session(s.Why)
		if s.InUse {
			send[dictate.Event](ctx, g.orders, dictate.Back{Cause: dictate.Session})
		} else {
			send[dictate.Event](ctx, g.orders, dictate.Away{Cause: dictate.Session, At: time.Now()})
		}
	})
	if err != nil && ctx.Err() == nil {
		g.log.Warn("whether the session is locked is not known", "err", err)
	}
	return nil
}

// watchdog tells the manager that the dictation lives, each time it took an
// event. A slow recogniser does not hold it up.
func (g *generation) watchdog(ctx context.Context) error {
	tick := watchdogTick()
	if tick == 0 {
		return nil
	}
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for {
		if send[dictate.Event](ctx, g.orders, dictate.Beat{}) {
			g.manager.alive()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			_ = g.hand.open() // it says itself what is wrong
		}
	}
}

// meet says READY once every part is there or has been waited for.
func (g *generation) meet(ctx context.Context) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		g.ready()
	}
	return nil
}

// heardOf notes what the ear says of the keyboards.
func (g *generation) heardOf(s evdev.Status) {
	what := ""
	if err := unusable(g.cfg, s); err != nil {
		what = trouble("waiting for a keyboard", err)
	}
	g.board.lack("key", what)
	g.settled()
}

// trouble is one line about what is missing and why.
func trouble(what string, err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%s: %v", what, err)
}
