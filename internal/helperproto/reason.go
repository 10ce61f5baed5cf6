package helperproto

// A Reason is why the helper does not do what it is asked, or None. It is an
// error to be tested with errors.Is.
type Reason uint8

// The reasons.
const (
	None         Reason = iota
	NoHold              // no key was held for this text, or too long ago, or the text is too long
	NoSession           // the user has no session at this machine
	Inactive            // another session is on the screen
	Locked              // the session is locked
	Asleep              // the machine is about to sleep
	KeysDown            // a physical key stayed down for too long before typing
	Touched             // a physical key went down while typing
	NotAllowed          // the machine's owner does not allow that key
	NoKeyboard          // the virtual keyboard cannot be made
	Busy                // another program of this user, or user, is being served
	OtherVersion        // the helper speaks another version of the protocol
	Late                // a key was held down for too long by the daemon
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
	Busy:         "another program is being served",
	OtherVersion: "it speaks another version of the protocol",
	Late:         "a key stayed down for too long",
}

// Settings is where the owner of the machine says what the helper may do.
const Settings = "/etc/vocoder/input.yaml"

func (r Reason) Error() string { return reasons[r] }

// Err returns r as an error, nil for None.
func (r Reason) Err() error {
	if r == None {
		return nil
	}
	return r
}
