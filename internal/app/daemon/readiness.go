package daemon

import (
	"context"
	"time"
)

// awaitReady sends READY to systemd after readyTimeout.
func (d *daemon) awaitReady(ctx context.Context) {
	timer := time.NewTimer(readyTimeout)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		d.ready()
	}
}

// readyIfWorking sends READY if everything works that the user needs in order to dictate.
func (d *daemon) readyIfWorking() {
	if d.status.working(needed...) {
		d.ready()
	}
}

func (d *daemon) ready() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.isReady {
		d.isReady = true
		d.manager.Ready()
	}
}
