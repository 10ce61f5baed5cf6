// Package report is what doctor and selftest find: one finding for each part of a
// dictation.
package report

import (
	"fmt"

	"github.com/arealicehole/vocoder/internal/printable"
)

// A State is how well something works. A greater state is worse.
type State int

const (
	OK      State = iota
	Warning       // it works, but not as well or as safely as it could
	Broken
)

func (s State) String() string { return [...]string{"ok", "warning", "broken"}[s] }

// MarshalText implements encoding.TextMarshaler.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Finding is the state of one part and, if that is not OK, the one command that
// fixes it.
type Finding struct {
	Part  string `json:"link"`
	State State  `json:"state"`
	Text  string `json:"says"`
	Fix   string `json:"mend,omitempty"`
}

// Good returns the finding about a part that works.
func Good(format string, args ...any) Finding { return Bad(OK, "", format, args...) }

// Bad returns the finding about a part that does not work, or not well. An empty fix
// means that there is no such command. The text may quote what comes from outside.
func Bad(s State, fix, format string, args ...any) Finding {
	return Finding{State: s, Fix: fix, Text: printable.Line(fmt.Sprintf(format, args...), maxText)}
}

// maxText limits the text of a finding, in characters.
const maxText = 1000

// Worst returns the worst state of all findings.
func Worst(all []Finding) State {
	worst := OK
	for _, f := range all {
		worst = max(worst, f.State)
	}
	return worst
}

// A Found is the error of a command that has printed findings which are not all OK.
type Found State

func (f Found) Error() string { return "the chain is " + State(f).String() }
