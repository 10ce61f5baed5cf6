package daemon

import (
	"context"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/notification"
)

// A notice decides what the desktop shows of the daemon: nothing while all is
// well, and no word of what was said.
type notice struct{ before control.Status }

// next takes the status and returns what to show, and whether that is something
// else than before. The zero Note takes away what is shown.
func (n *notice) next(now control.Status) (notification.Message, bool) {
	before := n.before
	n.before = now
	switch sound := worse(now); {
	case now.Recording && sound != "" && (!before.Recording || worse(before) != sound):
		return notification.Message{Summary: "The microphone hears nothing useful", Body: sound}, true
	case now.Last == before.Last:
		return notification.Message{}, false
	}
	switch end := now.Last; end.Outcome {
	case "kept":
		return notification.Message{Summary: "Not typed, but kept", Body: reason(now) + "\nvocoderctl retry takes it up again.", Urgent: true}, true
	case "clipboard":
		return notification.Message{Summary: "The text is in the clipboard", Body: "Nothing took it: paste it where it belongs."}, true
	case "refused":
		if what := worse(now); what != "" {
			return notification.Message{Summary: "Nothing was understood", Body: what}, true
		}
		return notification.Message{}, false
	}
	return notification.Message{}, true
}

// worse returns what is wrong with the microphone, or nothing.
func worse(s control.Status) string {
	if s.Lacks["microphone"] != "" {
		return s.Lacks["microphone"]
	}
	return s.Lacks["sound"]
}

// reason says why something was kept.
func reason(s control.Status) string {
	for _, part := range []string{"recogniser", "keyboard"} {
		if s.Lacks[part] != "" {
			return s.Lacks[part]
		}
	}
	return s.Last.Reason
}

// notify shows notifications until ctx is done. Without a desktop it does nothing.
func (d *daemon) notify(ctx context.Context) {
	d.notifier.Run(ctx, func(err error) { d.log.Debug("no notification", "err", err) })
}
