// Package control is the control socket, with which other programs of the user watch and
// command the daemon. It serves HTTP and the one-word protocol of the program that vocoder
// replaces. PROTOCOL.md describes both.
package control

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/language"
)

// A Command is something that a client asks the daemon to do.
type Command string

// All commands. Each may be sent at any time. It is not an error if the daemon has done
// already what a command asks for.
const (
	Start    Command = "start"    // listen until Stop
	Stop     Command = "stop"     // end listening and type what the user said
	Toggle   Command = "toggle"   // Stop while listening, else Start
	Cancel   Command = "cancel"   // discard the recording or, if there is none, all utterances that wait
	Retry    Command = "retry"    // retry the kept utterances or, if there is none, the newest refused one
	Forget   Command = "forget"   // discard the kept and the refused utterances
	Again    Command = "last"     // type the last text again
	Pause    Command = "pause"    // do not listen until Resume
	Resume   Command = "resume"   // listen to the key again
	Reload   Command = "reload"   // read the settings again
	Shutdown Command = "shutdown" // end the daemon

	// speak is the beginning of a command that Speak returns.
	speak Command = "language/"
	// perform is the beginning of a command that Perform returns.
	perform Command = "task/"
)

// What Speak accepts in place of languages.
const (
	NextLanguage    = "next"    // the next of the list in the settings
	DefaultLanguage = "default" // as the settings say
)

// Speak is the command to expect other languages from the next press on: codes
// with commas between them, auto, NextLanguage or DefaultLanguage.
func Speak(languages string) Command { return speak + Command(languages) }

// Languages returns the argument of Speak, if Speak has returned the command.
func (c Command) Languages() (languages string, is bool) {
	return strings.CutPrefix(string(c), string(speak))
}

// Perform is the command to transcribe or translate from the next press on: a task of
// package language, or DefaultTask.
func Perform(task string) Command { return perform + Command(task) }

// DefaultTask is the argument of Perform for the task of the settings.
const DefaultTask = "default"

// Tasks are the arguments of Perform.
func Tasks() []string {
	return []string{string(language.Translate), string(language.Transcribe), DefaultTask}
}

// Task returns the argument of Perform, if Perform has returned the command.
func (c Command) Task() (task string, is bool) { return strings.CutPrefix(string(c), string(perform)) }

// languagePattern is the form of the argument of Speak.
var languagePattern = regexp.MustCompile(`^[0-9A-Za-z,_-]{1,200}$`)

// known reports whether there is such a command. Its name needs no escapes in a path.
func (c Command) known() bool {
	if languages, is := c.Languages(); is {
		return languagePattern.MatchString(languages)
	}
	if task, is := c.Task(); is {
		return slices.Contains(Tasks(), task)
	}
	_, is := replies[c]
	return is
}

// replies are the answers to commands that the daemon has carried out. Scripts read those of
// start, stop and shutdown, which are as in vocoder 1.0. Toggle
// answers with one of the first two.
var replies = map[Command]string{
	Start: "started", Stop: "stopped", Toggle: "", Cancel: "cancelled", Retry: "retrying", Forget: "forgotten", Again: "typing",
	Pause: "paused", Resume: "resumed", Reload: "reloaded", Shutdown: "shutting down",
}

// A Reply is the answer to a command.
type Reply struct {
	Status    string `json:"status"` // what the daemon did, in one or two words
	Recording bool   `json:"recording"`
	State     State  `json:"state"`

	// Nothing means that there was nothing to do: the daemon did not listen before Stop,
	// had nothing for Cancel or Forget, or was paused before Pause, and not before Resume.
	Nothing bool `json:"nothing,omitempty"`
}

// nothing reports whether a command changes nothing for a daemon with this status.
func (c Command) nothing(s Status) bool {
	switch c {
	case Stop:
		return !s.Recording
	case Cancel:
		return !s.Recording && !s.Typing && s.Waiting == 0
	case Forget:
		return s.Kept+s.Refused == 0
	case Pause:
		return s.Pause == PausedByCommand
	case Resume:
		return s.Pause != PausedByCommand
	}
	return false
}

// A Text is the last text that was to be typed.
type Text struct {
	Text string `json:"text"`

	// LeftOut is a part of what the recognizer answered that was not typed, and Reason is
	// why. Both are empty if all was typed.
	LeftOut string `json:"left_out,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// failure is the body of every refusal.
type failure struct {
	Error string `json:"error"`
}

// ErrRunning is the error of Listen and Adopt if another daemon runs.
var ErrRunning = errors.New("another vocoder is running")

// ErrNotRunning is the error of a Client if there is no daemon, or if the daemon ended
// before it answered.
var ErrNotRunning = errors.New("vocoder is not running")

// A Refusal is the error of a Client if the daemon refuses a request.
type Refusal struct {
	Code   int    // HTTP status code
	Reason string // the daemon's own words
}

func (r *Refusal) Error() string { return r.Reason }

// Path returns the path of a user's socket: vocoder.sock in the folder of XDG_RUNTIME_DIR.
// If that is empty or relative, it is in the folder that systemd makes for the user; see
// pam_systemd(8).
func Path(runtimeDir string) string {
	if !filepath.IsAbs(runtimeDir) {
		runtimeDir = fmt.Sprintf("/run/user/%d", os.Getuid())
	}
	return filepath.Join(runtimeDir, "vocoder.sock")
}
