package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/environ"
)

// wrongSettings are settings files with a mistake, and where and what it is.
var wrongSettings = []struct{ name, settings, want string }{
	{"typo", "keyy: KEY_F13\n", "vocoder.yaml:1:1: unknown setting keyy: did you mean key?"},
	{"no key", "key:\n", "vocoder.yaml:1:"},
	{"a letter", "key: KEY_Q\n", "vocoder.yaml:1:6: key: bind KEY_Q"},
	{"a letter second", "bindings:\n  - key: KEY_F13\n  - key: KEY_Q\n", "vocoder.yaml:3:10: key: bind KEY_Q"},
	{"a binding without a key", "bindings:\n  - mode: hold\n", "vocoder.yaml:2:9: bindings: an entry without key"},
	{"a key twice", "bindings:\n  - key: KEY_F13\n  - key: KEY_F13\n", "vocoder.yaml:3:10: key: another entry"},
	{"a letter cancels", "cancel_key: KEY_Q\n", "vocoder.yaml:1:13: cancel_key: bind KEY_Q"},
	{"the key cancels itself", "key: KEY_F13\ncancel_key: KEY_F13\n", "vocoder.yaml:2:13: cancel_key: it is a key to hold"},
	{"a letter pastes", "typing:\n  paste_chord: KEY_Q\n", "vocoder.yaml:2:16: typing.paste_chord: KEY_Q writes"},
	{"Shift and a letter paste", "typing:\n  paste_chord: KEY_LEFTSHIFT+KEY_V\n", "typing.paste_chord: KEY_LEFTSHIFT+KEY_V writes"},
	{"a modifier pastes", "typing:\n  paste_chord: KEY_LEFTCTRL\n", "typing.paste_chord: KEY_LEFTCTRL has no key after the modifiers"},
	{"nothing pastes", "typing:\n  paste_chord: ''\n", "vocoder.yaml:2:16: typing.paste_chord: want a chord"},
	{"a letter pastes into one application", "typing:\n  applications:\n    - app: a\n    - app: b\n      paste_chord: KEY_ENTER\n", "vocoder.yaml:5:20: typing.paste_chord: KEY_ENTER writes"},
	{"no such program", "text:\n  command: [/nonexistent]\n", "vocoder.yaml:2:12: text.command: "},
	{"no such program in the path", "text:\n  command: vocoder-no-such-program -x\n", "text.command: exec: \"vocoder-no-such-program\": executable file not found"},
	{"no such program at home", "text:\n  command: [~/no-such-program]\n", "text.command: "},
	{"nothing is recorded", "min_hold: 5s\nmax_duration: 1s\n", "vocoder.yaml:1:11: min_hold: "},
	{"socket with a long path", "socket_path: /tmp/" + strings.Repeat("a", 200) + "\n", "vocoder.yaml:1:14: socket_path: a path of 205 bytes, want at most 107"},
	{"socket in no folder", "socket_path: /nonexistent/s\n", "vocoder.yaml:1:14: socket_path: its folder cannot be used"},
	{"no vocabulary", "text:\n  vocabulary: ~/words\n", "vocoder.yaml:2:15: text.vocabulary: open "},
	{"no layout", "typing:\n  layout: /nope\n", "vocoder.yaml:2:11: typing.layout: "},
	{"scheme", "whisper_url: ftp://x\n", "vocoder.yaml:1:14: whisper_url: "},
	{"speech in the clear", "whisper_url: http://gpu.example/\n", "vocoder.yaml:1:14: whisper_url: "},
	{"second recognizer in the clear", "whisper:\n  - url: http://127.0.0.1:2/x\n  - url: http://gpu/x\n", "vocoder.yaml:3:10: whisper_url: "},
	{"dialect of the second recognizer", "whisper:\n  - url: http://127.0.0.1:2/x\n  - url: http://127.0.0.1:3/x\n    dialect: klingon\n", "vocoder.yaml:4:14: whisper.dialect: "},
	{"owner of the second recognizer", "whisper:\n  - url: http://127.0.0.1:2/x\n  - url: http://127.0.0.1:3/x\n    owners: [no-such-user]\n", "vocoder.yaml:4:13: whisper.owners: "},
	{"key file", "whisper:\n  key_file: ~/key\n", "vocoder.yaml:2:13: whisper.key_file: "},
	{"certificates", "whisper:\n  ca_file: /etc/passwd\n", "vocoder.yaml:2:12: whisper.ca_file: "},
	{"Latin-1", "audio:\n  source: M\xfcller\n", "vocoder.yaml:2:12: a byte that is not UTF-8"},
	{"anchor", "audio:\n  source: &m USB Mic\n", "vocoder.yaml:2:11: "},
}

// TestOneValidation: config check, run, doctor and setup find the same mistakes at the same
// places, and none of them writes or starts anything.
func TestOneValidation(t *testing.T) {
	setup := []string{"setup", "--key", "keep", "--microphone", "default", "--recogniser", "keep", "--start", "no"}
	for _, tt := range wrongSettings {
		t.Run(tt.name, func(t *testing.T) {
			for _, args := range [][]string{{"config", "check"}, {"run"}, setup} {
				status, stdout, stderr := call(t, tt.settings, "", args...)
				if status != exitConfig || stdout != "" || !strings.Contains(stderr, tt.want) || strings.Count(stderr, ": ") < 2 {
					t.Errorf("%s: exit status %d, %q, %s\nwant %s", args, status, stdout, stderr, tt.want)
				}
			}
		})
	}
}

// TestDoctorValidates: what config check refuses is the first finding of doctor. It is
// interrupted after that.
func TestDoctorValidates(t *testing.T) {
	for _, tt := range wrongSettings {
		ctx, cancel := context.WithCancel(t.Context())
		home := t.TempDir()
		file := filepath.Join(home, "vocoder.yaml")
		if err := os.WriteFile(file, []byte(tt.settings), 0o600); err != nil {
			t.Fatal(err)
		}
		first := interrupting{then: cancel}
		a := &cli{Env: environ.Env{Stdout: &first, Stderr: io.Discard, Lookup: func(name string) (string, bool) {
			return home, name == "HOME" || name == "XDG_RUNTIME_DIR"
		}}}
		_ = a.main(ctx, []string{"doctor", "--config", file})
		if got := first.String(); !strings.HasPrefix(got, "broken   settings ") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %s", tt.name, got, tt.want)
		}
	}
}

// interrupting is a writer that calls then after each write.
type interrupting struct {
	strings.Builder
	then func()
}

func (w *interrupting) Write(b []byte) (int, error) {
	defer w.then()
	return w.Builder.Write(b)
}

// TestRightSettings: what is right, though it looks odd, is good.
func TestRightSettings(t *testing.T) {
	for name, settings := range map[string]string{
		"nothing": "", "comment": "# hello\n", "group without settings": "audio:\n", "flat name": "audio.tail: 200ms\n", "Windows lines": "key: KEY_F13\r\nmode: hold\r\n",
		"byte order mark": "\ufeffkey: KEY_F13\n", "yes": "tray: yes\n", "one word for a list": "whisper:\n  owners: root\n", "program in the path": "text:\n  command: tr a b\n",
		"capitals": "whisper:\n  language: EN\n", "Norwegian": "whisper:\n  language: no\n", "number as text": "audio:\n  source: 3\n",
		"two devices with one key": "bindings:\n  - key: KEY_F13\n    device: a\n  - key: KEY_F13\n    device: b\n", "quoted": "audio:\n  source: '*'\n",
		"Ctrl and V paste": "typing:\n  paste_chord: KEY_LEFTCTRL+KEY_V\n", "Paste pastes": "typing:\n  paste_chord: KEY_PASTE\n", "every default": "%YAML 1.2\n---\n",
	} {
		if status, stdout, stderr := call(t, settings, "", "config", "check"); status != 0 || stderr != "" {
			t.Errorf("%s: exit status %d, %q, %s", name, status, stdout, stderr)
		}
	}
}

// TestChange: config set writes nothing with which the daemon would not run, and mends one
// of several mistakes.
func TestChange(t *testing.T) {
	for _, tt := range []struct{ name, before, setting, value, want string }{
		{"no such vocabulary", "", "text.vocabulary", "/nope", "text.vocabulary: open /nope"},
		{"scheme", "", "whisper_url", "ftp://x", "whisper_url: recognizer address"},
		{"speech in the clear", "", "whisper_url", "http://gpu.example/", "whisper_url: "},
		{"no such program", "", "text.command", "/nonexistent", "text.command: "},
		{"a letter pastes", "", "typing.paste_chord", "KEY_Q", "typing.paste_chord: KEY_Q writes"},
		{"with what is there", "max_duration: 2s\n", "min_hold", "3s", "min_hold: 3s is not shorter"},
		{"as the other key", "cancel_key: KEY_F13\n", "key", "KEY_F13", "cancel_key: it is a key to hold"},
		{"long socket", "", "socket_path", "/tmp/" + strings.Repeat("a", 200), "socket_path: a path of"},
		{"mends", "text:\n  vocabulary: /nope\n", "text.vocabulary", "", ""},
		{"mends one of two", "text:\n  vocabulary: /nope\n  command: [/nonexistent]\n", "text.command", "tr a b", ""},
		{"another, with a mistake in the file", "text:\n  vocabulary: /nope\n", "key", "KEY_F13", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "v.yaml")
			if err := os.WriteFile(file, []byte(tt.before), 0o600); err != nil {
				t.Fatal(err)
			}
			status, _, stderr := call(t, "", "", "--config", file, "config", "set", tt.setting, tt.value)
			after, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" && (status != 0 || string(after) == tt.before) {
				t.Errorf("exit status %d, %s; %q", status, stderr, after)
			}
			if tt.want != "" && (status != exitConfig || !strings.Contains(stderr, tt.want) || string(after) != tt.before) {
				t.Errorf("exit status %d, %s, want %s; %q", status, stderr, tt.want, after)
			}
		})
	}
}
