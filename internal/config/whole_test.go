package config

import (
	"strings"
	"testing"
)

// TestWhole: the settings file and the environment have whole paths, because the daemon runs
// in another folder than the commands. Config set makes them, and a flag needs none.
func TestWhole(t *testing.T) {
	home := func(name string) (string, bool) { return "/home/me", name == "HOME" }
	for _, tt := range []struct{ name, value, whole string }{
		{"text.vocabulary", "words", "/here/words"},
		{"text.vocabulary", "../words", "/words"},
		{"whisper.key_file", "keys/gpu", "/here/keys/gpu"},
		{"whisper.ca_file", "ca.pem", "/here/ca.pem"},
		{"socket_path", "s", "/here/s"},
		{"text.command", "./fix -n rules", "/here/fix -n rules"},
		{"text.command", "bin/fix", "/here/bin/fix"},
		{"text.vocabulary", "/etc/words", ""},
		{"text.vocabulary", "~/words", ""},
		{"text.vocabulary", "", ""},
		{"text.command", "tr a b", ""},
		{"text.command", "~/fix ./rules", ""},
		{"text.command", "", ""},
		{"typing.layout", "us", ""},
		{"whisper.model", "large/v3", ""},
		{"audio.source", "mic", ""},
	} {
		want := tt.whole
		if want == "" {
			want = tt.value
		}
		if got := Whole(tt.name, tt.value, "/here"); got != want {
			t.Errorf("%s %q: %q, want %q", tt.name, tt.value, got, want)
		}
		file, err := Set(nil, tt.name, tt.value)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := lookup(tt.name)
		env := func(name string) (string, bool) {
			if name == s.Env() {
				return tt.value, true
			}
			return home(name)
		}
		for place, src := range map[string]Source{"file": {File: "f", Text: file, Env: home}, "environment": {Env: env}} {
			_, _, err := Load(src)
			if (err != nil) != (tt.whole != "") || err != nil && !strings.Contains(err.Error(), "want the whole path") {
				t.Errorf("%s %q in the %s: %v", tt.name, tt.value, place, err)
			}
		}
		if _, _, err := Load(Source{Env: home, Flags: map[string]string{tt.name: tt.value}}); err != nil {
			t.Errorf("%s %q as a flag: %v", tt.name, tt.value, err)
		}
	}
	if _, _, err := Load(Source{File: "f", Text: []byte("whisper:\n  - url: http://127.0.0.1:1/\n    key_file: key\n")}); err == nil || !strings.Contains(err.Error(), `f:3:15: whisper: key_file: "key", want the whole path`) {
		t.Errorf("in a list: %v", err)
	}
}
