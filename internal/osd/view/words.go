package view

import (
	"time"

	"github.com/arealicehole/vocoder/internal/control"
)

// problems say in few words what does not work. What the daemon's status says about it may
// be long, and has words of the recognizer's server.
var problems = map[control.Part]string{
	control.Key:        "No keyboard with your key",
	control.Microphone: "No microphone",
	control.Sound:      "The microphone is not heard",
	control.Recognizer: "The recognizer does not answer",
	control.Words:      "Words are probably missing",
	control.UserText:   "Your text command failed",
	control.Keyboard:   "Typing is not possible",
}

// newProblem returns the first problem of now that before did not have.
func newProblem(before, now control.Status) (control.Part, bool) {
	for _, part := range now.Missing() {
		if before.Lacks[part] == "" && problems[part] != "" {
			return part, true
		}
	}
	return "", false
}

// refusals say why nothing was typed, by the reason of the status.
var refusals = map[string]string{
	"slip":                  "Too short: hold the key while you speak",
	"no sound":              "No sound came from the microphone",
	control.ReasonSilence:   "Heard nothing",
	control.ReasonNotSpeech: "Heard no speech",
	"cancelled":             "Cancelled",
	"too many wait":         "Too many texts wait already",
	"session away":          "Not typed: you were away",
	"daemon ended":          "Not typed: vocoder ended",
	control.ReasonPassword:  "Not into a password field",
}

// reasons say why a text was kept, by the reason of the status.
var reasons = map[string]string{
	"recogniser":           "the recognizer did not answer",
	"not typed":            "typing failed",
	"session away":         "you were away",
	control.ReasonPassword: "a password field has the focus",
}

// ending returns how the last utterance ended, and how long to show it.
func ending(s control.Status) (View, time.Duration) {
	switch s.Last.Outcome {
	case control.Typed, control.Pasted:
		if s.Lacks[control.Words] != "" {
			return View{Icon: Problem, Text: "Typed, but words are probably missing"}, keptTime
		}
		if s.Last.Reason == control.ReasonReplaced {
			return View{Icon: Done, Text: "Pasted", Note: "the clipboard keeps the text"}, refusedTime
		}
		return View{Icon: Done, Text: "Typed"}, doneTime
	case control.Clipboard:
		return View{Icon: Kept, Text: "In the clipboard: paste it"}, keptTime
	case control.Kept:
		return View{Icon: Kept, Text: "Kept: " + orReason(reasons, s.Last.Reason), Note: "vocoderctl retry"}, keptTime
	}
	if s.Last.Reason == "command" {
		return View{Icon: Done, Text: "Your text command took it"}, doneTime
	}
	v := View{Icon: Refused, Text: orReason(refusals, s.Last.Reason)}
	if s.RetryTypesRefused() {
		v.Note = "vocoderctl retry"
	}
	return v, refusedTime
}

// orReason returns the words for a reason, or the reason.
func orReason(words map[string]string, reason string) string {
	if w, ok := words[reason]; ok {
		return w
	}
	return reason
}
