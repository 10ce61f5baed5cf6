package config

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// predecessor is a whole file of vocoder 1.0.
const predecessor = `# my dictation
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
`

func TestMigrate(t *testing.T) {
	want := Default()
	want.Whisper[0].URL = "http://127.0.0.1:8771/v1/transcribe"
	want.Audio.GainDB = 15
	want.Silence = Silence{500 * time.Millisecond, 2 * time.Second, .01}
	want.MaxDuration = 30 * time.Second
	want.Socket = "/run/user/1000/vocoder.sock"
	for _, tt := range []struct {
		name, text string
		want       func(*Config)
		left       []string // the beginning of each warning
	}{
		{"as it was shipped", predecessor, func(c *Config) { *c = want },
			[]string{"old.yaml:4:3: audio.sample_rate: 48000: the sound server converts", "old.yaml:5:3: audio.channels: 1: ", "old.yaml:12:1: typing_tools: [ydotool, wtype]: "}},
		{"empty", "", func(*Config) {}, nil},
		{"only comments", "# nothing\n", func(*Config) {}, nil},
		{"in one line", "audio: {gain_db: 6, sample_rate: 16000}", func(c *Config) { c.Audio.GainDB = 6 }, []string{"old.yaml:1:21: audio.sample_rate: 16000: "}},
		{"quoted, with a unit", "max_duration: \"45\"\nsilence:\n  stop_threshold: '1500ms'\n", func(c *Config) { c.MaxDuration = 45 * time.Second; c.Silence.Stop = 1500 * time.Millisecond }, nil},
		{"a longer recording than may be", "max_duration: 7200\n", func(*Config) {}, []string{"old.yaml:1:1: max_duration: 7200: 2h0m0s, want 1s to 1h0m0s"}},
		{"loudness in samples", "silence:\n  amplitude: 300\n", func(*Config) {}, []string{`old.yaml:2:3: silence.amplitude: 300: "300", want 0 to 1`}},
		{"no key at all", "key:\nmax_duration: 30\n", func(c *Config) { c.MaxDuration = 30 * time.Second }, []string{"old.yaml:1:1: key: : want a key such as KEY_RIGHTCTRL or KEY_F13"}},
		{"a typo", "max_durration: 30\n", func(*Config) {}, []string{"old.yaml:1:1: max_durration: 30: unknown setting max_durration: did you mean max_duration?"}},
		{"a group that is none", "audio: loud\nwhisper_url: http://127.0.0.1:1/x\n", func(c *Config) { c.Whisper[0].URL = "http://127.0.0.1:1/x" }, []string{"old.yaml:1:1: audio: loud: "}},
		{"tools one a line", "typing_tools:\n  - ydotool\n  - wtype\n", func(*Config) {}, []string{"old.yaml:1:1: typing_tools: - ydotool - wtype: "}},
		{"with windows line ends", strings.ReplaceAll("max_duration: 30\r\naudio:\r\n  gain_db: 3\r\n", "", ""), func(c *Config) { c.MaxDuration = 30 * time.Second; c.Audio.GainDB = 3 }, nil},
		{"ours in part", "bindings:\n  - key: KEY_F13\n    mode: toggle\nmax_duration: 30\n", func(c *Config) {
			c.Bindings = []Binding{{Keys: c.Bindings[0].Keys, Mode: "toggle"}}
			c.Bindings[0].Keys = []key.Code{183}
			c.MaxDuration = 30 * time.Second
		}, nil},
		{"a list with a mistake", "bindings:\n  - kee: KEY_F13\n", func(*Config) {}, []string{"old.yaml:1:1: bindings: - kee: KEY_F13: "}},
		{"a map where a value is due", "max_duration:\n  value: 3\n", func(*Config) {}, []string{"old.yaml:1:1: max_duration: value: 3: "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, left, err := Migrate("old.yaml", []byte(tt.text), nil)
			if err != nil {
				t.Fatal(err)
			}
			got, warnings, err := load(out)
			if err != nil || len(warnings) > 0 {
				t.Fatalf("%v, %v in\n%s", err, warnings, out)
			}
			want := Default()
			tt.want(&want)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v\nfrom\n%s", got, want, out)
			}
			if len(left) != len(tt.left) {
				t.Fatalf("left out: %v, want %q", left, tt.left)
			}
			for i, w := range left {
				if !strings.HasPrefix(w.String(), tt.left[i]) || !strings.Contains(out, "# "+oneLine(w.String())) {
					t.Errorf("%s\nwant %s, and to be in\n%s", w, tt.left[i], out)
				}
			}
		})
	}
}

// The errors of Migrate have a line.
func TestMigrateErrors(t *testing.T) {
	for text, want := range map[string]string{
		"audio:\n  gain_db: 'x\n":            "old.yaml:2:12: ",
		"max_duration: 3\nmax_duration: 4\n": "old.yaml:2:1: ",
		"just text\n":                        "old.yaml:1:1: ",
		"- a\n- b\n":                         "old.yaml:1:1: ",
		"tap: 1s\n---\ntap: 2s\n":            "old.yaml:3:4: ",
		"a: b\n\tc: d\n":                     "old.yaml:2:",
	} {
		if _, _, err := Migrate("old.yaml", []byte(text), nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

var placed = regexp.MustCompile(`^vocoder\.yaml:\d+:\d+: `)

// FuzzMigrate checks that Migrate writes a settings file without mistakes, that it
// mentions everything that it leaves out, and that errors and warnings have a line.
func FuzzMigrate(f *testing.F) {
	f.Add(predecessor)
	f.Add(Reference())
	f.Add("audio: {gain_db: 6}\nbindings: [{key: KEY_F13}]\nwhisper: [{url: http://127.0.0.1/}]\n")
	f.Add("a: &a [*a]\n? x\n: - y\n")
	f.Add("max_duration: |\n  30\n---\nx: y\n")
	f.Fuzz(func(t *testing.T, text string) {
		out, left, err := Migrate("vocoder.yaml", []byte(text), nil)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "\t") && !placed.MatchString(line) && strings.HasPrefix(line, "vocoder.yaml") {
					t.Errorf("no line in %q", line)
				}
			}
			return
		}
		for _, w := range left {
			if !placed.MatchString(w.String()) || !strings.Contains(out, oneLine(w.String())) {
				t.Errorf("%q is unsaid or has no line", w)
			}
		}
		if _, warnings, err := load(out); err != nil || len(warnings) > 0 {
			t.Errorf("%q became %q: %v %v", text, out, err, warnings)
		}
		all, _, _ := parse([]byte(text))
		for _, e := range all {
			if e.isGroup() {
				continue
			}
			last := e.name[strings.LastIndex(e.name, ".")+1:]
			if !strings.Contains(out, oneLine(last)) {
				t.Errorf("%s of %q is not in %q", e.name, text, out)
			}
		}
	})
}

// Show returns a file that means the same as all sources together.
func TestShow(t *testing.T) {
	vars := map[string]string{"MAX_DURATION": "30", "VOCODER_TEXT_COMMAND": "tr a b", "VOCODER_WHISPER_LANGUAGE": "de", "VOCODER_GRAB": "yes"}
	for _, text := range []string{
		"whisper:\n  - url: http://127.0.0.1:1/a\n    language: en\n  - url: https://example.org/b\n",
		"", predecessorOwn, Reference(),
		"mode: auto\nbindings:\n  - key: KEY_F13\n  - key: KEY_F14\n    language: de\n",
		"bindings:\n  - key: KEY_F13\n  - key: KEY_F14\nmode: toggle\n",
		"whisper:\n  - url: http://127.0.0.1:1/a\n    model: x\n  - url: https://example.org/b\n",
		"whisper:\n  - url: http://127.0.0.1:1/a\n    model: x\n",
		"typing:\n  applications:\n    - app: foot\n      pace: brisk\n  newline: enter\n",
		"whisper:\n  phrases: [a, 'b, c', \"d\"]\ntext:\n  command: [tr, a, b c]\n",
	} {
		src := Source{File: "v.yaml", Text: []byte(text), Flags: map[string]string{"audio.tail": "1s"},
			Env: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }}
		want, _, err := Load(src)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Show(src)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := load(out)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v\ngot  %+v\nwant %+v\nfrom\n%s", err, got, want, out)
		}
		for _, from := range []string{"# environment MAX_DURATION\nmax_duration: 30", "  # --audio-tail\n  tail: 1s", "# default\nmin_hold: 200ms"} {
			if !strings.Contains(out, from) && !strings.Contains(text, "min_hold") {
				t.Errorf("%q is not in\n%s", from, out)
			}
		}
	}
	if _, err := Show(Source{File: "v.yaml", Text: []byte("tial: 1s\n")}); err == nil {
		t.Error("Show accepts a mistake in the settings")
	}
}

// predecessorOwn has the settings of predecessor that have an effect.
const predecessorOwn = "audio:\n  gain_db: 15\nsilence:\n  stop_threshold: 2.0\n"
