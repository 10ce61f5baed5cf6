package config

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSet(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"no file", "", "key: KEY_F13\n"},
		{"changed in its place", "# mine\nmode: auto\nkey: KEY_F1 # old\naudio:\n  tail: 1s\n", "# mine\nmode: auto\nkey: KEY_F13 # old\naudio:\n  tail: 1s\n"},
		{"added at the end", "mode: auto", "mode: auto\nkey: KEY_F13\n"},
		{"added after a line break", "mode: auto\n", "mode: auto\nkey: KEY_F13\n"},
		{"only a comment", "# nothing yet\n", "# nothing yet\nkey: KEY_F13\n"},
		{"empty", "key:\n", "key: KEY_F13\n"},
		{"a comment after quotes", "key: \"KEY_F1\" \t # \"old\" # too\n", "key: KEY_F13 \t # \"old\" # too\n"},
		{"a comment after nothing", "key: # old\nmode: auto\n", "key: KEY_F13 # old\nmode: auto\n"},
		{"no comment", "key: KEY_F1\n# mode\nmode: auto\n", "key: KEY_F13\n# mode\nmode: auto\n"},
		{"line ends of Windows", "mode: auto\r\nkey: KEY_F1 # old\r\ntray: true\r\n", "mode: auto\r\nkey: KEY_F13 # old\r\ntray: true\r\n"},
		{"added with line ends of Windows", "mode: auto\r\n", "mode: auto\r\nkey: KEY_F13\r\n"},
	} {
		got, err := Set([]byte(tt.in), "key", "KEY_F13")
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
		c, _, err := load(string(got))
		if err != nil || len(c.Bindings[0].Keys) != 1 || c.Bindings[0].Keys[0] != 183 {
			t.Errorf("%s: it does not load: %v", tt.name, err)
		}
	}
	if _, err := Set([]byte("bindings:\n- key: KEY_F1\n"), "key", "KEY_F13"); err == nil || !strings.Contains(err.Error(), "list bindings") {
		t.Errorf("bindings: %v", err)
	}
}

// Set refuses to change what a list of keys or recognizers has. It changes the rest.
func TestSetAndLists(t *testing.T) {
	const text = "bindings:\n- key: KEY_F1\nwhisper:\n- url: http://127.0.0.1:1/a\ntray: false\n"
	for name, inList := range map[string]bool{"key": true, "mode": true, "whisper_url": true, "whisper.model": true, "tray": false, "min_hold": false} {
		if got, err := Set([]byte(text), name, "x"); inList != (err != nil) {
			t.Errorf("%s: %v, %q", name, err, got)
		}
	}
}

// A setting of a group is changed in its place or added to the group, and reads
// back as it was given.
func TestSetInGroup(t *testing.T) {
	for _, tt := range []struct{ name, in, value, want string }{
		{"no group", "key: KEY_F1\n", "Mic", "key: KEY_F1\naudio:\n  source: Mic\n"},
		{"added", "audio:\n    # mine\n    tail: 1s\n", "Mic", "audio:\n    source: Mic\n    # mine\n    tail: 1s\n"},
		{"changed", "audio:\n  tail: 1s\n  source: old # x\n", "Mic", "audio:\n  tail: 1s\n  source: Mic # x\n"},
		{"emptied", "audio:\n  source: old\n", "", "audio:\n  source: \"\"\n"},
		{"like another type", "audio:\n", "true", "audio:\n  source: \"true\"\n"},
		{"after bindings", "bindings:\n- key: KEY_F1\n", "a: #b", "bindings:\n- key: KEY_F1\naudio:\n  source: \"a: #b\"\n"},
		{"after bindings, changed", "bindings:\n- key: KEY_F1\naudio:\n  source: old\n", "Mic", "bindings:\n- key: KEY_F1\naudio:\n  source: Mic\n"},
	} {
		got, err := Set([]byte(tt.in), "audio.source", tt.value)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
		if c, _, err := load(string(got)); err != nil || c.Audio.Source != tt.value {
			t.Errorf("%s: reads as %q, %v", tt.name, c.Audio.Source, err)
		}
	}
	for _, in := range []string{"audio: {source: old}\n", "audio: {}\n", "audio: loud\n", "audio:\n  source:\n    old\n"} {
		if got, err := Set([]byte(in), "audio.source", "Mic"); err == nil {
			t.Errorf("%q became %q", in, got)
		}
	}
}

// FuzzSet checks that Load reads the changed setting, and that the others are the same.
func FuzzSet(f *testing.F) {
	f.Add("audio:\n  tail: 1s\n", "audio.source", "Mic")
	f.Add("key: KEY_F1\n", "whisper.prompt", "a: #b")
	f.Add("audio:\n  source: |\n    x\n", "audio.source", "\n")
	f.Fuzz(func(t *testing.T, text, name, value string) {
		if name != "audio.source" && name != "whisper.prompt" && name != "device" || !utf8.ValidString(value) {
			return
		}
		was, _, err := load(text)
		if err != nil {
			return
		}
		now, err := Set([]byte(text), name, value)
		if err != nil {
			return
		}
		c, _, err := load(string(now))
		if err != nil {
			t.Fatalf("%q: %v", now, err)
		}
		switch name {
		case "audio.source":
			was.Audio.Source = value
		case "whisper.prompt":
			was.Whisper[0].Prompt = value
		case "device":
			was.Bindings[0].Device = value
		}
		if !reflect.DeepEqual(was, c) {
			t.Errorf("%q became %q:\n%+v\n%+v", text, now, was, c)
		}
	})
}
