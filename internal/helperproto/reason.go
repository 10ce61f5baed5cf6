package helperproto

// A Reason says why the helper refuses a request, or is None. It is an error that
// callers test with errors.Is.
type Reason uint8

// The reasons.
const (
	None         Reason = iota
	NoHold              // no key was held for this text, or the hold was too long ago, or the text is too long
	NoSession           // the user has no session at this machine
	Inactive            // another session is on the screen
	Locked              // the session is locked
	Asleep              // the machine is about to sleep
	KeysDown            // a physical key stayed down for too long before typing
	Touched             // a physical key went down while typing
	NotAllowed          // the owner of the machine does not allow the key
	NoKeyboard          // the virtual keyboard cannot be made
	Busy                // the helper serves another program of this user, or another user types
	OtherVersion        // the helper speaks another version of the protocol
	Late                // the daemon held a key down, or made no request, for too long
)

var reasons = [...]string{
	None:         "nothing",
	NoHold:       "no key was held for this text",
	NoSession:    "this user has no session at this machine",
	Inactive:     "another session is on the screen",
	Locked:       "the session is locked",
	Asleep:       "the machine is going to sleep",
	KeysDown:     "keys are held down",
	Touched:      "a key was pressed",
	NotAllowed:   "a key that " + Settings + " does not allow",
	NoKeyboard:   "the virtual keyboard cannot be made",
	Busy:         "another program of this user, or another user, is being served",
	OtherVersion: "it speaks another version of the protocol",
	Late:         "a key stayed down for too long",
}

// Settings is the file in which the owner of the machine says what the helper may
// do.
const Settings = "/etc/vocoder/input.yaml"

func (r Reason) Error() string { return reasons[r] }

// Err returns r as an error, nil for None.
func (r Reason) Err() error {
	if r == None {
		return nil
	}
	return r
}
