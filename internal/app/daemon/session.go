package daemon

import (
	"context"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// watchSession tells the dictation whether the session is in use. Without logind it
// is taken to be.
func (d *daemon) watchSession(ctx context.Context) {
	err := session.Watch(ctx, func(s session.State) {
		d.board.session(string(s.Why))
		defer d.suspend(ctx) // the recording is ended first
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
