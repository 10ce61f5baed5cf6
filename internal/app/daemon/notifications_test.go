package daemon

import (
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/control"
)

// A notification shows what went wrong, once. While everything works there is none.
func TestNotice(t *testing.T) {
	at := func(second int, outcome control.Outcome, reason string) control.End {
		return control.End{Outcome: outcome, Reason: reason, At: time.Unix(int64(second), 0)}
	}
	lacks := func(part control.Part, what string) map[control.Part]string {
		return map[control.Part]string{part: what}
	}
	var n lastStatus
	for _, step := range []struct {
		name string
		now  control.Status
		want string // the summary; "-" is nothing new, empty takes it away
		body string // a part of the text; empty is not checked
	}{
		{"started", control.Status{}, "-", ""},
		{"recognizer away, no recording", control.Status{Lacks: lacks("recogniser", "down")}, "-", ""},
		{"speaks", control.Status{Recording: true}, "-", ""},
		{"is typed", control.Status{Last: at(1, "typed", "")}, "", ""},
		{"is pasted, and the clipboard is not what it was", control.Status{Last: at(1, "pasted", control.ReasonReplaced)}, "The clipboard holds the dictated text", ""},
		{"is typed again", control.Status{Last: at(1, "typed", "")}, "", ""},
		{"speaks again", control.Status{Recording: true, Last: at(1, "typed", "")}, "-", ""},
		{"muted", control.Status{Recording: true, Lacks: lacks("sound", "muted"), Last: at(1, "typed", "")}, "The microphone hears nothing useful", ""},
		{"still muted", control.Status{Recording: true, Waiting: 1, Lacks: lacks("sound", "muted"), Last: at(1, "typed", "")}, "-", ""},
		{"refused for it", control.Status{Lacks: lacks("sound", "muted"), Last: at(2, "refused", "silence")}, "Nothing was understood", ""},
		{"a slip", control.Status{Last: at(3, "refused", "slip")}, "-", ""},
		{"kept", control.Status{Kept: 1, Lacks: lacks("recogniser", "down"), Last: at(4, "kept", "failed")}, "Not typed, but kept", ""},
		{"retried", control.Status{Last: at(5, "typed", "")}, "", ""},
		{"typed, with words missing", control.Status{Lacks: lacks("words", "the recognizer has left out words"), Last: at(7, "pasted", "")}, "Probably not all was typed", ""},
		{"left", control.Status{Last: at(8, "clipboard", "")}, "The text is in the clipboard", ""},
		{"no microphone at a press", control.Status{Recording: true, Lacks: lacks("microphone", "none"), Last: at(8, "clipboard", "")}, "The microphone hears nothing useful", ""},
		{"another is kept", control.Status{Kept: 2, Last: at(9, "kept", "failed")}, "Not typed, but kept", "vocoderctl retry"},
		{"one is too old", control.Status{Kept: 1, Lost: 1, Last: at(9, "kept", "failed")}, "An utterance was lost", "vocoderctl retry tries what is still kept"},
		{"nothing new", control.Status{Kept: 1, Lost: 1, Last: at(9, "kept", "failed")}, "-", ""},
		{"one makes room for another", control.Status{Kept: 1, Lost: 2, Last: at(10, "kept", "failed")}, "Not typed, but kept", "An utterance was lost that had been kept before"},
		{"two make room for another", control.Status{Kept: 1, Lost: 4, Last: at(11, "kept", "failed")}, "Not typed, but kept", "2 utterances were lost"},
		{"one is too old while the user speaks", control.Status{Recording: true, Lost: 5, Last: at(11, "kept", "failed")}, "An utterance was lost", "Say it again."},
		{"forgotten as the user asked", control.Status{Lost: 5, Last: at(11, "kept", "failed")}, "-", ""},
	} {
		got, is := n.notification(step.now)
		if !is && step.want != "-" || is && (got.Summary != step.want || !strings.Contains(got.Body, step.body)) {
			t.Errorf("%s: %v %+v, want %q", step.name, is, got, step.want)
		}
	}
}
