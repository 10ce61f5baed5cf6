package control

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/key/legend"
	"github.com/arealicehole/vocoder/internal/language"
)

// A State is what the daemon does, in one word.
type State string

// All states that a daemon reports. If several apply, the first of them is
// reported.
const (
	Listening State = "listening" // recording speech
	Typing    State = "typing"    // writing text
	Paused    State = "paused"    // ignores the key; see Status.Pause
	Thinking  State = "thinking"  // waiting for the recognizer
	Problem   State = "problem"   // a part does not work; see Status.Lacks
	Idle      State = "idle"      // ready
)

// Stopped is the state that clients show if there is no daemon.
const Stopped State = "stopped"

// A Part is something that the daemon needs in order to dictate.
type Part string

// All parts, in the order in which their problems are shown. Sound is what is
// wrong with a microphone that is connected, such as that it is muted.
const (
	Key        Part = "key"
	Microphone Part = "microphone"
	Sound      Part = "sound"
	Recognizer Part = "recogniser"
	Words      Part = "words"   // the last text, from which words are probably missing
	UserText   Part = "command" // the user's own program, text.command
	Keyboard   Part = "keyboard"
)

var parts = []Part{Key, Microphone, Sound, Recognizer, Words, UserText, Keyboard}

// An Outcome is how an utterance ended.
type Outcome string

// All outcomes. NoOutcome is that of a daemon that has recorded no utterance.
const (
	NoOutcome Outcome = ""
	Refused   Outcome = "refused"   // there was nothing to type; see End.Reason
	Typed     Outcome = "typed"     // every character was typed
	Pasted    Outcome = "pasted"    // the application read it from the clipboard
	Clipboard Outcome = "clipboard" // it is in the clipboard, and no application read it
	Kept      Outcome = "kept"      // Retry takes it up; see End.Reason
)

// The values of End.Reason for which Retry types an utterance that was refused.
const (
	ReasonSilence   = "silence"
	ReasonNotSpeech = "not speech"
)

// ReasonReplaced is the End.Reason of an utterance that was pasted: the clipboard keeps the
// text, since what it held could not be saved.
const ReasonReplaced = "clipboard replaced"

// ReasonPassword is the End.Reason of an utterance that was not recorded, or kept and not
// typed, while a password field had the focus.
const ReasonPassword = "password field"

// The values of End.Reason of an utterance that was kept because a part does not work.
const (
	reasonNoAnswer = "recogniser"
	reasonNotTyped = "not typed"
)

// A PauseReason says why the daemon ignores the key. It is empty if the daemon
// is not paused.
type PauseReason string

// PausedByCommand means that a client sent Pause.
const PausedByCommand PauseReason = "by command"

// PausedBySession returns the reason of a daemon whose session is not in use.
// Why is the reason of the package session, such as locked.
func PausedBySession(why string) PauseReason { return PauseReason("session " + why) }

// A Status is what the daemon reports about itself. It never contains what the user said.
// The daemon sets the fields from Recording on; Complete sets the others.
type Status struct {
	// Running and Tool are there for scripts made for the program that vocoder
	// replaces.
	Running string `json:"status"`      // "running"
	Tool    string `json:"typing_tool"` // "uinput"

	State State     `json:"state"`
	Since time.Time `json:"since"` // when State last changed, or the recording under way began

	Recording bool `json:"recording"`
	Typing    bool `json:"typing"`
	Waiting   int  `json:"waiting"` // utterances that the recognizer has or that wait to be typed
	Kept      int  `json:"kept"`    // utterances that can be retried
	Refused   int  `json:"refused"` // refused for their sound or words; a retry types them

	Pause PauseReason `json:"pause"`

	// Lacks says what each part that does not work is waiting for. It has no
	// entry for a part that works. It may contain words of the recognizer's
	// server, and is for the user alone.
	Lacks map[Part]string `json:"lacks"`

	// Language is what the daemon expects from the next press on: codes with
	// commas between them, "auto", or "layout" for that of the keyboard.
	// LanguageNote says that a recognizer does not know it; it is empty if all do.
	Language     string `json:"language"`
	LanguageNote string `json:"language_note"`

	// LanguageSet means that a client chose Language in place of the settings.
	LanguageSet bool `json:"language_set"`

	// Fallback names the recognizer that answered last, if it is not the first of the
	// settings.
	Fallback string `json:"fallback"`

	// MaxDuration is when a recording ends by itself, in seconds after its beginning. The
	// words so far are typed then.
	MaxDuration float64 `json:"max_duration"`

	// Overlay is what the settings say about the overlay.
	Overlay Overlay `json:"overlay"`

	Last    End    `json:"last"`
	Key     string `json:"key"`     // the bound keys, for people
	Version string `json:"version"` // of the daemon

	// Starting means that some part has not reported yet. Lost counts the kept utterances
	// that the daemon has discarded by itself. Utterance numbers the recording under way, which
	// another may follow without a pause. Clients never see these three.
	Starting  bool   `json:"-"`
	Lost      int    `json:"-"`
	Utterance uint64 `json:"-"`
}

// An Overlay has the settings of the overlay, as they are.
type Overlay struct {
	Show     string `json:"show"`     // on, off or words
	Position string `json:"position"` // such as bottom-left
	Size     int    `json:"size"`     // percent
	Shell    bool   `json:"shell"`    // GNOME Shell shows it, by vocoder's extension
}

// An End is how the newest utterance ended. The zero End means that there was
// none yet.
type End struct {
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason"` // why it was refused or kept
	At      time.Time `json:"at,omitzero"`
}

// String returns the outcome and its reason, such as "refused (silence)".
func (e End) String() string {
	if e.Reason == "" {
		return string(e.Outcome)
	}
	return string(e.Outcome) + " (" + e.Reason + ")"
}

// Complete returns s with Running, Tool and State as the other fields imply.
func (s Status) Complete() Status {
	s.Running, s.Tool = "running", "uinput"
	switch {
	case s.Recording:
		s.State = Listening
	case s.Typing:
		s.State = Typing
	case s.Pause != "":
		s.State = Paused
	case s.Waiting > 0:
		s.State = Thinking
	case len(s.Lacks) > 0:
		s.State = Problem
	default:
		s.State = Idle
	}
	return s
}

// Summary returns the state, and the reason of a pause.
func (s Status) Summary() string {
	switch {
	case s.State == Paused:
		return "paused (" + string(s.Pause) + ")"
	case s.State == Idle && s.Starting:
		return "starting"
	}
	return string(s.State)
}

// Missing returns the parts that do not work, in the order of the constants.
func (s Status) Missing() []Part {
	return slices.SortedFunc(maps.Keys(s.Lacks), func(a, b Part) int {
		return cmp.Or(cmp.Compare(slices.Index(parts, a), slices.Index(parts, b)), cmp.Compare(a, b))
	})
}

// Texts returns the status as short texts for people, the most important
// first. Every program that shows a status shows these.
func (s Status) Texts() []string {
	texts := []string{s.Summary()}
	for _, part := range s.Missing() {
		texts = append(texts, s.Lacks[part])
	}
	if s.State == Idle && s.Key != "" && !s.Starting {
		texts = append(texts, "hold "+legend.Of(s.Key)+" and speak")
	}
	if s.Kept > 0 {
		texts = append(texts, fmt.Sprintf("%d kept to be retried", s.Kept))
	}
	return texts
}

// Line returns the texts in one line.
func (s Status) Line() string { return strings.Join(s.Texts(), "; ") }

// Languages returns the languages that are expected, with their names, and
// what is wrong with them. It is empty if Language is.
func (s Status) Languages() string {
	text := s.Language
	if choice, err := language.ParseChoice(s.Language); err == nil && text != language.Auto {
		text += " (" + language.Names(choice.Codes) + ")"
	}
	if s.LanguageNote != "" {
		text += "; " + s.LanguageNote
	}
	return text
}

// MicrophoneProblem returns why the microphone gives no useful sound. It is
// empty if it does.
func (s Status) MicrophoneProblem() string { return cmp.Or(s.Lacks[Microphone], s.Lacks[Sound]) }

// KeptBecause returns why the last utterance was kept. A part that does not work is the reason
// only of what it did.
func (s Status) KeptBecause() string {
	switch s.Last.Reason {
	case reasonNoAnswer:
		return cmp.Or(s.Lacks[Recognizer], "the recognizer did not answer")
	case reasonNotTyped:
		return cmp.Or(s.Lacks[Keyboard], s.Lacks[Words], "typing failed")
	}
	return s.Last.Reason
}

// RetryTypesRefused reports whether Retry would type the last utterance, which
// was refused as no speech.
func (s Status) RetryTypesRefused() bool {
	noSpeech := s.Last.Reason == ReasonSilence || s.Last.Reason == ReasonNotSpeech
	return s.Last.Outcome == Refused && noSpeech && s.Refused > 0 && s.Kept == 0
}
