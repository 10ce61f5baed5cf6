package daemon

import (
	"context"
	"strings"
	"sync"
	"time"
)

// A vital is a loop without which nobody can dictate. It answers as long as it
// does not stand still, however long the recognizer, a text or the sound server
// takes. What only shows or sounds is none, nor is what serves vocoderctl, where
// a crowd may be the reason.
type probe struct {
	name  string
	check func(ctx context.Context) error
}

func (d *daemon) probes() []probe {
	g := d.current()
	return []probe{
		{"dictation", d.dictation.Alive},
		{"settings", func(ctx context.Context) error { return reach(ctx, d.beats, struct{}{}, d.over) }},
		{"keys", g.ear.Alive},
		{"microphone", g.mic.Alive},
		{"keyboard", d.checkKeyboard},
	}
}

// reach waits until somebody takes what. The error is that of ctx, or errEnding
// when nobody is there any more to do so.
func reach[T any](ctx context.Context, to chan<- T, what T, over <-chan struct{}) error {
	select {
	case to <- what:
		return nil
	case <-over:
		return errEnding
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// feel makes the keyboard if it is not there, which says itself what is wrong.
func (d *daemon) checkKeyboard(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.keyboard.Open()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// silent returns the names of those that do not answer within the limit. One that
// ends has answered.
func unresponsive(ctx context.Context, all []probe, limit time.Duration) []string {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	quiet := make([]bool, len(all))
	var wg sync.WaitGroup
	for i, v := range all {
		wg.Go(func() { quiet[i] = v.check(ctx) != nil && ctx.Err() != nil })
	}
	wg.Wait()
	var names []string
	for i, v := range all {
		if quiet[i] {
			names = append(names, v.name)
		}
	}
	return names
}

// watchdog tells the manager at each tick that every vital answered. Those that
// did not within half a tick are asked again at once, so that one that was held
// up for less than a tick costs nothing.
func (d *daemon) watchdog(ctx context.Context, tick time.Duration) {
	if tick == 0 {
		return
	}
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		for {
			names := unresponsive(ctx, d.probes(), tick/2)
			if len(names) == 0 || ctx.Err() != nil {
				break
			}
			d.log.Error("stands still", "loops", strings.Join(names, ", "))
		}
		d.manager.Watchdog()
	}
}
