// Package config turns the settings file, the environment and the command line
// into one typed value. Where two of them speak, the later one in this order
// wins. It reads the file it is given and nothing else.
package config

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/language"
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
	Phrases                     []string // made up when nobody speaks
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

// A setting is one scalar: its name in the file, what it means, and how its
// text becomes part of a Config. All three sources go through set.
type setting struct {
	name  string   // path in the file, parts joined by dots
	env   []string // further names in the environment, beside VOCODER_…
	value string   // the default, as it would be written
	help  string   // what it means, its unit and range; lines of the reference file
	list  bool     // a list in the file; elsewhere parted by commas
	of    []string // the values it may have, or the usual ones, where they are few
	file  bool     // it may be the name of a file
	set   func(c *Config, v string) error
}

// What some settings may be.
var (
	switches     = []string{"true", "false"}
	perhaps      = []string{"auto", "true", "false"}
	modes        = []string{"hold", "toggle", "auto"}
	holders      = []string{"auto", "helper", "direct"}
	dialects     = []string{"vocoder", "openai", "whispercpp", "asr", "wyoming"}
	proxies      = []string{"none", "environment"}
	languages    = []string{"locale", "layout", "auto"}
	punctuations = append([]string{"off", "on"}, language.WithMarks()...)
	casings      = []string{"as-heard", "lower", "sentence"}
	newlines     = []string{"space", "shift-enter", "enter"}
	spaces       = []string{"trailing", "smart", "none"}
	layouts      = []string{"auto", "us"}
	paces        = []string{"auto", "careful", "brisk"}
)

var settings = []setting{
	{name: "key", value: "KEY_RIGHTCTRL", help: "The key to hold while speaking: a kernel name (see `vocoder keys --learn`), or\na chord such as KEY_LEFTMETA+KEY_F9. Letters and digits are refused.", set: func(c *Config, v string) error { return keys(&c.Bindings[0].Keys, v) }},
	{name: "device", file: true, help: "Which devices count: a name, vendor:product in hex, a path below\n/dev/input/by-id, phys or uniq. Empty: every device that has the key.", set: func(c *Config, v string) error { c.Bindings[0].Device = v; return nil }},
	{name: "mode", of: modes, value: "hold", help: "hold: record while the key is held. toggle: one press begins, the next ends.\nauto: a tap begins and the next press ends, a longer press is a hold.", set: func(c *Config, v string) error { return oneOf(&c.Bindings[0].Mode, v, modes...) }},
	{name: "grab", of: switches, value: "false", help: "Keep the key from the applications. Only for a pedal or a button box: a full\nkeyboard is refused.", set: func(c *Config, v string) error { return boolean(&c.Bindings[0].Grab, v) }},
	{name: "devices", of: holders, value: "auto", help: "Who opens keyboards and types: helper is vocoder-inputd, direct is this program,\nauto is the helper where it is installed.", set: func(c *Config, v string) error { return oneOf(&c.Devices, v, holders...) }},
	{name: "cancel_key", help: "A key that throws the recording away, also while the other key is held.", set: func(c *Config, v string) error { return keys(&c.Cancel, v) }},
	{name: "min_hold", value: "200ms", help: "A shorter hold is a slip and records nothing. 0s to 5s.", set: func(c *Config, v string) error { return duration(&c.MinHold, v, 0, 5*time.Second) }},
	{name: "max_duration", env: []string{"MAX_DURATION"}, value: "120s", help: "A longer recording is cut here; what was said until then is typed. 1s to 1h.", set: func(c *Config, v string) error { return duration(&c.MaxDuration, v, time.Second, time.Hour) }},
	{name: "tap", value: "400ms", help: "In mode auto, a shorter press is a tap. 50ms to 2s.", set: func(c *Config, v string) error { return duration(&c.Tap, v, 50*time.Millisecond, 2*time.Second) }},

	{name: "whisper_url", env: []string{"WHISPER_URL"}, value: "http://127.0.0.1:8771/v1/transcribe", help: "The recognizer. http is for this machine only; elsewhere use https. unix: and\ntcp: are understood where the dialect has them.", set: whisper(func(w *Whisper, v string) error { return address(&w.URL, v) })},
	{name: "whisper.dialect", of: dialects, help: "How the recognizer speaks: vocoder, openai, whispercpp, asr or wyoming; empty to\nfind out.", set: whisper(func(w *Whisper, v string) error { w.Dialect = v; return nil })},
	{name: "whisper.language", of: languages, list: true, value: "locale", help: "The language spoken: a code such as en or de-AT; a list of codes such as [de, en],\nof which the recognizer finds out each time which one it was; locale, that of the\nsession; layout, that of the keyboard layout at the press; or auto: any, which\nthe recognizer finds out.", set: whisper(func(w *Whisper, v string) error { return spoken(&w.Language, v) })},
	{name: "whisper.model", help: "The model asked for, where the recognizer has several. Empty: the usual one.", set: whisper(func(w *Whisper, v string) error { w.Model = v; return nil })},
	{name: "whisper.prompt", help: "Words that help the recognizer, such as names, where it takes them. Those of\ntext.vocabulary are added.", set: whisper(func(w *Whisper, v string) error { w.Prompt = v; return nil })},
	{name: "whisper.phrases", list: true, help: "What the recognizer makes up when nobody speaks, beside the phrases that are\nknown. One is refused only where there is little sound for it.", set: whisper(func(w *Whisper, v string) error { w.Phrases = list(v); return nil })},
	{name: "whisper.key_file", file: true, help: "A file that holds the API key. It must be yours and of mode 0600.", set: whisper(func(w *Whisper, v string) error { w.KeyFile = v; return nil })},
	{name: "whisper.credential", value: "api-key", help: "The name of a systemd credential (LoadCredential=) that holds the API key, where\nkey_file is empty. Without such a credential none is sent.", set: whisper(func(w *Whisper, v string) error { return fileName(&w.Credential, v) })},
	{name: "whisper.ca_file", file: true, help: "A PEM file with the certificates to trust, instead of the system's.", set: whisper(func(w *Whisper, v string) error { w.CAFile = v; return nil })},
	{name: "whisper.owners", list: true, help: "Users, by name or number, who may listen at the recognizer's port on this\nmachine. You and root may always; anybody else would hear what you say.", set: whisper(func(w *Whisper, v string) error { w.Owners = list(v); return nil })},
	{name: "whisper.proxy", of: proxies, value: "none", help: "The proxy for https: none, environment to go by HTTPS_PROXY and NO_PROXY, or the\nURL of one.", set: whisper(func(w *Whisper, v string) error { return proxy(&w.Proxy, v) })},
	{name: "background", of: switches, value: "true", help: "Transcribe while you still speak, from gap to gap, so that a minute of speech\nis there as soon as a sentence. It rests by itself where the recognizer is slower\nthan speech.", set: func(c *Config, v string) error { return boolean(&c.Background, v) }},

	{name: "text.vocabulary", file: true, help: "A file of your words, one a line: a name that is to be recognized and spelled so,\nor what is said => what is written. # begins a comment.", set: func(c *Config, v string) error { c.Text.Vocabulary = v; return nil }},
	{name: "text.punctuation", of: punctuations, value: "off", help: "Write spoken punctuation, such as comma or new line, as marks: off, on in the\nlanguage spoken, or the language of the names: en, de, fr, es, it, pt or nl.", set: func(c *Config, v string) error { return punctuation(&c.Text.Punctuation, v) }},
	{name: "text.casing", of: casings, value: "as-heard", help: "as-heard, lower for no capitals at all, or sentence: the first letter follows\nfrom what was dictated before.", set: func(c *Config, v string) error { return oneOf(&c.Text.Casing, v, casings...) }},
	{name: "text.command", file: true, list: true, help: "A program of yours and its arguments, as a list. It is given each text on standard\ninput and prints what is to be typed, within 5 s. If it fails, the text is typed\nas it was. Exit status 77 types nothing. No shell is involved. Set while\nthe daemon runs, it may write no file until that is restarted.", set: func(c *Config, v string) error { c.Text.Command = words(v); return nil }},

	{name: "audio.source", help: "The microphone: a name, or a unique part of its name or description (see\n`pactl list short sources`). Empty: the default of the session.", set: func(c *Config, v string) error { c.Audio.Source = v; return nil }},
	{name: "audio.gain_db", value: "0", help: "Amplification in dB, -30 to 40, or auto.", set: gain},
	{name: "audio.tail", value: "400ms", help: "How long is recorded after the release at most: fingers are faster than the last\nsyllable. The recording ends as soon as the voice has. 0s to 2s.", set: func(c *Config, v string) error { return duration(&c.Audio.Tail, v, 0, 2*time.Second) }},
	{name: "audio.pre_roll", value: "0s", help: "How much from before the press is kept. More than 0 means that the microphone\nis open all the time, save while the session is locked or left; what it hears\nstays in memory and is overwritten. 0s to 2s.", set: func(c *Config, v string) error { return duration(&c.Audio.PreRoll, v, 0, 2*time.Second) }},
	{name: "audio.linger", value: "2m", help: "How long the microphone stays open after an utterance, so that the next one\nbegins without delay. Open, it costs a hundredth of one processor core; closed,\nnothing. 0s to 1h.", set: func(c *Config, v string) error { return duration(&c.Audio.Linger, v, 0, time.Hour) }},
	{name: "audio.gate", of: switches, value: "true", help: "Send only what holds a voice, whispered ones too: a click, typing, hum and silence\nare not sent, because recognizers invent words for them.", set: func(c *Config, v string) error { return boolean(&c.Audio.Gate, v) }},

	{name: "silence.stop_threshold", value: "0s", help: "A recording that no key holds (mode toggle, a tap in mode auto, vocoderctl start)\nends by itself after so much silence and is transcribed. 0s, for never, to 1m.", set: func(c *Config, v string) error { return duration(&c.Silence.Stop, v, 0, time.Minute) }},
	{name: "silence.start_threshold", value: "150ms", help: "Somebody must have spoken so long, all together, before silence can end the\nrecording. 0s to 10s.", set: func(c *Config, v string) error { return duration(&c.Silence.Start, v, 0, 10*time.Second) }},
	{name: "silence.amplitude", value: "0", help: "A voice that is quieter does not count, as a part of full scale, 0 to 1. 0: every\nvoice counts.", set: func(c *Config, v string) error { return part(&c.Silence.Amplitude, v) }},

	{name: "typing.newline", of: newlines, value: "space", help: "What a line break in the text becomes: space, shift-enter or enter. A line\nbreak in a terminal runs a command.", set: func(c *Config, v string) error { return oneOf(&c.Typing.Newline, v, newlines...) }},
	{name: "typing.ascii_punctuation", of: switches, value: "false", help: "Type “ ” — … as their ASCII forms.", set: func(c *Config, v string) error { return boolean(&c.Typing.ASCIIPunctuation, v) }},
	{name: "typing.space", of: spaces, value: "trailing", help: "What parts an utterance from the next: trailing, a space after each; smart, a\nspace before one that needs it after what was dictated last; or none.", set: space},
	{name: "typing.layout", file: true, of: layouts, value: "auto", help: "Which layout the keys have. auto: what the desktop says at each text. us: always\nthe American one. A path: a keymap as `xkbcomp :0 -` or `xkbcli dump-keymap` prints\nit. Only auto notices a layout that you switch to.", set: func(c *Config, v string) error { return layout(&c.Typing.Layout, v) }},
	{name: "typing.dead_keys", of: perhaps, value: "auto", help: "Type é as ´ and e where the layout has it no other way; else such a text is pasted.\nauto: into programs that are known to keep the order. Those of Qt do not: Más becomes\náMs. true: into all, but under KDE and where IBus or Fcitx has the keys.", set: func(c *Config, v string) error { return maybe(&c.Typing.DeadKeys, v) }},
	{name: "typing.pace", of: paces, value: "auto", help: "careful: 10 ms before and after Shift and its like, which input methods need.\nbrisk: 2 ms, and under sway and X11 many keys at a time. auto: careful where GNOME,\nIBus or Fcitx has the keys, or the desktop is not known.", set: func(c *Config, v string) error { return oneOf(&c.Typing.Pace, v, paces...) }},
	{name: "typing.paste_chord", value: "KEY_LEFTSHIFT+KEY_INSERT", help: "The keys that paste, for text that the layout does not have. Shift+Insert does\nin terminals too, where Ctrl+V does not.", set: func(c *Config, v string) error { return keys(&c.Typing.PasteChord, v) }},
	{name: "typing.paste_limit", value: "400", help: "Longer texts, in characters, are pasted. 0: none is, unless the layout lacks\nsomething. 0 to 8000.", set: func(c *Config, v string) error { return whole(&c.Typing.PasteLimit, v, 0, 8000) }},

	{name: "socket_path", file: true, help: "The control socket. Empty: $XDG_RUNTIME_DIR/vocoder.sock.", set: func(c *Config, v string) error { c.Socket = v; return nil }},
	{name: "notify", of: switches, value: "true", help: "Show a notification of the desktop when something went wrong: the microphone is\nmuted, a text was left in the clipboard or is kept. While all is well there is\nnone, and never what was said.", set: func(c *Config, v string) error { return boolean(&c.Notify, v) }},
	{name: "tray", of: switches, value: "false", help: "Show an icon in the panel of the desktop: idle, listening, thinking, problem. It\nis taken up when the daemon starts.", set: func(c *Config, v string) error { return boolean(&c.Tray, v) }},
	{name: "sounds", of: switches, value: "false", help: "Play a short sound when a recording begins and ends, and when nothing is typed. What\nis recorded begins after the sound. With audio.pre_roll there is none, because it\nwould be recorded.", set: func(c *Config, v string) error { return boolean(&c.Sounds, v) }},
	{name: "debug", of: switches, env: []string{"DEBUG"}, value: "false", help: "Log durations and lengths too. What is said or typed is never logged.", set: func(c *Config, v string) error { return boolean(&c.Debug, v) }},
}

// dead are settings of the program that vocoder replaces which have no meaning
// any more, and why.
var dead = map[string]string{
	"audio.sample_rate": "the sound server converts to 16 kHz by itself",
	"audio.channels":    "speech is recorded in mono",
	"typing_tools":      "vocoder types by itself",
}

// A Setting is the public side of a setting.
type Setting struct {
	Name, Default, Help string
	Choices             []string // the values it may have, or the usual ones, where they are few
	File                bool     // it may be the name of a file
}

// Flag returns the name of the command-line flag, without dashes.
func (s Setting) Flag() string { return strings.NewReplacer("_", "-", ".", "-").Replace(s.Name) }

// Env returns the name in the environment.
func (s Setting) Env() string {
	return "VOCODER_" + strings.ToUpper(strings.ReplaceAll(s.Name, ".", "_"))
}

// Settings returns every setting, in the order of the reference file.
func Settings() []Setting {
	out := make([]Setting, len(settings))
	for i, s := range settings {
		out[i] = Setting{s.name, s.value, s.help, s.of, s.file}
	}
	return out
}

// Default returns the settings of an empty file.
func Default() Config {
	c := Config{Bindings: make([]Binding, 1), Whisper: make([]Whisper, 1)}
	for _, s := range settings {
		if s.value == "" {
			continue
		}
		if err := s.set(&c, s.value); err != nil {
			panic("config: default of " + s.name + ": " + err.Error())
		}
	}
	return c
}
