package daemon

import (
	"context"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// watchSession reports to the dictation whether the session is in use. Without logind the
// daemon assumes that it is.
func (d *daemon) watchSession(ctx context.Context) {
	err := session.Watch(ctx, func(s session.State) {
		d.status.setAway(string(s.Why))
		defer d.suspend(ctx) // after the recording has ended
		if s.InUse {
			_ = d.dictation.Send(ctx, dictate.Back{Cause: dictate.Session, At: time.Now()}) // a dictation that has ended needs none
		} else {
			_ = d.dictation.Send(ctx, dictate.Away{Cause: dictate.Session, At: time.Now()})
		}
	})
	if err != nil && ctx.Err() == nil {
		d.log.Warn("whether the session is locked is not known", "err", err)
	}
}
