// Package config turns the settings file, the environment and the command line into one
// typed value. If two of them have the same setting, the later one in this order wins.
// The package opens no file: its callers do.
package config

import (
	"cmp"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Config has all settings. Load has checked the value of each of them.
type Config struct {
	Bindings    []Binding  // at least one
	Devices     string     // auto, helper or direct
	Cancel      []key.Code // discards the recording; empty for none
	MinHold     time.Duration
	MaxDuration time.Duration
	Tap         time.Duration

	Whisper    []Whisper // the recognizers, the best first; at least one
	Background bool      // transcribe while the user speaks
	Text       Text
	Audio      Audio
	Silence    Silence
	Typing     Typing

	Socket          string // path of the control socket; empty for the default
	Notify          bool   // show errors as notifications of the desktop
	Overlay         string // on, off or words
	OverlayPosition string
	OverlaySize     int // percent

	Tray   bool // show an icon in the panel
	Sounds bool // play a sound when a recording begins and ends
	Debug  bool
}

// A Binding is a key that starts a dictation.
type Binding struct {
	Keys     []key.Code // one key, or the keys of a chord
	Device   string     // the devices whose keys count; empty for all
	Mode     string     // hold, toggle or auto
	Grab     bool       // keep the key from the applications
	Language string     // overrides Whisper.Language if not empty
	Task     string     // overrides Whisper.Task if not empty
}

// The values of Whisper.Language that are no language codes.
const (
	FromLocale = "locale" // the language of the session
	FromLayout = "layout" // the language of the keyboard layout at the press
)

// A Whisper is a recognizer: its address and how to ask it.
type Whisper struct {
	URL, Dialect, Model, Prompt string
	Task                        string   // transcribe or translate
	Language                    string   // FromLocale, FromLayout, or what language.ParseChoice reads
	Phrases                     []string // that the recognizer makes up if there is no speech
	KeyFile, Credential, CAFile string
	Owners                      []string // users, by name or number, that may run a server there
	Proxy                       string   // for https: none, environment or a URL
}

// Text is how the words of the recognizer are changed before they are typed.
type Text struct {
	Vocabulary  string   // name of a file; empty for none
	Punctuation string   // off, on, or the language of the spoken marks
	Casing      string   // as-heard, lower or sentence
	Command     []string // a program and its arguments that changes the text; empty for none
}

// Audio is how the microphone is used.
type Audio struct {
	Source          string
	GainDB          float64
	AutoGain        bool
	Tail, PreRoll   time.Duration
	Linger          time.Duration // of a microphone that is not a Bluetooth headset's
	BluetoothLinger time.Duration
	Gate            bool // send only speech
}

// Silence says when a recording ends without a key. It applies while no key is held.
type Silence struct {
	Start     time.Duration // so much speech must come first
	Stop      time.Duration // end after so much silence; 0 for never
	Amplitude float64       // a quieter voice is silence; part of full scale, 0 for every voice
}

// Typing is how texts are typed.
type Typing struct {
	Newline          string // space, shift-enter or enter
	ASCIIPunctuation bool
	TrailingSpace    bool // type a space after each text
	SmartSpace       bool // type a space before a text that needs one

	Layout     string     // auto, us, or the path of a compiled XKB keymap
	DeadKeys   string     // whether to use them: auto, true or false
	Pace       string     // auto, careful or brisk
	PasteChord []key.Code // the last one is the key, those before it are held
	PasteLimit int        // longer texts, in characters, are pasted; 0 for none

	PasswordFields string // who says that one has the focus: desktop or accessibility

	// For sets these from the entry of an application.
	Paste    string // always, never, or empty for as needed
	OwnLimit bool   // PasteLimit is that of the entry

	Applications []Application
}

// An Application is how texts are typed into the windows of one program.
type Application struct {
	App        string // app_id of Wayland, or the class of X11
	Pace       string // empty for the one of Typing, like the other fields
	PasteChord []key.Code
	DeadKeys   string
	PasteLimit int    // negative for the one of Typing
	Paste      string // always, never, or empty for as needed
}

// For returns how texts are typed into an application.
func (t Typing) For(app string) Typing {
	i := slices.IndexFunc(t.Applications, func(a Application) bool { return a.App == app })
	if app == "" || i < 0 {
		return t
	}
	a := t.Applications[i]
	t.Pace, t.DeadKeys = cmp.Or(a.Pace, t.Pace), cmp.Or(a.DeadKeys, t.DeadKeys)
	if a.PasteChord != nil {
		t.PasteChord = a.PasteChord
	}
	if t.Paste = a.Paste; a.PasteLimit >= 0 {
		t.PasteLimit, t.OwnLimit = a.PasteLimit, true
	}
	return t
}
