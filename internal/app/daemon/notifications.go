package daemon

import (
	"fmt"

	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/notification"
)

// A lastStatus is the status before a change. It decides which notification the desktop
// shows: none while everything works, and never what the user said.
type lastStatus struct{ control.Status }

// notification returns the message for a new status, and whether it replaces the last
// one. The zero Message closes the notification.
func (l *lastStatus) notification(now control.Status) (notification.Message, bool) {
	before := l.Status
	l.Status = now
	switch sound := now.MicrophoneProblem(); {
	case now.Recording && sound != "" && (!before.Recording || before.MicrophoneProblem() != sound):
		return notification.Message{Summary: "The microphone hears nothing useful", Body: sound}, true
	case now.Last == before.Last:
		return notification.Message{}, false
	}
	switch end := now.Last; end.Outcome {
	case control.Typed, control.Pasted:
		if what := now.Lacks[control.Words]; what != "" {
			return notification.Message{Summary: "Probably not all was typed", Body: what}, true
		}
		if end.Reason == control.ReasonReplaced {
			return notification.Message{Summary: "The clipboard holds the dictated text", Body: "What it held before could not be saved."}, true
		}
	case control.Kept:
		return notification.Message{Summary: "Not typed, but kept", Body: now.KeptBecause() + "\nvocoderctl retry tries it again.", Urgent: true}, true
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

// lostMessage is the message for utterances that are lost at the end of the daemon. They
// are only in its memory, so that no disk ever has them.
func lostMessage(n int) notification.Message {
	what := "An utterance was lost"
	if n > 1 {
		what = fmt.Sprintf("%d utterances were lost", n)
	}
	return notification.Message{Summary: what, Body: "vocoder ended before all was typed. It stores nothing on a disk: say it again.", Urgent: true}
}
