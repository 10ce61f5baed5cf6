package dictate

import "time"

// An ID names one utterance. IDs count up from 1 in the order of the presses.
type ID uint64

// A Mode says how a bound key is used.
type Mode uint8

const (
	Hold   Mode = iota // record while the key is held
	Toggle             // one press begins, the next ends
	Auto               // a tap begins and the next press ends; a longer press is a hold
)

// A Policy is the timing of a dictation.
type Policy struct {
	Modes   []Mode        // by binding; a binding beyond the last is Hold
	MinHold time.Duration // a shorter hold is a slip and records nothing
	MaxHold time.Duration // a longer recording is cut here and transcribed; 0 means no limit
	Tap     time.Duration // in Auto mode a shorter press is a tap
	Stale   time.Duration // text that waited so long for a locked session is kept, not typed
	Keep    time.Duration // how long a kept utterance can be retried, and one that was refused for its sound or words
}

func (p Policy) mode(binding int) Mode {
	if binding < 0 || binding >= len(p.Modes) {
		return Hold
	}
	return p.Modes[binding]
}

// An Absence is why nothing is to be heard or typed.
type Absence uint8

const (
	Session Absence = iota // locked, left or asleep
	Pause                  // the user asked for it
)

// An Outcome is how an utterance ended. There is no other end.
type Outcome uint8

const (
	Refused   Outcome = iota // there was nothing to type, or it was cancelled; see the Reason
	Typed                    // every character was typed
	Pasted                   // the application read it from the clipboard
	Clipboard                // it waits in the clipboard and the user was told
	Kept                     // it can be retried
)

func (o Outcome) String() string {
	return [...]string{"refused", "typed", "pasted", "clipboard", "kept"}[o]
}

// A Reason says why an utterance was refused or kept.
type Reason string

const (
	Slip      Reason = "slip"          // the key was held for less than MinHold
	NoSound   Reason = "no sound"      // the microphone gave nothing
	Silence   Reason = "silence"       // nothing was said
	NotSpeech Reason = "not speech"    // the recogniser made its answer up
	Taken     Reason = "command"       // the user's command made something else of it
	Cancelled Reason = "cancelled"     // by the user
	Busy      Reason = "too many wait" // the backlog is full
	NoAnswer  Reason = "recogniser"    // the recogniser did not answer
	NotTyped  Reason = "not typed"     // typing stopped or was impossible
	WasAway   Reason = "session away"  // the session was locked for too long
)

// An Event is something that happened.
type Event interface{ event() }

type (
	// Press and Release are the ends of a hold of a bound key. A release that
	// is Forced came from an unplugged device, not from a finger.
	Press struct {
		Binding int
		At      time.Time
	}
	Release struct {
		Binding int
		At      time.Time
		Forced  bool
	}

	// Begin and End are a recording without a key, by command.
	Begin struct {
		Binding int
		At      time.Time
	}
	End struct{ At time.Time }

	// Quiet says that, after somebody had spoken, nobody has since. It ends a
	// recording that no key holds, unless that is younger.
	Quiet struct{ Since time.Time }

	// Cancel throws away what is being recorded or, with no recording, all
	// that waits.
	Cancel struct{}

	// Retry takes up what was kept, oldest first. If nothing was, it takes up the
	// newest utterance that was refused for its sound or words, whatever they are.
	Retry struct{ At time.Time }

	// Again types the last text once more.
	Again struct{ At time.Time }

	// Away says that nothing is to be heard or typed, Back that this cause of
	// it is over.
	Away struct {
		Cause Absence
		At    time.Time
	}
	Back struct{ Cause Absence }

	// Quit says that the program is to end: nothing new begins.
	Quit struct{ At time.Time }

	// Expire says that the time of State.Deadline came.
	Expire struct{ At time.Time }

	// Recorded says that a recording ended, by Finish or by itself. A Length
	// of 0 is a recording with no sound.
	Recorded struct {
		ID     ID
		Length time.Duration
	}

	// Heard is the answer of the recogniser. No text is a refusal.
	Heard struct {
		ID     ID
		Text   string
		Reason Reason
		At     time.Time
	}

	// Failed says that the recogniser gave no answer.
	Failed struct {
		ID ID
		At time.Time
	}

	// Written says that a Type effect ended, and what of the text is left.
	Written struct {
		ID   ID
		How  Outcome
		Rest string
		At   time.Time
	}
)

func (Press) event()    {}
func (Release) event()  {}
func (Begin) event()    {}
func (End) event()      {}
func (Quiet) event()    {}
func (Cancel) event()   {}
func (Retry) event()    {}
func (Away) event()     {}
func (Back) event()     {}
func (Quit) event()     {}
func (Expire) event()   {}
func (Recorded) event() {}
func (Heard) event()    {}
func (Failed) event()   {}
func (Written) event()  {}
func (Again) event()    {}

// An Effect is something to do.
type Effect interface{ effect() }

type (
	// Record begins a recording, Finish ends it to be transcribed, Discard
	// ends it and forgets the sound.
	Record struct {
		ID      ID
		Binding int
	}
	Finish  struct{ ID ID }
	Discard struct{ ID ID }

	// Transcribe sends the sound to the recogniser, Drop takes that back. With
	// Anyway the user insists on the words: nothing is refused.
	Transcribe struct {
		ID     ID
		Anyway bool
	}
	Drop struct{ ID ID }

	// Type types Text, Interrupt stops that at the next character.
	Type struct {
		ID   ID
		Text string
	}
	Interrupt struct{ ID ID }

	// Ended says how an utterance ended. Each has exactly one end, or one more
	// for each time it is retried.
	Ended struct {
		ID      ID
		Outcome Outcome
		Reason  Reason
		Held    bool // it was refused, and its sound is held for a Retry
	}

	// Forget frees an utterance that was kept, Wipe one that was refused and
	// held.
	Forget struct{ ID ID }
	Wipe   struct{ ID ID }
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
