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

// A Config is every setting, checked.
type Config struct {
	Bindings    []Binding  // at least one
	Devices     string     // auto, helper or direct
	Cancel      []key.Code // throws the recording away; empty for none
	MinHold     time.Duration
	MaxDuration time.Duration
	Tap         time.Duration

	Whisper    []Whisper // the recognizers, the best first; at least one
	Background bool      // transcribe while the key is held
	Text       Text
	Audio      Audio
	Silence    Silence
	Typing     Typing

	Socket string // path of the control socket; empty for the default
	Notify bool   // show on the desktop what went wrong
	Tray   bool   // show an icon in the panel
	Sounds bool   // play a sound when a recording begins and ends
	Debug  bool
}

// A Binding is a key that starts a dictation.
type Binding struct {
	Keys     []key.Code // one, or the parts of a chord
	Device   string     // which devices count; empty for all
	Mode     string     // hold, toggle or auto
	Grab     bool       // keep the key from the applications
	Language string     // overrides Whisper.Language if not empty
}

// Where Whisper.Language may come from in place of codes.
const (
	FromLocale = "locale" // of the session
	FromLayout = "layout" // of the keyboard, at the press
)

// A Whisper is where and how speech is recognized.
type Whisper struct {
	URL, Dialect, Model, Prompt string
	Language                    string   // FromLocale, FromLayout, or what language.ParseChoice reads
	Phrases                     []string // that the recognizer makes up from silence
	KeyFile, Credential, CAFile string
	Owners                      []string // users who may listen there
	Proxy                       string   // for https: none, environment or a URL
}

// Text is what becomes of the words before they are typed.
type Text struct {
	Vocabulary  string   // a file
	Punctuation string   // off, on or the language of the spoken names of marks
	Casing      string   // as-heard, lower or sentence
	Command     []string // a program and its arguments; empty for none
}

// Audio is how the microphone is used.
type Audio struct {
	Source                string
	GainDB                float64
	AutoGain              bool
	Tail, PreRoll, Linger time.Duration
	Gate                  bool // send only speech
}

// Silence is when a recording that no key holds ends by itself.
type Silence struct {
	Start     time.Duration // so much sound is speech
	Stop      time.Duration // ends after so much silence; 0 for never
	Amplitude float64       // of sound, as a part of full scale; 0 to measure
}

// Typing is what is done to a text before it is typed, and how.
type Typing struct {
	Newline          string // space, shift-enter or enter
	ASCIIPunctuation bool
	TrailingSpace    bool // after each text
	SmartSpace       bool // before a text that needs one

	Layout     string     // auto, us, or the path of a compiled XKB keymap
	DeadKeys   string     // may be used: auto, true or false
	Pace       string     // auto, careful or brisk
	PasteChord []key.Code // the last one is the key, those before it are held
	PasteLimit int        // longer texts, in characters, are pasted; 0 for none

	Applications []Application
}

// An Application is how texts are typed into the windows of one program.
type Application struct {
	App        string // app_id of Wayland, or the class of X11
	Pace       string // empty for that of Typing, as are the others
	PasteChord []key.Code
	DeadKeys   string
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
	return t
}
