package daemon

import (
	"context"
	"strings"
	"sync"
	"time"
)

// A probe asks an essential loop for an answer: dictation stops if the loop blocks. A slow
// recognizer, text or sound server does not block one. Sounds, the tray and notifications
// are not essential. Neither is the control socket, which many clients can keep busy.
type probe struct {
	name  string
	check func(ctx context.Context) error
}

func (d *daemon) probes() []probe {
	p := d.current()
	return []probe{
		{"dictation", d.dictation.Alive},
		{"settings", d.checkReload},
		{"keys", p.keys.Alive},
		{"microphone", p.mic.Alive},
		{"keyboard", d.checkKeyboard},
	}
}

// checkReload waits until the loop that replaces the settings answers.
func (d *daemon) checkReload(ctx context.Context) error {
	select {
	case d.alive <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// checkKeyboard opens the keyboard if it is not open. It fails only if that blocks.
func (d *daemon) checkKeyboard(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.keyboard.Open() // it logs what is wrong
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// unresponsive returns the names of the loops that do not answer within the limit. A loop
// that has ended counts as one that answers.
func unresponsive(ctx context.Context, all []probe, limit time.Duration) []string {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	blocked := make([]bool, len(all))
	var wg sync.WaitGroup
	for i, v := range all {
		wg.Go(func() { blocked[i] = v.check(ctx) != nil && ctx.Err() != nil })
	}
	wg.Wait()
	var names []string
	for i, v := range all {
		if blocked[i] {
			names = append(names, v.name)
		}
	}
	return names
}

// watchdog reports to systemd at each tick that every loop answers. If one does not answer
// within half a tick, it asks again at once, so that systemd tolerates a delay of less
// than a tick.
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
