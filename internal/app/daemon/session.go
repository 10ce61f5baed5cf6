package daemon

import (
	"context"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// unknownSession is the state after logind has stopped answering. The screen may be locked
// meanwhile.
var unknownSession = session.State{Why: "unknown"}

// The daemon asks logind again after these pauses: each is twice as long as the one before.
const (
	firstSessionRetry = 100 * time.Millisecond
	lastSessionRetry  = 5 * time.Second
)

// watchSession reports to the dictation whether the session is in use. If logind stops to
// answer, the session is not in use until it answers again. If it has never answered, this
// machine may be without logind, and the session is in use.
func (d *daemon) watchSession(ctx context.Context) {
	known, reported := false, false
	pause := firstSessionRetry
	for {
		err := d.edges.watch(ctx, func(s session.State) {
			if reported {
				d.log.Info("the session is known again")
			}
			known, reported, pause = true, false, firstSessionRetry
			d.setSession(ctx, s)
		})
		if ctx.Err() != nil {
			return
		}
		if known {
			d.setSession(ctx, unknownSession)
		}
		if !reported {
			reported = true
			d.log.Warn("whether the session is locked is not known", "err", err)
		}
		if clock.Sleep(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, lastSessionRetry)
	}
}

// setSession records the state of the session.
func (d *daemon) setSession(ctx context.Context, s session.State) {
	d.status.setAway(string(s.Why))
	defer d.suspend(ctx) // after the recording has ended
	if s.InUse {
		_ = d.dictation.Send(ctx, dictate.Back{Cause: dictate.Session, At: time.Now()}) // a dictation that has ended needs none
	} else {
		_ = d.dictation.Send(ctx, dictate.Away{Cause: dictate.Session, At: time.Now()})
	}
}
