package daemon

import (
	"context"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/notification"
)

// A notice decides which notification the desktop shows: none while everything
// works, and never what was said.
type notice struct{ before control.Status }

// next returns the message for a status, and whether it differs from the one
// before. The zero Message closes the notification.
func (n *notice) next(now control.Status) (notification.Message, bool) {
	before := n.before
	n.before = now
	switch sound := now.MicrophoneProblem(); {
	case now.Recording && sound != "" && (!before.Recording || before.MicrophoneProblem() != sound):
		return notification.Message{Summary: "The microphone hears nothing useful", Body: sound}, true
	case now.Last == before.Last:
		return notification.Message{}, false
	}
	switch end := now.Last; end.Outcome {
	case control.Kept:
		return notification.Message{Summary: "Not typed, but kept", Body: now.KeptBecause() + "\nvocoderctl retry takes it up again.", Urgent: true}, true
	case control.Clipboard:
		return notification.Message{Summary: "The text is in the clipboard", Body: "Nothing took it: paste it where it belongs."}, true
	case control.Refused:
		if what := now.MicrophoneProblem(); what != "" {
			return notification.Message{Summary: "Nothing was understood", Body: what}, true
		}
		return notification.Message{}, false
	}
	return notification.Message{}, true
}

// notify shows notifications until ctx is done. Without a desktop it does nothing.
func (d *daemon) notify(ctx context.Context) {
	d.notifier.Run(ctx, func(err error) { d.log.Debug("no notification", "err", err) })
}
