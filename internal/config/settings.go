package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/printable"
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
	Home    bool     // ~/ at its beginning is the home folder

	only    bool     // it may have no other value than Choices
	aliases []string // further names in the environment, besides Env
	list    bool     // a list in the file; elsewhere with commas between the entries
	in      string   // the list that may have it in its entries
	set     func(c *Config, v string) error
}

var (
	switches     = []string{"true", "false"}
	tasks        = []string{"transcribe", "translate"}
	punctuations = append([]string{"off", "on"}, language.WithMarks()...)
)

// settings are all settings, in the order of the reference file.
var settings = []Setting{
	{Name: "key", in: "bindings", Default: "KEY_RIGHTCTRL", set: func(c *Config, v string) error { return hold(&c.Bindings[0].Keys, v) }, Help: "The key to hold while you speak: a kernel name (see `vocoder keys --learn`), or\na chord such as KEY_LEFTMETA+KEY_F9. vocoder refuses letters and digits, and without\ngrab chords with them and keys that move the cursor: applications would get them."},
	{Name: "device", in: "bindings", File: true, set: func(c *Config, v string) error { c.Bindings[0].Device = v; return nil }, Help: "The devices whose keys count: a name, vendor:product in hex, a path below\n/dev/input/by-id, phys or uniq. Empty: every device that has the key."},
	{Name: "mode", in: "bindings", Choices: []string{"hold", "toggle", "auto"}, only: true, Default: "hold", set: func(c *Config, v string) error { c.Bindings[0].Mode = v; return nil }, Help: "hold: record while the key is held. toggle: one press begins, the next ends.\nauto: after a tap the next press ends the recording; a longer press is a hold."},
	{Name: "grab", in: "bindings", Choices: switches, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Bindings[0].Grab, v) }, Help: "Keep the key from the applications. Only for a pedal or a button box: vocoder\nrefuses a full keyboard."},
	{Name: "devices", Choices: []string{"auto", "helper", "direct"}, only: true, Default: "auto", set: func(c *Config, v string) error { c.Devices = v; return nil }, Help: "Which program opens keyboards and types. helper: vocoder-inputd. direct: this\nprogram. auto: the helper if it is installed."},
	{Name: "cancel_key", set: func(c *Config, v string) error { return keys(&c.Cancel, v) }, Help: "A key that discards the recording. It works while the other key is held, too."},
	{Name: "min_hold", Default: "200ms", set: func(c *Config, v string) error { return duration(&c.MinHold, v, 0, 5*time.Second) }, Help: "A shorter hold is a slip, and vocoder records nothing. 0s to 5s."},
	{Name: "max_duration", aliases: []string{"MAX_DURATION"}, Default: "120s", set: func(c *Config, v string) error { return duration(&c.MaxDuration, v, time.Second, time.Hour) }, Help: "A recording ends after this time, and vocoder types what you said. 1s to 1h."},
	{Name: "tap", Default: "400ms", set: func(c *Config, v string) error { return duration(&c.Tap, v, 50*time.Millisecond, 2*time.Second) }, Help: "In mode auto, a shorter press is a tap. 50ms to 2s."},

	{Name: "whisper_url", in: "whisper", aliases: []string{"WHISPER_URL"}, Default: "http://127.0.0.1:8771/v1/transcribe", set: whisper(func(w *Whisper, v string) error { return address(&w.URL, v) }), Help: "The address of the recognizer. Use http on this machine only, otherwise https.\nSome dialects also have unix: and tcp:."},
	{Name: "whisper.dialect", in: "whisper", set: whisper(func(w *Whisper, v string) error { w.Dialect = v; return nil }), Help: "The protocol of the recognizer: vocoder, openai, whispercpp, asr or wyoming.\nEmpty: vocoder finds out."},
	{Name: "whisper.language", in: "whisper", Choices: []string{"locale", "layout", "auto"}, list: true, Default: "locale", set: whisper(func(w *Whisper, v string) error { return spoken(&w.Language, v) }), Help: "The language that you speak. A code such as en or de-AT; a list of codes such as\n[de, en], from which the recognizer chooses for each utterance; locale, the language\nof the session, and those of the keyboard layouts if they are made for others;\nlayout, the language of the keyboard layout at the press; auto, any language that\nthe recognizer detects."},
	{Name: "whisper.task", in: "whisper", Choices: tasks, only: true, Default: "transcribe", set: whisper(func(w *Whisper, v string) error { w.Task = v; return nil }), Help: "transcribe: the words as you speak them. translate: the words in English, whatever you\nspeak, if the recognizer can. If it cannot, nothing is typed and the speech is kept."},
	{Name: "whisper.model", in: "whisper", set: whisper(func(w *Whisper, v string) error { w.Model = v; return nil }), Help: "The model, if the recognizer has several. Empty: its usual one."},
	{Name: "whisper.prompt", in: "whisper", set: whisper(func(w *Whisper, v string) error { w.Prompt = v; return nil }), Help: "Words that help the recognizer, such as names, if it takes them. vocoder adds the\nwords of text.vocabulary."},
	{Name: "whisper.phrases", in: "whisper", list: true, set: whisper(func(w *Whisper, v string) error { w.Phrases = splitList(v); return nil }), Help: "Phrases that the recognizer makes up from silence, in addition to those that\nvocoder knows. A phrase is refused only where there is little sound for it."},
	{Name: "whisper.key_file", Home: true, in: "whisper", File: true, set: whisper(func(w *Whisper, v string) error { w.KeyFile = v; return nil }), Help: "A file with the API key. It must be yours and have mode 0600."},
	{Name: "whisper.credential", in: "whisper", Default: "api-key", set: whisper(func(w *Whisper, v string) error { return fileName(&w.Credential, v) }), Help: "The name of a systemd credential (LoadCredential=) with the API key, if key_file is\nempty. Without such a credential vocoder sends no key."},
	{Name: "whisper.ca_file", Home: true, in: "whisper", File: true, set: whisper(func(w *Whisper, v string) error { w.CAFile = v; return nil }), Help: "A PEM file with the certificates to trust, instead of those of the system."},
	{Name: "whisper.owners", in: "whisper", list: true, set: whisper(func(w *Whisper, v string) error { w.Owners = splitList(v); return nil }), Help: "Users, by name or number, whose programs may be the recognizer on this machine.\nYou and root are always allowed. Any other user could hear what you say."},
	{Name: "whisper.proxy", in: "whisper", Choices: []string{"none", "environment"}, Default: "none", set: whisper(func(w *Whisper, v string) error { return proxy(&w.Proxy, v) }), Help: "The proxy for https: none, environment for that of HTTPS_PROXY and NO_PROXY, or the\nURL of a proxy."},
	{Name: "background", Choices: switches, Default: "true", set: func(c *Config, v string) error { return boolean(&c.Background, v) }, Help: "Transcribe while you still speak, at each short gap. So a minute of speech is typed\nas soon as a sentence. If the recognizer is slower than speech, vocoder stops this."},

	{Name: "text.vocabulary", Home: true, File: true, set: func(c *Config, v string) error { c.Text.Vocabulary = v; return nil }, Help: "A file with your words, one on each line: a name that the recognizer should know and\nspell so, or what you say => what vocoder writes. # begins a comment. `vocoderctl word`\nchanges it. Empty: the file words in the folder of vocoder.yaml, if there is one."},
	{Name: "text.punctuation", Choices: punctuations, Default: "off", set: func(c *Config, v string) error { return punctuation(&c.Text.Punctuation, v) }, Help: "Write spoken punctuation, such as comma or new line, as marks. off; on, in the\nlanguage that you speak; or the language of the marks: en, de, fr, es, it, pt, nl or\nru. When a name is a mark: SPOKEN PUNCTUATION in vocoder.yaml(5)."},
	{Name: "text.casing", Choices: []string{"as-heard", "lower", "sentence"}, only: true, Default: "as-heard", set: func(c *Config, v string) error { c.Text.Casing = v; return nil }, Help: "as-heard: the capitals of the recognizer. lower: no capitals. sentence: the first\nletter depends on the text that you dictated before."},
	{Name: "text.command", Home: true, File: true, list: true, set: func(c *Config, v string) error { c.Text.Command = splitWords(v); return nil }, Help: "A program of yours and its arguments, as a list. It reads each text from standard\ninput and prints what vocoder types, within 5 s. If it fails, vocoder types the text\nunchanged. Exit status 77 types nothing. No shell is involved. If you set this while\nthe daemon runs, the program may write no file until you restart the daemon.\nThe unit forbids programs that compile while they run, such as node:\nMemoryDenyWriteExecute=no in a drop-in allows them."},

	{Name: "audio.source", set: func(c *Config, v string) error { c.Audio.Source = v; return nil }, Help: "The microphone: a name, or a unique part of its name or description (see\n`pactl list short sources`). Empty: the default of the session."},
	{Name: "audio.gain_db", Default: "0", set: gain, Help: "Amplification in dB, -30 to 40, or auto."},
	{Name: "audio.tail", Default: "400ms", set: func(c *Config, v string) error { return duration(&c.Audio.Tail, v, 0, 2*time.Second) }, Help: "The longest time to record after the release, because fingers are faster than the\nlast syllable. The recording ends as soon as the voice ends. 0s to 2s."},
	{Name: "audio.pre_roll", Default: "0s", set: func(c *Config, v string) error { return duration(&c.Audio.PreRoll, v, 0, 2*time.Second) }, Help: "How much sound to keep from before the press. With more than 0 the microphone is\nopen all the time, except while the session is locked or not in front. The sound\nstays in memory and is overwritten. 0s to 2s."},
	{Name: "audio.linger", Choices: []string{"auto"}, Default: "auto", set: func(c *Config, v string) error { return linger(&c.Audio, v) }, Help: "How long the microphone stays open after an utterance, so that the next one begins\nwithout delay. auto: 10s, but 0s for a Bluetooth headset, which plays music in the\nquality of a telephone while its microphone is open. auto, or 0s to 1h."},
	{Name: "audio.gate", Choices: switches, Default: "true", set: func(c *Config, v string) error { return boolean(&c.Audio.Gate, v) }, Help: "Send only recordings with a voice, which may whisper. vocoder does not send clicks,\ntyping, hum and silence, because recognizers invent words for them."},

	{Name: "silence.stop_threshold", Default: "0s", set: func(c *Config, v string) error { return duration(&c.Silence.Stop, v, 0, time.Minute) }, Help: "A recording without a held key (mode toggle, a tap in mode auto, vocoderctl start)\nends after so much silence, and vocoder transcribes it. 0s, for never, to 1m."},
	{Name: "silence.start_threshold", Default: "150ms", set: func(c *Config, v string) error { return duration(&c.Silence.Start, v, 0, 10*time.Second) }, Help: "So much speech, all together, must be in the recording before silence can end it.\n0s to 10s."},
	{Name: "silence.amplitude", Default: "0", set: func(c *Config, v string) error { return number(&c.Silence.Amplitude, v, 0, 1, "0 to 1") }, Help: "A quieter voice does not count. Part of full scale, 0 to 1. 0: every voice counts."},

	{Name: "typing.newline", Choices: []string{"space", "shift-enter", "enter"}, only: true, Default: "space", set: func(c *Config, v string) error { c.Typing.Newline = v; return nil }, Help: "What a line break in the text becomes: space, shift-enter or enter. In a terminal a\nline break runs a command."},
	{Name: "typing.ascii_punctuation", Choices: switches, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Typing.ASCIIPunctuation, v) }, Help: "Type “ ” — … as their ASCII forms."},
	{Name: "typing.space", Choices: []string{"trailing", "smart", "none"}, only: true, Default: "trailing", set: space, Help: "What separates two utterances. trailing: a space after each, but for\nChinese and Japanese. smart: a space before an utterance that needs it after the text\nbefore. none: nothing."},
	{Name: "typing.layout", Home: true, File: true, Choices: []string{"auto", "us"}, Default: "auto", set: func(c *Config, v string) error { return layout(&c.Typing.Layout, v) }, Help: "The layout of the keys. auto: what the desktop says at each text. us: always the\nAmerican layout. A path: a keymap as `xkbcomp :0 -` or `xkbcli dump-keymap` prints it.\nOnly auto notices when you switch to a different layout."},
	{Name: "typing.dead_keys", in: "typing.applications", Choices: []string{"auto", "true", "false"}, Default: "auto", set: func(c *Config, v string) error { return autoOrBool(&c.Typing.DeadKeys, v) }, Help: "Type é as ´ and e if the layout has it no other way. auto: into programs that are\nknown to keep the order. Programs of Qt do not: Más becomes áMs. true: into all\nprograms, except under KDE and while IBus or Fcitx has the keys. false: into none.\nvocoder pastes the text into the others."},
	{Name: "typing.pace", in: "typing.applications", Choices: []string{"auto", "careful", "brisk"}, only: true, Default: "auto", set: func(c *Config, v string) error { c.Typing.Pace = v; return nil }, Help: "careful: 10 ms before and after Shift and other modifiers, which input methods need.\nbrisk: 2 ms, and many keys at a time under sway and X11. auto: careful if GNOME, IBus\nor Fcitx has the keys, or if the desktop is not known."},
	{Name: "typing.paste_chord", in: "typing.applications", Default: "KEY_LEFTSHIFT+KEY_INSERT", set: func(c *Config, v string) error { return keys(&c.Typing.PasteChord, v) }, Help: "The keys that paste, for text that the layout does not have, by their names on an\nAmerican keyboard: on every layout KEY_V is the key that gives v. Shift+Insert works in\nterminals too, where Ctrl+V does not."},
	{Name: "typing.paste_limit", in: "typing.applications", Default: "400", set: func(c *Config, v string) error { return whole(&c.Typing.PasteLimit, v, 0, 8000) }, Help: "Paste longer texts, in characters. 0: paste only what the layout does not have.\n0 to 8000. Programs that mix up what is typed far ahead of them have at most 150: Firefox\nand Thunderbird on Wayland, and programs that the desktop does not tell."},
	{Name: "typing.password_fields", Choices: []string{"desktop", "accessibility"}, only: true, Default: "desktop", set: func(c *Config, v string) error { c.Typing.PasswordFields = v; return nil }, Help: "Who says that a password field has the focus; then vocoder records and types nothing.\ndesktop: GNOME, with vocoder's extension. accessibility: the applications too, through\nAT-SPI, the accessibility bus. This has them do more work for their windows, and some\ntell only after they are started again."},

	{Name: "socket_path", Home: true, File: true, set: func(c *Config, v string) error { c.Socket = v; return nil }, Help: "The control socket. Empty: $XDG_RUNTIME_DIR/vocoder.sock."},
	{Name: "notify", Choices: switches, Default: "true", set: func(c *Config, v string) error { return boolean(&c.Notify, v) }, Help: "Show a notification of the desktop if something went wrong: the microphone is muted,\nor a text is in the clipboard or kept. It never shows what you said."},
	{Name: "overlay", Choices: []string{"on", "off", "words"}, only: true, Default: "words", set: func(c *Config, v string) error { c.Overlay = v; return nil }, Help: "Show on the screen that vocoder listens, how loud the microphone is, and how the\nutterance ended. vocoder-osd draws it above all windows. It never takes the focus, and\nclicks go through it. words: also the words so far, if the recognizer is quick enough;\nthey are asked for while you speak. on: without words. off: nothing is shown."},
	{Name: "overlay_position", Choices: []string{"bottom", "bottom-left", "bottom-right", "top", "top-left", "top-right"}, only: true, Default: "bottom", set: func(c *Config, v string) error { c.OverlayPosition = v; return nil }, Help: "Where the overlay is, on the output with the focus: bottom, bottom-left, bottom-right,\ntop, top-left or top-right."},
	{Name: "overlay_size", Default: "100", set: func(c *Config, v string) error { return whole(&c.OverlaySize, v, 50, 300) }, Help: "How large the overlay is, in percent, in addition to the scale of the output. 50 to\n300."},
	{Name: "tray", Choices: switches, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Tray, v) }, Help: "Show an icon in the panel of the desktop: idle, listening, thinking, problem. Takes\neffect when the daemon starts."},
	{Name: "sounds", Choices: switches, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Sounds, v) }, Help: "Play a short sound when a recording begins and ends, and when nothing is typed. The\nrecording begins after the sound. With audio.pre_roll there is no sound, because\nvocoder would record it."},
	{Name: "debug", Choices: switches, aliases: []string{"DEBUG"}, Default: "false", set: func(c *Config, v string) error { return boolean(&c.Debug, v) }, Help: "Log durations and lengths too. vocoder never logs what you say or type."},
}

// dropped are settings of vocoder 1.0. They have no effect any
// more, for the reason given.
var dropped = map[string]string{
	"audio.sample_rate": "the sound server converts to 16 kHz by itself",
	"audio.channels":    "speech is recorded in mono",
	"typing_tools":      "vocoder types by itself",
}

// Kind returns what a value is, in a word for people, such as DURATION.
func (s Setting) Kind() string {
	switch {
	case s.Name == "key" || s.Name == "cancel_key" || s.Name == "typing.paste_chord":
		return "KEY"
	case s.Name == "whisper_url":
		return "URL"
	case slices.Equal(s.Choices, switches):
		return "BOOL"
	case s.only:
		return "CHOICE"
	case s.list:
		return "LIST"
	case s.Home:
		return "FILE"
	}
	if _, err := strconv.ParseFloat(s.Default, 64); err == nil {
		return "NUMBER"
	}
	if _, err := time.ParseDuration(s.Default); err == nil {
		return "DURATION"
	}
	return "TEXT"
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
	return fmt.Errorf("%s, want %s", quoted(v), strings.Join(choices, ", "))
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
	shown := printable.Line(name, 60)
	if len(name) > 200 { // no name is similar
		return "unknown setting " + shown
	}
	name = printable.Text(name) // what is invisible is not meant
	near := spell.Nearest(name, known, max(len(name)/2, 2))
	for _, k := range known { // the right name in the wrong place
		if strings.HasSuffix(k, "."+name) || strings.HasSuffix(name, "."+k) {
			near = append(near, k)
		}
	}
	if i := slices.IndexFunc(known, func(k string) bool { return strings.HasSuffix(k, "key_file") }); i >= 0 && secretName.MatchString(name) {
		near = []string{known[i]} // which holds the key, and not the settings
	}
	if len(near) == 0 {
		return "unknown setting " + shown
	}
	return "unknown setting " + shown + ": did you mean " + near[0] + "?"
}
