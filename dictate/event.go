package dictate

import "time"

// An ID names one utterance. IDs count up from 1 in the order of the presses.
type ID uint64

// A Mode is how a bound key begins and ends a recording.
type Mode uint8

const (
	Hold   Mode = iota // record while the key is held
	Toggle             // one press begins, the next press ends
	Auto               // after a tap as Toggle, else as Hold
)

// A Policy is the timing of a dictation.
type Policy struct {
	Modes   []Mode        // by binding; a binding without one is Hold
	MinHold time.Duration // a shorter hold is a slip: its sound is discarded
	MaxHold time.Duration // a recording ends after this time and is transcribed; 0 means no limit
	Tap     time.Duration // in Auto mode a shorter press is a tap
	Stale   time.Duration // an utterance that the session was away from for this long is kept, not typed
	Sound   time.Duration // how much sound is kept at most, over all utterances; 0 means no limit
	Keep    time.Duration // how long an utterance can be retried that was kept, or refused for its sound or words
}

func (p Policy) mode(binding int) Mode {
	if binding < 0 || binding >= len(p.Modes) {
		return Hold
	}
	return p.Modes[binding]
}

// An Absence is a reason to neither record nor type.
type Absence uint8

const (
	Session Absence = iota // it is locked or left, or the machine sleeps
	Pause                  // the user asked for it
)

// An Outcome is how an utterance ended. Each ends with one of these.
type Outcome string

const (
	Refused   Outcome = "refused"   // nothing was typed; the Reason says why
	Typed     Outcome = "typed"     // every character was typed
	Pasted    Outcome = "pasted"    // the application read the text from the clipboard
	Clipboard Outcome = "clipboard" // the text is in the clipboard, and the user was notified
	Kept      Outcome = "kept"      // the user can retry it
)

// A Reason says why an utterance was refused or kept.
type Reason string

const (
	Slip      Reason = "slip"          // the key was held for less than MinHold
	NoSound   Reason = "no sound"      // the microphone recorded nothing
	Silence   Reason = "silence"       // the user said nothing
	NotSpeech Reason = "not speech"    // the recognizer invented its answer
	Taken     Reason = "command"       // the user's command took the text
	Cancelled Reason = "cancelled"     // by the user
	Busy      Reason = "too many wait" // as many as Backlog are under way
	NoAnswer  Reason = "recogniser"    // the recognizer did not answer
	NotTyped  Reason = "not typed"     // typing failed
	WasAway   Reason = "session away"  // longer than Policy.Stale
	Exited    Reason = "daemon ended"  // before the utterance did

	// Password is the reason of what is not recorded, and kept and not typed, while a password
	// field has the focus.
	Password Reason = "password field"

	// Replaced is a reason with Pasted: the clipboard keeps the text, since what it held
	// could not be saved.
	Replaced Reason = "clipboard replaced"
)

// An Event is something that happened, for Step.
type Event interface{ event() }

type (
	// Press and Release are the ends of a hold of a bound key. The user did not
	// make a release that is Forced: for example, the device was unplugged.
	Press struct {
		Binding int
		At      time.Time
	}
	Release struct {
		Binding int
		At      time.Time
		Forced  bool
	}

	// Begin and End begin and end a recording without a key, by command.
	Begin struct {
		Binding int
		At      time.Time
	}
	End struct{ At time.Time }

	// BeginOrEnd is End if there is a recording, else Begin.
	BeginOrEnd struct {
		Binding int
		At      time.Time
	}

	// Quiet says that the user had spoken, and has been silent since. It ends a
	// recording that goes on without a held key, unless that began later.
	Quiet struct{ Since time.Time }

	// Cancel discards the recording or, if there is none, all utterances under
	// way.
	Cancel struct{}

	// Clear forgets the kept utterances and wipes the refused ones.
	Clear struct{}

	// Retry retries the kept utterances, oldest first. If there is none, it
	// retries the newest one that was refused for its sound or words, and this
	// time accepts any words.
	Retry struct{ At time.Time }

	// Again types the last text once more.
	Again struct{ At time.Time }

	// Away stops recording and typing. Back ends one cause of that.
	Away struct {
		Cause Absence
		At    time.Time
	}
	Back struct {
		Cause Absence
		At    time.Time
	}

	// Slept says that the machine was asleep for a time, which times of the
	// other events do not count.
	Slept struct {
		For time.Duration
		At  time.Time
	}

	// Quit says that the program ends: nothing new begins.
	Quit struct{ At time.Time }

	// Expire says that the time of State.Deadline has come.
	Expire struct{ At time.Time }

	// Recorded says that a recording ended, because of Finish or an error. If
	// there is no sound, Length is 0. Reason says why it did not begin, if it did not.
	Recorded struct {
		ID     ID
		Length time.Duration
		Reason Reason // Password, or nothing
	}

	// Heard is the answer of the recognizer. Without a Text, or with a Reason, it is a
	// refusal. A Text that is refused becomes the last text. What was left out of a Text
	// is remembered with it.
	Heard struct {
		ID     ID
		Text   string
		Left   Partly
		Reason Reason
		At     time.Time
	}

	// Failed says that the recognizer gave no answer.
	Failed struct {
		ID ID
		At time.Time
	}

	// Written says that a Type effect ended, and which text is left.
	Written struct {
		ID   ID
		How  Outcome
		Why  Reason // Replaced, Password, or nothing
		Rest string
		At   time.Time
	}
)

func (Press) event()      {}
func (Release) event()    {}
func (Begin) event()      {}
func (End) event()        {}
func (BeginOrEnd) event() {}
func (Quiet) event()      {}
func (Cancel) event()     {}
func (Clear) event()      {}
func (Retry) event()      {}
func (Away) event()       {}
func (Back) event()       {}
func (Slept) event()      {}
func (Quit) event()       {}
func (Expire) event()     {}
func (Recorded) event()   {}
func (Heard) event()      {}
func (Failed) event()     {}
func (Written) event()    {}
func (Again) event()      {}

// An Effect is something to do, for the caller of Step.
type Effect interface{ effect() }

type (
	// Record begins a recording. Finish ends it, after which it is transcribed.
	// Discard ends it and discards the sound.
	Record struct {
		ID      ID
		Binding int
	}
	Finish  struct{ ID ID }
	Discard struct{ ID ID }

	// Transcribe sends the sound to the recognizer. With Anyway nothing is
	// refused. Drop cancels it.
	Transcribe struct {
		ID     ID
		Anyway bool
	}
	Drop struct{ ID ID }

	// Type types Text. Interrupt stops that before the next character.
	Type struct {
		ID   ID
		Text string
	}
	Interrupt struct{ ID ID }

	// Ended says how an utterance ended. Each ends once, and once more for each
	// retry.
	Ended struct {
		ID      ID
		Outcome Outcome
		Reason  Reason
		Held    bool // it was refused, and its sound is stored for a Retry
	}

	// Forget frees a kept utterance. It is Lost if the user did not ask for that. Wipe
	// frees one that was refused and held.
	Forget struct {
		ID   ID
		Lost bool
	}
	Wipe struct{ ID ID }
)

func (Record) effect()     {}
func (Finish) effect()     {}
func (Discard) effect()    {}
func (Transcribe) effect() {}
func (Drop) effect()       {}
func (Type) effect()       {}
func (Interrupt) effect()  {}
func (Ended) effect()      {}
func (Forget) effect()     {}
func (Wipe) effect()       {}
