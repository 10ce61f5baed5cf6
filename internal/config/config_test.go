package config

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

func load(text string) (Config, []Warning, error) {
	return Load(Source{File: "vocoder.yaml", Text: []byte(text)})
}

func TestDefault(t *testing.T) {
	c, warnings, err := load("")
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if !slices.Equal(c.Bindings[0].Keys, []key.Code{97}) || c.Whisper[0].URL != "http://127.0.0.1:8771/v1/transcribe" ||
		c.Audio.Tail != 400*time.Millisecond || c.MaxDuration != 2*time.Minute {
		t.Errorf("%+v", c)
	}
}

// Each choice of a setting can be used, and its help has it. The error of a wrong value
// names the choices.
func TestChoices(t *testing.T) {
	for _, s := range Settings() {
		for _, v := range s.Choices {
			if _, _, err := Load(Source{Flags: map[string]string{s.Name: v}}); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
			if len(s.Choices) > 2 && !strings.Contains(s.Help, v) {
				t.Errorf("the help of %s lacks %s", s.Name, v)
			}
		}
		if _, _, err := Load(Source{Flags: map[string]string{s.Name: "\u2022"}}); err != nil && len(s.Choices) > 0 && !strings.Contains(err.Error(), s.Choices[0]) {
			t.Errorf("%s: %v, want the choices %q", s.Name, err, s.Choices)
		}
	}
}

// vocoder reads the settings file of the program that it replaces.
func TestPredecessor(t *testing.T) {
	c, warnings, err := load(`
whisper_url: http://127.0.0.1:8771/v1/transcribe
audio:
  sample_rate: 48000
  channels: 1
  gain_db: 15
silence:
  start_threshold: 0.5
  stop_threshold: 2.0
  amplitude: 0.01
max_duration: 30
typing_tools: [ydotool, wtype]
socket_path: /run/user/1000/vocoder.sock
`)
	if err != nil {
		t.Fatal(err)
	}
	if (c.Silence != Silence{500 * time.Millisecond, 2 * time.Second, .01}) || c.MaxDuration != 30*time.Second || c.Audio.GainDB != 15 || c.Socket != "/run/user/1000/vocoder.sock" {
		t.Errorf("%+v", c)
	}
	var got []string
	for _, w := range warnings {
		place, _, _ := strings.Cut(w.String(), " ")
		got = append(got, place)
	}
	want := []string{"vocoder.yaml:4:3:", "vocoder.yaml:5:3:", "vocoder.yaml:12:1:"}
	if !slices.Equal(got, want) {
		t.Errorf("warnings at %q, want %q", got, want)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"typo", "audio:\n  tial: 200ms\n", "vocoder.yaml:2:3: unknown setting audio.tial: did you mean audio.tail?\n\ttial: 200ms"},
		{"wrong place", "tail: 1s\n", "vocoder.yaml:1:1: unknown setting tail: did you mean audio.tail?"},
		{"nothing near", "zzzzzzzz: 1\n", "vocoder.yaml:1:1: unknown setting zzzzzzzz\n\tzzzzzzzz: 1"},
		{"type", "\nmax_duration: soon\n", `vocoder.yaml:2:15: max_duration: "soon", want a duration`},
		{"range", "max_duration: 2h\n", "vocoder.yaml:1:15: max_duration: 2h0m0s, want 1s to 1h0m0s"},
		{"key", "key: F13\n", `vocoder.yaml:1:6: key: unknown key "F13": did you mean KEY_F13?`},
		{"chord", "key: KEY_A+KEY_A\n", "KEY_A twice in one chord"},
		{"no key", "key:\n", "vocoder.yaml:1:6: key: want a key such as KEY_RIGHTCTRL or KEY_F13\n\tkey:"},
		{"choice", "mode: held\n", `mode: "held", want hold, toggle, auto`},
		{"list for scalar", "key: [KEY_F13]\n", "vocoder.yaml:1:6: key: want one value"},
		{"scalar for group", "audio: loud\n", "vocoder.yaml:1:8: want settings, each as NAME: VALUE"},
		{"yaml", "key: 'KEY_F13\n", "vocoder.yaml:1:6: "},
		{"twice", "key: KEY_F13\nkey: KEY_F14\n", "vocoder.yaml:2:1: "},
		{"second document", "key: KEY_F13\n---\nkey: KEY_F14\n", "vocoder.yaml:3:"},
		{"bindings", "bindings:\n  - key: KEY_F13\n    mod: hold\n", "vocoder.yaml:3:5: unknown setting mod: did you mean mode?"},
		{"applications", "typing:\n  applications:\n    - app: foot\n      pase: brisk\n", "vocoder.yaml:4:7: unknown setting pase: did you mean pace?"},
		{"application without a name", "typing:\n  applications:\n    - pace: brisk\n", "an entry without app"},
		{"application with dead keys of no kind", "typing:\n  applications:\n    - app: foot\n      dead_keys: often\n", "vocoder.yaml:4:18: typing.applications: dead_keys: \"often\", want auto, true or false"},
		{"application at a bad pace", "typing:\n  applications:\n    - app: foot\n      pace: fast\n", "vocoder.yaml:4:13: typing.applications: pace: \"fast\", want auto, careful, brisk"},
		{"binding without key", "bindings:\n  - mode: hold\n", "an entry without key"},
		{"binding with an empty key", "bindings:\n  - key: ''\n", "vocoder.yaml:2:10: bindings: key: want a key such as"},
		{"part", "silence: {amplitude: 2}\n", `silence.amplitude: "2", want 0 to 1`},
		{"url", "whisper_url: localhost\n", `"localhost", want a URL`},
		{"list and url", "whisper_url: http://127.0.0.1:1/a\nwhisper:\n  - url: http://127.0.0.1:1/b\n", "vocoder.yaml:2:1: whisper: want either one recognizer"},
		{"url after a list", "whisper:\n  - url: http://127.0.0.1:1/b\nwhisper_url: http://127.0.0.1:1/a\n", "vocoder.yaml:3:1: whisper: want either one recognizer"},
		{"no binding", "bindings: []\n", "vocoder.yaml:1:11: bindings: want a list, each entry beginning with - key:"},
		{"empty list", "whisper: []\n", "vocoder.yaml:1:1: whisper: want either one recognizer"},
		{"recognizer without url", "whisper:\n  - model: small\n", "an entry without url"},
		{"typo in a recognizer", "whisper:\n  - url: http://127.0.0.1:1/b\n    modell: x\n", "vocoder.yaml:3:5: unknown setting modell: did you mean model?"},
		{"list in a scalar's place", "text:\n  vocabulary: [a]\n", "vocoder.yaml:2:15: text.vocabulary: want one value"},
		{"list of lists", "text:\n  command: [[a]]\n", "text.command: want one value"},
		{"proxy with a password", "whisper:\n  proxy: http://me:secret@proxy:1\n", "whisper.proxy: it holds a password"},
		{"credential elsewhere", "whisper:\n  credential: ../key\n", "want a name without /"},
		{"unknown punctuation", "text:\n  punctuation: la\n", `"la", want off, on, en`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := load(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v\nwant %s", err, tt.want)
			}
			if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("%T is not an *Error", err)
			}
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	_, _, err := load("mode: held\naudio:\n  tial: 1s\n")
	if err == nil || strings.Count(err.Error(), "vocoder.yaml:") != 2 {
		t.Errorf("%v, want both errors", err)
	}
}

func TestPrecedence(t *testing.T) {
	vars := map[string]string{"WHISPER_URL": "http://127.0.0.1:1/env", "VOCODER_AUDIO_TAIL": "300ms", "VOCODER_MIN_HOLD": "1s", "DEBUG": "1"}
	c, _, err := Load(Source{
		File:  "f",
		Text:  []byte("whisper_url: http://127.0.0.1:1/file\nmin_hold: 2s\ntap: 1s\n"),
		Env:   func(name string) (string, bool) { v, ok := vars[name]; return v, ok },
		Flags: map[string]string{"min_hold": "3s"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Whisper[0].URL != "http://127.0.0.1:1/env" || c.Audio.Tail != 300*time.Millisecond || c.MinHold != 3*time.Second || c.Tap != time.Second || !c.Debug {
		t.Errorf("%+v", c)
	}
}

func TestBadEnvironmentAndFlag(t *testing.T) {
	_, _, err := Load(Source{
		Env:   func(name string) (string, bool) { return "loud", name == "VOCODER_MAX_DURATION" },
		Flags: map[string]string{"audio.tail": "x"},
	})
	for _, want := range []string{"environment VOCODER_MAX_DURATION: ", "--audio-tail: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A list of recognizers keeps its order, and each entry has its own settings.
func TestRecognizers(t *testing.T) {
	const text = `
whisper:
  - url: https://gpu.example/v1/audio/transcriptions
    dialect: openai
    model: large-v3
    key_file: /k
    phrases: ["Thanks, bye.", "Untertitel"]
    owners: [bob, 1001]
    proxy: environment
  - url: http://127.0.0.1:1/b
    language: auto
    task: translate
`
	vars := map[string]string{}
	src := Source{File: "f", Text: []byte(text), Flags: map[string]string{}, Env: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }}
	c, _, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	want := []Whisper{
		{URL: "https://gpu.example/v1/audio/transcriptions", Dialect: "openai", Language: "locale", Model: "large-v3", KeyFile: "/k",
			Phrases: []string{"Thanks, bye.", "Untertitel"}, Owners: []string{"bob", "1001"}, Proxy: "environment", Task: "transcribe"},
		{URL: "http://127.0.0.1:1/b", Language: "auto", Proxy: "none", Task: "translate"},
	}
	if !reflect.DeepEqual(c.Whisper, want) {
		t.Errorf("%+v\nwant %+v", c.Whisper, want)
	}
	vars["VOCODER_WHISPER_LANGUAGE"] = "de"
	if c, _, err = Load(src); err != nil || c.Whisper[0].Language != "de" || c.Whisper[1].Language != "de" || c.Whisper[0].Model != "large-v3" {
		t.Errorf("%+v, %v, want German asked of both", c.Whisper, err)
	}
	src.Flags["whisper_url"] = "http://127.0.0.1:1/c"
	if c, _, err = Load(src); err != nil || len(c.Whisper) != 1 || c.Whisper[0].URL != "http://127.0.0.1:1/c" || c.Whisper[0].Model != "" {
		t.Errorf("%+v, %v, want that of the flag alone", c.Whisper, err)
	}
}

// An address from elsewhere takes the place of a list of one recognizer too. An empty
// list of keys is an error, whatever the environment says.
func TestOverriddenLists(t *testing.T) {
	src := Source{File: "f", Text: []byte("whisper:\n  - url: http://127.0.0.1:1/a\n    model: x\n"), Flags: map[string]string{"whisper_url": "http://127.0.0.1:1/b"}}
	if c, _, err := Load(src); err != nil || c.Whisper[0].URL != "http://127.0.0.1:1/b" || c.Whisper[0].Model != "" {
		t.Errorf("%+v, %v", c.Whisper, err)
	}
	src = Source{File: "f", Text: []byte("bindings:\n"), Flags: map[string]string{"key": "KEY_F5"}}
	if _, _, err := Load(src); err == nil || !strings.Contains(err.Error(), "f:1:11: bindings: want a list") {
		t.Error(err)
	}
}

func TestLists(t *testing.T) {
	c, _, err := load("text:\n  command: [sed, 's/a, b/c/', \"\"]\n")
	if err != nil || !slices.Equal(c.Text.Command, []string{"sed", "s/a, b/c/", ""}) {
		t.Errorf("%q, %v", c.Text.Command, err)
	}
	c, _, err = Load(Source{Flags: map[string]string{"text.command": "tr a-z  A-Z", "whisper.phrases": "Thank you, Bye"}})
	if err != nil || !slices.Equal(c.Text.Command, []string{"tr", "a-z", "A-Z"}) || len(c.Whisper[0].Phrases) != 2 {
		t.Errorf("%q, %q, %v", c.Text.Command, c.Whisper[0].Phrases, err)
	}
}

func TestBindings(t *testing.T) {
	c, _, err := load("bindings:\n  - key: KEY_F13\n    device: 05f3:00ff\n    grab: yes\n  - key: KEY_LEFTMETA + KEY_F9\n    mode: toggle\n    language: de\n")
	if err != nil {
		t.Fatal(err)
	}
	b := c.Bindings
	if len(b) != 2 || b[0].Device != "05f3:00ff" || !b[0].Grab || b[0].Mode != "hold" || len(b[1].Keys) != 2 || b[1].Mode != "toggle" || b[1].Language != "de" {
		t.Errorf("%+v", b)
	}
}

// The files in packaging are those that this package writes.
func TestShipped(t *testing.T) {
	for name, want := range map[string]string{"vocoder.yaml": Reference(), "vocoder.yaml.5": manual()} {
		shipped := "../../packaging/" + name
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(shipped, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(shipped)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != want {
			t.Errorf("%s is out of date; UPDATE=1 go test ./internal/config writes it", shipped)
		}
	}
}

// The reference file names every setting with its default.
func TestReference(t *testing.T) {
	c, warnings, err := load(Reference())
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	if d := Default(); !reflect.DeepEqual(c, d) {
		t.Errorf("the reference file is not the default:\n%+v\n%+v", c, d)
	}
	for _, s := range Settings() {
		if s.Help == "" {
			t.Errorf("%s says nothing", s.Name)
		}
	}
}

// FuzzLoad checks that any file gives settings or an error that names a place.
func FuzzLoad(f *testing.F) {
	f.Add(Reference())
	f.Add("bindings:\n  - key: KEY_F13\n    mod: hold\n")
	f.Add("a: &a [*a]\n? x\n: - y\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, _, err := load(text)
		if err == nil && len(c.Bindings) == 0 {
			t.Error("no binding and no error")
		}
		if err != nil && !strings.HasPrefix(err.Error(), "vocoder.yaml") {
			t.Errorf("no place in %q", err)
		}
	})
}

// The settings of an application override those of Typing.
func TestFor(t *testing.T) {
	c, _, err := load("typing:\n  pace: brisk\n  applications:\n    - app: emacs\n      paste_chord: KEY_LEFTCTRL+KEY_Y\n      dead_keys: false\n")
	if err != nil {
		t.Fatal(err)
	}
	got := c.Typing.For("emacs")
	if got.Pace != "brisk" || got.DeadKeys != "false" || !slices.Equal(got.PasteChord, []key.Code{29, 21}) {
		t.Errorf("emacs: %+v", got)
	}
	for _, other := range []string{"foot", ""} {
		if got := c.Typing.For(other); !reflect.DeepEqual(got, c.Typing) {
			t.Errorf("%q: %+v", other, got)
		}
	}
}

// An entry of an application has a limit of its own, also none, and says whether to paste.
func TestForPaste(t *testing.T) {
	c, _, err := load("typing:\n  paste_limit: 300\n  applications:\n    - app: firefox\n      paste_limit: 0\n    - app: kate\n      paste: always\n    - app: foot\n      paste_limit: 2000\n      paste: never\n")
	if err != nil {
		t.Fatal(err)
	}
	for app, want := range map[string]Typing{
		"firefox": {OwnLimit: true}, "kate": {PasteLimit: 300, Paste: "always"},
		"foot": {PasteLimit: 2000, OwnLimit: true, Paste: "never"}, "xterm": {PasteLimit: 300}, "": {PasteLimit: 300},
	} {
		got := c.Typing.For(app)
		if got.PasteLimit != want.PasteLimit || got.OwnLimit != want.OwnLimit || got.Paste != want.Paste {
			t.Errorf("%q: %+v, want %+v", app, got, want)
		}
	}
	for _, bad := range []string{"paste: often", "paste_limit: 9000", "paste_limit: many"} {
		if _, _, err := load("typing:\n  applications:\n    - app: foot\n      " + bad + "\n"); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// TestLanguage tests languages in the file, in a list of bindings, in the environment and
// as a flag.
func TestLanguage(t *testing.T) {
	for value, want := range map[string]string{
		"locale": "locale", "Layout": "layout", "auto": "auto", "AUTO": "auto", "EN": "en", "en-US": "en", "zh-Hans": "zh", "no": "no",
		"[de, en]": "de,en", "[de-AT]": "de", "\n    - es\n    - en-GB": "es,en", "de, en": "de,en", "spanish": "es",
	} {
		c, _, err := load("whisper:\n  language: " + value + "\n")
		if err != nil || c.Whisper[0].Language != want {
			t.Errorf("language: %s is read as %q, %v, want %q", value, c.Whisper[0].Language, err, want)
		}
	}
	c, _, err := load("bindings:\n  - key: KEY_F13\n    language: [de, en]\n  - key: KEY_F14\n    language: layout\n  - key: KEY_F15\n")
	if err != nil || c.Bindings[0].Language != "de,en" || c.Bindings[1].Language != "layout" || c.Bindings[2].Language != "" {
		t.Errorf("bindings %+v, %v", c.Bindings, err)
	}
	if _, _, err := load("bindings:\n  - key: [KEY_F13]\n"); err == nil {
		t.Error("a list is taken for a key")
	}
	for _, value := range []string{"klingonisch", "[de, xx]", "[auto, de]", "[]", `""`, "{de: en}", "[[de]]"} {
		if c, _, err := load("whisper:\n  language: " + value + "\n"); err == nil || !strings.Contains(err.Error(), "vocoder.yaml:2:") {
			t.Errorf("language: %s is read as %q, error %v", value, c.Whisper[0].Language, err)
		}
	}
	vars := map[string]string{"VOCODER_WHISPER_LANGUAGE": "de,en"}
	src := Source{Env: func(name string) (string, bool) { v, is := vars[name]; return v, is }}
	if c, _, err = Load(src); err != nil || c.Whisper[0].Language != "de,en" {
		t.Errorf("the environment gives %q, %v", c.Whisper[0].Language, err)
	}
	src.Flags = map[string]string{"whisper.language": "ES"}
	if c, _, err = Load(src); err != nil || c.Whisper[0].Language != "es" {
		t.Errorf("a flag gives %q, %v", c.Whisper[0].Language, err)
	}
}
