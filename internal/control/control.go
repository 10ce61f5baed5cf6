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

	// speak precedes the languages in a command of Speak.
	speak Command = "language/"
)

// What Speak may be given in place of languages.
const (
	NextLanguage    = "next"    // the next of the list in the settings
	DefaultLanguage = "default" // as the settings say
)

// Speak is the command to expect other languages from the next press on: codes
// with commas between them, auto, NextLanguage or DefaultLanguage.
func Speak(languages string) Command { return speak + Command(languages) }

// Languages returns what Speak was given, if the command is of Speak.
func (c Command) Languages() (languages string, is bool) {
	return strings.CutPrefix(string(c), string(speak))
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
