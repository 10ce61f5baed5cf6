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
	lost := now.Lost - before.Lost
	switch sound := now.MicrophoneProblem(); {
	case now.Recording && sound != "" && (!before.Recording || before.MicrophoneProblem() != sound):
		return notification.Message{Summary: "The microphone hears nothing useful", Body: sound}, true
	case now.Last == before.Last && lost > 0:
		return forgottenMessage(lost, now.Kept), true
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
		body := now.KeptBecause() + "\nvocoderctl retry tries it again."
		if lost > 0 {
			body += "\n" + utterances(lost) + " lost that had been kept before, to make room."
		}
		return notification.Message{Summary: "Not typed, but kept", Body: body, Urgent: true}, true
	case control.Clipboard:
		return notification.Message{Summary: "The text is in the clipboard", Body: "Nothing took it: paste it where it belongs."}, true
	case control.Refused:
		if end.Reason == control.ReasonPassword {
			return notification.Message{Summary: "Nothing was recorded", Body: "A password field has the focus."}, true
		}
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
	return notification.Message{Summary: utterances(n) + " lost", Body: "vocoder ended before all was typed. It stores nothing on a disk: say it again.", Urgent: true}
}

// forgottenMessage is the message for kept utterances that the daemon has discarded. There
// are as many others that it still keeps.
func forgottenMessage(n, others int) notification.Message {
	m := notification.Message{Summary: utterances(n) + " lost", Body: "vocoder kept it for ten minutes. Say it again.", Urgent: true}
	if n > 1 {
		m.Body = "vocoder kept them for ten minutes. Say them again."
	}
	if others > 0 {
		m.Body += "\nvocoderctl retry tries what is still kept."
	}
	return m
}

// utterances returns how many there are, as the subject of a sentence.
func utterances(n int) string {
	if n == 1 {
		return "An utterance was"
	}
	return fmt.Sprintf("%d utterances were", n)
}
