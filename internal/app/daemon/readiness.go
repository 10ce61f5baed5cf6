package daemon

import (
	"context"
	"time"
)

// meet says READY once every part has been waited for.
func (d *daemon) awaitReady(ctx context.Context) {
	timer := time.NewTimer(readyTimeout)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		d.ready()
	}
}

// settled says READY if nothing that a dictation needs is missing.
func (d *daemon) readyIfWorking() {
	if d.board.known(needed...) && d.board.well(needed...) {
		d.ready()
	}
}

func (d *daemon) ready() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.once.Do(d.manager.Ready)
}
