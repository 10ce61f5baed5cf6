package config

import (
	"strings"
	"testing"
)

// TestSecrets: no message repeats a password or an API key of the settings, wherever it
// stands. Messages reach the journal.
func TestSecrets(t *testing.T) {
	const key = "Zq7SECRET81"
	for _, tt := range []struct{ name, file, says string }{
		{"a password in the address", "whisper_url: http://me:" + key + "@127.0.0.1:1/x\nmode: no\n", ""},
		{"on the line of another mistake", "whisper: {language: xx, url: 'http://me:" + key + "@h/'}\n", ""},
		{"an address that is none", "whisper_url: 'http://me:" + key + "/1@h:x/'\n", "whisper_url: "},
		{"a query in an address that is none", "whisper_url: '//h/x://?key=" + key + "'\n", "whisper_url: "},
		{"a password of a proxy", "whisper:\n  proxy: http://me:" + key + "@h:3128\n", "it holds a password"},
		{"a key in place of its file", "whisper:\n  api_key: " + key + "\n", "unknown setting whisper.api_key: did you mean whisper.key_file?"},
		{"in a list", "whisper:\n  - url: http://127.0.0.1:1/\n    api-key: " + key + "\n", "did you mean key_file?"},
		{"in a list on one line", "whisper: [{url: 'http://127.0.0.1:1/', token: " + key + "}]\n", "did you mean key_file?"},
		{"as the key to hold", "key: sk-" + key + "\n", "unknown key"},
		{"a header", "whisper:\n  header: 'Authorization: Bearer " + key + "'\n", "unknown setting whisper.header"},
		{"no YAML", "api_key: '" + key + "\n", ""},
		{"a tab", "whisper:\n\tapi_key: " + key + "\n", "a tab"},
	} {
		_, _, err := Load(Source{File: "f", Text: []byte(tt.file)})
		if tt.name == "a password in the address" { // whisper refuses it, and Fault has the line
			err = Source{File: "f", Text: []byte(tt.file)}.Fault("whisper_url", "it holds a password")
		}
		if err == nil || strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q without the key", tt.name, err, tt.says)
		}
		if text, left, err := Migrate("f", []byte(tt.file), nil); err == nil {
			for _, w := range left {
				if strings.Contains(w.String(), key) {
					t.Errorf("%s: migrate: %s", tt.name, w)
				}
			}
			if _, comment, _ := strings.Cut(text, "# Not taken over"); strings.Contains(comment, key) {
				t.Errorf("%s: migrated: %s", tt.name, text)
			}
		}
	}
	for _, line := range []string{"key_file: /home/me/api-key", "key: KEY_RIGHTCTRL", "whisper_url: http://127.0.0.1:8771/v1/transcribe", "credential: api-key", "prompt: me@example.org"} {
		if got := withoutSecrets(line); got != line {
			t.Errorf("%q is shown as %q", line, got)
		}
	}
}
