package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/spell"
)

// A Setting describes one value of the settings file, the environment and the flags. All
// three give its text to apply.
type Setting struct {
	Name    string   // path in the file, with dots between its parts
	Default string   // text of the default
	Help    string   // what it means, its unit and range; lines of the reference file
	Choices []string // the values it may have, or the usual ones, if they are few
	File    bool     // it may be the name of a file

	only    bool     // it may have no other value than Choices
	aliases []string // further names in the environment, besides Env
	list    bool     // a list in the file; elsewhere with commas between the entries
	in      string   // the list that may have it in its entries
	set     func(c *Config, v string) error
}

var (
	switches     = []string{"true", "false"}
	punctuations = append([]string{"off", "on"}, language.WithMarks()...)
)

// settings are all settings, in the order of the reference file.
var settings = []Setting{
	{Name: "key", in: "bindings", Default: "KEY_RIGHTCTRL", set: func(c *Config, v string) error { return keys(&c.Bindings[0].Keys, v) }, Help: "The key to hold while speaking: a kernel name (see `vocoder keys --learn`), or\na chord such as KEY_LEFTMETA+KEY_F9. Letters and digits are refused."},
	{Name: "device", in: "bindings", File: true, set: func(c *Config, v string) error { c.Bindings[0].Device = v; return nil }, Help: "Which devices count: a name, vendor:product in hex, a path below\n/dev/input/by-id, phys or uniq. Empty: every device that has the key."},
	{Name: "mode", in: "bindings", Choices: []string{"hold", "toggle", "auto"}, only: true, Default: "hold", set: func(c *Config, v string) error { c.Bindings[0].Mode = v; return nil }, Help: "hold: record while the key is held. toggle: one press begins, the next ends.\nauto: a tap begins and the next press ends, a longer press is a hold."},
	{Name: "grab", in: "bindings", Choices: switches, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Bindings[0].Grab, v) }, Help: "Keep the key from the applications. Only for a pedal or a button box: a full\nkeyboard is refused."},
	{Name: "devices", Choices: []string{"auto", "helper", "direct"}, only: true, Default: "auto", set: func(c *Config, v string) error { c.Devices = v; return nil }, Help: "Who opens keyboards and types: helper is vocoder-inputd, direct is this program,\nauto is the helper where it is installed."},
	{Name: "cancel_key", set: func(c *Config, v string) error { return keys(&c.Cancel, v) }, Help: "A key that throws the recording away, also while the other key is held."},
	{Name: "min_hold", Default: "200ms", set: func(c *Config, v string) error { return duration(&c.MinHold, v, 0, 5*time.Second) }, Help: "A shorter hold is a slip and records nothing. 0s to 5s."},
	{Name: "max_duration", aliases: []string{"MAX_DURATION"}, Default: "120s", set: func(c *Config, v string) error { return duration(&c.MaxDuration, v, time.Second, time.Hour) }, Help: "A longer recording is cut here; what was said until then is typed. 1s to 1h."},
	{Name: "tap", Default: "400ms", set: func(c *Config, v string) error { return duration(&c.Tap, v, 50*time.Millisecond, 2*time.Second) }, Help: "In mode auto, a shorter press is a tap. 50ms to 2s."},

	{Name: "whisper_url", in: "whisper", aliases: []string{"WHISPER_URL"}, Default: "http://127.0.0.1:8771/v1/transcribe", set: whisper(func(w *Whisper, v string) error { return address(&w.URL, v) }), Help: "The recognizer. http is for this machine only; elsewhere use https. unix: and\ntcp: are understood where the dialect has them."},
	{Name: "whisper.dialect", in: "whisper", set: whisper(func(w *Whisper, v string) error { w.Dialect = v; return nil }), Help: "How the recognizer speaks: vocoder, openai, whispercpp, asr or wyoming; empty to\nfind out."},
	{Name: "whisper.language", in: "whisper", Choices: []string{"locale", "layout", "auto"}, list: true, Default: "locale", set: whisper(func(w *Whisper, v string) error { return spoken(&w.Language, v) }), Help: "The language spoken: a code such as en or de-AT; a list of codes such as [de, en],\nof which the recognizer finds out each time which one it was; locale, that of the\nsession; layout, that of the keyboard layout at the press; or auto: any, which\nthe recognizer finds out."},
	{Name: "whisper.model", in: "whisper", set: whisper(func(w *Whisper, v string) error { w.Model = v; return nil }), Help: "The model asked for, where the recognizer has several. Empty: the usual one."},
	{Name: "whisper.prompt", in: "whisper", set: whisper(func(w *Whisper, v string) error { w.Prompt = v; return nil }), Help: "Words that help the recognizer, such as names, where it takes them. Those of\ntext.vocabulary are added."},
	{Name: "whisper.phrases", in: "whisper", list: true, set: whisper(func(w *Whisper, v string) error { w.Phrases = splitList(v); return nil }), Help: "Phrases that the recognizer makes up from silence, in addition to those that\nvocoder knows. A phrase is refused only where there is little sound for it."},
	{Name: "whisper.key_file", in: "whisper", File: true, set: whisper(func(w *Whisper, v string) error { w.KeyFile = v; return nil }), Help: "A file that holds the API key. It must be yours and of mode 0600."},
	{Name: "whisper.credential", in: "whisper", Default: "api-key", set: whisper(func(w *Whisper, v string) error { return fileName(&w.Credential, v) }), Help: "The name of a systemd credential (LoadCredential=) that holds the API key, where\nkey_file is empty. Without such a credential none is sent."},
	{Name: "whisper.ca_file", in: "whisper", File: true, set: whisper(func(w *Whisper, v string) error { w.CAFile = v; return nil }), Help: "A PEM file with the certificates to trust, instead of the system's."},
	{Name: "whisper.owners", in: "whisper", list: true, set: whisper(func(w *Whisper, v string) error { w.Owners = splitList(v); return nil }), Help: "Users, by name or number, who may listen at the recognizer's port on this\nmachine. You and root may always; anybody else would hear what you say."},
	{Name: "whisper.proxy", in: "whisper", Choices: []string{"none", "environment"}, Default: "none", set: whisper(func(w *Whisper, v string) error { return proxy(&w.Proxy, v) }), Help: "The proxy for https: none, environment to go by HTTPS_PROXY and NO_PROXY, or the\nURL of one."},
	{Name: "background", Choices: switches, Default: "true", set: func(c *Config, v string) error { return boolean(&c.Background, v) }, Help: "Transcribe while you still speak, from gap to gap, so that a minute of speech\nis there as soon as a sentence. It rests by itself where the recognizer is slower\nthan speech."},

	{Name: "text.vocabulary", File: true, set: func(c *Config, v string) error { c.Text.Vocabulary = v; return nil }, Help: "A file of your words, one a line: a name that is to be recognized and spelled so,\nor what is said => what is written. # begins a comment."},
	{Name: "text.punctuation", Choices: punctuations, Default: "off", set: func(c *Config, v string) error { return punctuation(&c.Text.Punctuation, v) }, Help: "Write spoken punctuation, such as comma or new line, as marks: off, on in the\nlanguage spoken, or the language of the names: en, de, fr, es, it, pt or nl."},
	{Name: "text.casing", Choices: []string{"as-heard", "lower", "sentence"}, only: true, Default: "as-heard", set: func(c *Config, v string) error { c.Text.Casing = v; return nil }, Help: "as-heard, lower for no capitals at all, or sentence: the first letter follows\nfrom what was dictated before."},
	{Name: "text.command", File: true, list: true, set: func(c *Config, v string) error { c.Text.Command = splitWords(v); return nil }, Help: "A program of yours and its arguments, as a list. It is given each text on standard\ninput and prints what is to be typed, within 5 s. If it fails, the text is typed\nas it was. Exit status 77 types nothing. No shell is involved. Set while\nthe daemon runs, it may write no file until that is restarted."},

	{Name: "audio.source", set: func(c *Config, v string) error { c.Audio.Source = v; return nil }, Help: "The microphone: a name, or a unique part of its name or description (see\n`pactl list short sources`). Empty: the default of the session."},
	{Name: "audio.gain_db", Default: "0", set: gain, Help: "Amplification in dB, -30 to 40, or auto."},
	{Name: "audio.tail", Default: "400ms", set: func(c *Config, v string) error { return duration(&c.Audio.Tail, v, 0, 2*time.Second) }, Help: "How long is recorded after the release at most: fingers are faster than the last\nsyllable. The recording ends as soon as the voice has. 0s to 2s."},
	{Name: "audio.pre_roll", Default: "0s", set: func(c *Config, v string) error { return duration(&c.Audio.PreRoll, v, 0, 2*time.Second) }, Help: "How much from before the press is kept. More than 0 means that the microphone\nis open all the time, save while the session is locked or left; what it hears\nstays in memory and is overwritten. 0s to 2s."},
	{Name: "audio.linger", Default: "2m", set: func(c *Config, v string) error { return duration(&c.Audio.Linger, v, 0, time.Hour) }, Help: "How long the microphone stays open after an utterance, so that the next one\nbegins without delay. Open, it costs a hundredth of one processor core; closed,\nnothing. 0s to 1h."},
	{Name: "audio.gate", Choices: switches, Default: "true", set: func(c *Config, v string) error { return boolean(&c.Audio.Gate, v) }, Help: "Send only what holds a voice, whispered ones too: a click, typing, hum and silence\nare not sent, because recognizers invent words for them."},

	{Name: "silence.stop_threshold", Default: "0s", set: func(c *Config, v string) error { return duration(&c.Silence.Stop, v, 0, time.Minute) }, Help: "A recording that no key holds (mode toggle, a tap in mode auto, vocoderctl start)\nends by itself after so much silence and is transcribed. 0s, for never, to 1m."},
	{Name: "silence.start_threshold", Default: "150ms", set: func(c *Config, v string) error { return duration(&c.Silence.Start, v, 0, 10*time.Second) }, Help: "So much speech, all together, must be in the recording before silence can end it.\n0s to 10s."},
	{Name: "silence.amplitude", Default: "0", set: func(c *Config, v string) error { return number(&c.Silence.Amplitude, v, 0, 1, "0 to 1") }, Help: "A voice that is quieter does not count, as a part of full scale, 0 to 1. 0: every\nvoice counts."},

	{Name: "typing.newline", Choices: []string{"space", "shift-enter", "enter"}, only: true, Default: "space", set: func(c *Config, v string) error { c.Typing.Newline = v; return nil }, Help: "What a line break in the text becomes: space, shift-enter or enter. A line\nbreak in a terminal runs a command."},
	{Name: "typing.ascii_punctuation", Choices: switches, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Typing.ASCIIPunctuation, v) }, Help: "Type “ ” — … as their ASCII forms."},
	{Name: "typing.space", Choices: []string{"trailing", "smart", "none"}, only: true, Default: "trailing", set: space, Help: "What parts an utterance from the next: trailing, a space after each; smart, a\nspace before one that needs it after what was dictated last; or none."},
	{Name: "typing.layout", File: true, Choices: []string{"auto", "us"}, Default: "auto", set: func(c *Config, v string) error { return layout(&c.Typing.Layout, v) }, Help: "Which layout the keys have. auto: what the desktop says at each text. us: always\nthe American one. A path: a keymap as `xkbcomp :0 -` or `xkbcli dump-keymap` prints\nit. Only auto notices a layout that you switch to."},
	{Name: "typing.dead_keys", in: "typing.applications", Choices: []string{"auto", "true", "false"}, Default: "auto", set: func(c *Config, v string) error { return autoOrBool(&c.Typing.DeadKeys, v) }, Help: "Type é as ´ and e where the layout has it no other way; else such a text is pasted.\nauto: into programs that are known to keep the order. Those of Qt do not: Más becomes\náMs. true: into all, but under KDE and where IBus or Fcitx has the keys."},
	{Name: "typing.pace", in: "typing.applications", Choices: []string{"auto", "careful", "brisk"}, only: true, Default: "auto", set: func(c *Config, v string) error { c.Typing.Pace = v; return nil }, Help: "careful: 10 ms before and after Shift and its like, which input methods need.\nbrisk: 2 ms, and under sway and X11 many keys at a time. auto: careful where GNOME,\nIBus or Fcitx has the keys, or the desktop is not known."},
	{Name: "typing.paste_chord", in: "typing.applications", Default: "KEY_LEFTSHIFT+KEY_INSERT", set: func(c *Config, v string) error { return keys(&c.Typing.PasteChord, v) }, Help: "The keys that paste, for text that the layout does not have. Shift+Insert does\nin terminals too, where Ctrl+V does not."},
	{Name: "typing.paste_limit", Default: "400", set: func(c *Config, v string) error { return whole(&c.Typing.PasteLimit, v, 0, 8000) }, Help: "Longer texts, in characters, are pasted. 0: none is, unless the layout lacks\nsomething. 0 to 8000."},

	{Name: "socket_path", File: true, set: func(c *Config, v string) error { c.Socket = v; return nil }, Help: "The control socket. Empty: $XDG_RUNTIME_DIR/vocoder.sock."},
	{Name: "notify", Choices: switches, Default: "true", set: func(c *Config, v string) error { return boolean(&c.Notify, v) }, Help: "Show a notification of the desktop when something went wrong: the microphone is\nmuted, a text was left in the clipboard or is kept. While all is well there is\nnone, and never what was said."},
	{Name: "tray", Choices: switches, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Tray, v) }, Help: "Show an icon in the panel of the desktop: idle, listening, thinking, problem. It\nis taken up when the daemon starts."},
	{Name: "sounds", Choices: switches, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Sounds, v) }, Help: "Play a short sound when a recording begins and ends, and when nothing is typed. What\nis recorded begins after the sound. With audio.pre_roll there is none, because it\nwould be recorded."},
	{Name: "debug", Choices: switches, aliases: []string{"DEBUG"}, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Debug, v) }, Help: "Log durations and lengths too. What is said or typed is never logged."},
}

// dropped are settings of the program that vocoder replaces. They have no effect any
// more, for the reason given.
var dropped = map[string]string{
	"audio.sample_rate": "the sound server converts to 16 kHz by itself",
	"audio.channels":    "speech is recorded in mono",
	"typing_tools":      "vocoder types by itself",
}

// Flag returns the name of the command-line flag, without dashes.
func (s Setting) Flag() string { return strings.NewReplacer("_", "-", ".", "-").Replace(s.Name) }

// Env returns the name in the environment.
func (s Setting) Env() string {
	return "VOCODER_" + strings.ToUpper(strings.ReplaceAll(s.Name, ".", "_"))
}

// envs returns all names in the environment. The first one that is set counts.
func (s Setting) envs() []string { return append([]string{s.Env()}, s.aliases...) }

// Settings returns every setting, in the order of the reference file.
func Settings() []Setting { return slices.Clone(settings) }

// Default returns the settings of an empty file.
func Default() Config {
	c := Config{Bindings: make([]Binding, 1), Whisper: make([]Whisper, 1)}
	for _, s := range settings {
		if err := s.apply(&c, s.Default); err != nil {
			panic("config: default of " + s.Name + ": " + err.Error())
		}
	}
	return c
}

// apply gives a value to a setting.
func (s Setting) apply(c *Config, v string) error {
	if s.only && !slices.Contains(s.Choices, v) {
		return wrongChoice(v, s.Choices)
	}
	return s.set(c, v)
}

func wrongChoice(v string, choices []string) error {
	return fmt.Errorf("%q, want %s", v, strings.Join(choices, ", "))
}

// lookup returns the setting of that name.
func lookup(name string) (Setting, bool) {
	i := slices.IndexFunc(settings, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return Setting{}, false
	}
	return settings[i], true
}

// isGroup reports whether name is the path of a group of settings.
func isGroup(name string) bool {
	return slices.ContainsFunc(settings, func(s Setting) bool { return strings.HasPrefix(s.Name, name+".") })
}

// Unknown returns the message for an unknown setting. It suggests a similar name.
func Unknown(name string) string {
	known := []string{"bindings", "typing.applications"}
	for _, s := range settings {
		known = append(known, s.Name)
	}
	return unknown(name, known)
}

func unknown(name string, known []string) string {
	near := spell.Nearest(name, known, max(len(name)/2, 2))
	for _, k := range known { // the right name in the wrong place
		if strings.HasSuffix(k, "."+name) || strings.HasSuffix(name, "."+k) {
			near = append(near, k)
		}
	}
	if len(near) == 0 {
		return "unknown setting " + name
	}
	return "unknown setting " + name + ": did you mean " + near[0] + "?"
}
