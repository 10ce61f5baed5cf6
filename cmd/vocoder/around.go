package main

import (
	"context"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// attend tells the dictation whether the session is in use. Without logind it
// is taken to be.
func (d *daemon) attend(ctx context.Context) {
	err := session.Watch(ctx, func(s session.State) {
		d.board.session(string(s.Why))
		defer d.deafen(ctx) // the recording is ended first
		if s.InUse {
			d.tell(dictate.Back{Cause: dictate.Session})
		} else {
			d.tell(dictate.Away{Cause: dictate.Session, At: time.Now()})
		}
	})
	if err != nil && ctx.Err() == nil {
		d.log.Warn("whether the session is locked is not known", "err", err)
	}
}

// meet says READY once every part has been waited for.
func (d *daemon) meet(ctx context.Context) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		d.ready()
	}
}

// settled says READY if nothing that a dictation needs is missing.
func (d *daemon) settled() {
	if d.board.known(needed...) && d.board.well(needed...) {
		d.ready()
	}
}

func (d *daemon) ready() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.once.Do(d.manager.Ready)
}
