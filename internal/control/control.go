// Package control lets other programs of the user watch and command the
// daemon: HTTP over a unix socket, and the one-word protocol of the program
// that vocoder replaces. PROTOCOL.md describes both for those who build on
// them.
package control

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A Command is something the daemon can be told to do.
type Command string

// All commands. Each may be given at any time; doing again what is done
// already is not an error.
const (
	Start    Command = "start"    // listen until Stop
	Stop     Command = "stop"     // end listening; what was said is typed
	Toggle   Command = "toggle"   // Stop while listening, else Start
	Cancel   Command = "cancel"   // throw away what is said or, if nothing is, all that waits
	Retry    Command = "retry"    // take up what was kept or, if nothing was, the newest that was refused
	Again    Command = "last"     // type the last text again
	Pause    Command = "pause"    // do not listen until Resume
	Resume   Command = "resume"   // listen to the key again
	Reload   Command = "reload"   // take up new settings
	Shutdown Command = "shutdown" // end the daemon

	// language goes before what Speak is given.
	language Command = "language"
)

// What Speak may be given in place of languages.
const (
	NextLanguage    = "next"    // the next of the list in the settings
	DefaultLanguage = "default" // as the settings say
)

// Speak is the command to expect other languages from the next press on: codes
// with commas between them, auto, NextLanguage or DefaultLanguage.
func Speak(languages string) Command { return language + "/" + Command(languages) }

// Languages returns what Speak was given, if the command is of Speak.
func (c Command) Languages() (languages string, is bool) {
	return strings.CutPrefix(string(c), string(language)+"/")
}

// maxLanguages bounds what Speak is given, in bytes.
const maxLanguages = 200

// known reports whether there is such a command. A name has nothing in it that
// would be escaped in a path.
func (c Command) known() bool {
	if languages, is := c.Languages(); is {
		plain := func(r rune) bool {
			return r == ',' || r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		}
		return languages != "" && len(languages) <= maxLanguages && strings.IndexFunc(languages, func(r rune) bool { return !plain(r) }) < 0
	}
	_, is := replies[c]
	return is
}

// replies is what the daemon answers to a command that it carried out. Those
// of start, stop and shutdown are as in the program that vocoder replaces, for
// the scripts that read them; Toggle answers one of the first two.
var replies = map[Command]string{
	Start: "started", Stop: "stopped", Toggle: "", Cancel: "cancelled", Retry: "retrying", Again: "typing",
	Pause: "paused", Resume: "resumed", Reload: "reloaded", Shutdown: "shutting down",
}

// A State says in one word what the daemon does.
type State string

// All states, the most telling first: where several hold, the first is told.
const (
	Listening State = "listening" // recording speech
	Typing    State = "typing"    // writing text
	Paused    State = "paused"    // does not listen; see Status.Pause
	Thinking  State = "thinking"  // waiting for the recogniser
	Problem   State = "problem"   // something is missing; see Status.Lacks
	Idle      State = "idle"      // ready
)

// Stopped is the state of a daemon that is not there. Only clients use it.
const Stopped State = "stopped"

// A Status is what the daemon tells of itself. It holds nothing that was said.
// The daemon fills in the fields from Recording on; the server sets the others.
type Status struct {
	// Running and Tool are there for scripts made for the program that vocoder
	// replaces.
	Running string `json:"status"`      // "running"
	Tool    string `json:"typing_tool"` // "uinput"

	State State     `json:"state"`
	Since time.Time `json:"since"` // when State last changed

	Recording bool `json:"recording"`
	Typing    bool `json:"typing"`
	Waiting   int  `json:"waiting"` // utterances with the recogniser or waiting to be typed
	Kept      int  `json:"kept"`    // utterances that can be retried
	Refused   int  `json:"refused"` // refused for their sound or words, and typed all the same by a retry

	// Pause says why the daemon does not listen, or nothing.
	Pause string `json:"pause"`

	// Lacks says what each part that does not work is waiting for: "key",
	// "microphone", "recogniser", "command", "keyboard". A part that works is not
	// in it. "sound" is what is wrong with the microphone that is there. It may
	// hold words of the recogniser's server, and is for the user alone.
	Lacks map[string]string `json:"lacks"`

	// Language is what is expected from the next press on: codes with commas
	// between them, "auto", or "layout" for that of the keyboard. LanguageNote says
	// that a recogniser does not know it and is asked without, or nothing.
	Language     string `json:"language"`
	LanguageNote string `json:"language_note"`

	Last    End    `json:"last"`
	Key     string `json:"key"`     // the bound keys, for people
	Version string `json:"version"` // of the daemon
}

// An End is how the newest utterance ended. The zero End is that of a daemon
// that has heard none.
type End struct {
	Outcome string    `json:"outcome"` // "typed", "pasted", "clipboard", "kept", "refused" or nothing
	Reason  string    `json:"reason"`  // why it was refused or kept
	At      time.Time `json:"at,omitzero"`
}

// decide returns the state that the other fields amount to.
func (s *Status) decide() State {
	switch {
	case s.Recording:
		return Listening
	case s.Typing:
		return Typing
	case s.Pause != "":
		return Paused
	case s.Waiting > 0:
		return Thinking
	case len(s.Lacks) > 0:
		return Problem
	}
	return Idle
}

// A Reply is the answer to a command.
type Reply struct {
	Status    string `json:"status"` // what was done, in a word or two
	Recording bool   `json:"recording"`
	State     State  `json:"state"`
}

// text is the body of GET /v1/last, failure that of every refusal.
type (
	text struct {
		Text string `json:"text"`
	}
	failure struct {
		Error string `json:"error"`
	}
)

// ErrRunning is in the error of Listen if another daemon has the place.
var ErrRunning = errors.New("another vocoder is running")

// ErrNotRunning is in the errors of a Client if there is no daemon, or it
// ended before it answered.
var ErrNotRunning = errors.New("vocoder is not running")

// A Refusal is the error of a Client whose daemon answered and said no.
type Refusal struct {
	Code   int    // HTTP status code
	Reason string // the daemon's own words
}

func (r *Refusal) Error() string { return r.Reason }

// Path returns where the socket of a user is: vocoder.sock in the runtime
// folder that XDG_RUNTIME_DIR names or, if that is empty, in the one that
// systemd makes; see pam_systemd(8).
func Path(runtimeDir string) string {
	if runtimeDir == "" {
		runtimeDir = fmt.Sprintf("/run/user/%d", os.Getuid())
	}
	return filepath.Join(runtimeDir, "vocoder.sock")
}
