package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/environ"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/test/isolated"
)

// TestMain keeps the tests apart from the user who runs them.
func TestMain(m *testing.M) { isolated.Main(m) }

// call runs a command line, in a home folder with nothing but the settings.
func call(t *testing.T, settings, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	home := t.TempDir()
	if settings != "" {
		name := filepath.Join(home, ".config", "vocoder", "vocoder.yaml")
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	vars := map[string]string{"HOME": home, "XDG_RUNTIME_DIR": home}
	var out, errs bytes.Buffer
	a := &cli{Env: environ.Env{Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errs, Lookup: func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}}}
	status = a.main(t.Context(), args)
	return status, out.String(), errs.String()
}

// TestMistakes: a mistake of the user has its exit status, and a message with the place of
// the mistake and a hint.
func TestMistakes(t *testing.T) {
	for _, tt := range []struct {
		name, settings string
		args           []string
		status         int
		want           []string
	}{
		{"unknown command", "", []string{"foo"}, exitUsage, []string{`unknown command "foo"`, "hint: "}},
		{"unknown flag", "", []string{"run", "--foo"}, exitUsage, []string{"vocoder run: unknown flag: --foo\n", "hint: "}},
		{"a command nearly", "", []string{"runn"}, exitUsage, []string{`unknown command "runn": did you mean run?`, "hint: vocoder --help"}},
		{"unknown command of config", "", []string{"config", "chek"}, exitUsage, []string{"did you mean check?", "hint: vocoder config --help"}},
		{"unknown shell", "", []string{"completion", "tcsh"}, exitUsage, []string{`unknown command "tcsh"`, "hint: "}},
		{"unknown flag of none", "", []string{"--foo"}, exitUsage, []string{"vocoder: unknown flag: --foo", "hint: "}},
		{"not a number", "", []string{"keys", "--count", "x"}, exitUsage, []string{`vocoder keys: --count "x", want a whole number`, "hint: vocoder keys --help"}},
		{"not a duration", "", []string{"type", "--after", "x"}, exitUsage, []string{`--after "x", want a duration such as 2s`}},
		{"fewer than none", "", []string{"keys", "--count", "-1"}, exitUsage, []string{"--count -1, want 0 or more"}},
		{"shorter than nothing", "", []string{"record", "--seconds", "-1"}, exitUsage, []string{"--seconds -1, want 0 or more"}},
		{"too many arguments", "", []string{"keys", "KEY_F13"}, exitUsage, []string{"vocoder keys takes no argument", "hint: "}},
		{"two kinds of record", "", []string{"record", "--level", "--check"}, exitUsage, []string{"--level or --check"}},
		{"no microphone to check", "", []string{"record", "--check", "--seconds", "0.1"}, exitFailed, []string{"not fit: ", "hint: "}},
		{"two texts", "", []string{"type", "a", "b"}, exitUsage, []string{"takes one text", "hint: "}},
		{"typo in the settings", "audio:\n  tial: 1s\n", []string{"config", "check"}, exitConfig, []string{"vocoder.yaml:2:3: unknown setting audio.tial: did you mean audio.tail?", "hint: "}},
		{"unknown key", "key: KEY_RIGTCTRL\n", []string{"keys"}, exitConfig, []string{"vocoder.yaml:1:6: ", "did you mean KEY_RIGHTCTRL?", "hint: "}},
		{"a letter as the key", "key: KEY_A\n", []string{"keys"}, exitConfig, []string{"vocoder.yaml:1:6: key: bind KEY_A", "cannot be bound", "hint: "}},
		{"named settings missing", "", []string{"--config", "/nowhere/v.yaml", "config", "check"}, exitConfig, []string{"/nowhere/v.yaml", "hint: "}},
		{"profile missing", "", []string{"--config", "work", "config", "check"}, exitConfig, []string{"work.yaml", "hint: "}},
		{"a letter among the bindings", "bindings:\n  - key: KEY_A\n", []string{"config", "check"}, exitConfig, []string{"vocoder.yaml:2:10: ", "bind KEY_A", "hint: "}},
		{"a letter is not set", "", []string{"config", "set", "key", "KEY_A"}, exitConfig, []string{"vocoder: key: bind KEY_A", "hint: "}},
		{"a chord that writes", "key: KEY_LEFTMETA+KEY_H\n", []string{"config", "check"}, exitConfig, []string{"vocoder.yaml:1:6: key: bind KEY_LEFTMETA+KEY_H", "as long as it is held", "hint: "}},
		{"a key that scrolls", "key: KEY_PAGEDOWN\n", []string{"config", "check"}, exitConfig, []string{"vocoder.yaml:1:6: key: bind KEY_PAGEDOWN", "hint: "}},
		{"checked as the daemon would", "debug: true\nwhisper_url: http://example.org/v1\n", []string{"config", "check"}, exitConfig, []string{"vocoder.yaml:2:14: whisper_url: ", "https", "\n\twhisper_url: http"}},
		{"no such vocabulary", "text:\n  vocabulary: /nowhere\n", []string{"config", "check"}, exitConfig, []string{"vocoder.yaml:2:15: text.vocabulary: ", "/nowhere"}},
		{"no such key file", "whisper:\n  - url: http://127.0.0.1:1/\n    key_file: /nowhere\n", []string{"config", "check"}, exitConfig, []string{"vocoder.yaml:3:15: whisper.key_file: ", "/nowhere"}},
		{"no such keymap", "typing:\n  layout: /nowhere.xkb\n", []string{"type", "a"}, exitConfig, []string{"vocoder.yaml:2:11: typing.layout: ", "/nowhere.xkb", "hint: "}},
		{"layout by name", "typing:\n  layout: de\n", []string{"type", "a"}, exitConfig, []string{"vocoder.yaml:2:11: ", "want auto, us", "hint: "}},
		{"a list is not set", "", []string{"config", "set", "bindings", "x"}, exitConfig, []string{"vocoder.yaml: bindings is a list: write it there yourself"}},
		{"a flag nearly", "", []string{"run", "--kee", "KEY_F13"}, exitUsage, []string{"vocoder run: unknown flag: --kee: did you mean --key?", "hint: vocoder run --help"}},
		{"no command at all", "", []string{""}, exitUsage, []string{"vocoder: unknown command \"\"\nhint: "}},
		{"version", "", []string{"version"}, exitUsage, []string{"did you mean --version?"}},
		{"help with more", "", []string{"help", "run", "extra"}, exitUsage, []string{`vocoder run has no command "extra"`}},
		{"learn and count", "", []string{"keys", "--learn", "--count", "3"}, exitUsage, []string{"--learn or --count"}},
		{"print without learn", "", []string{"keys", "--print"}, exitUsage, []string{"--print needs --learn"}},
		{"typing before now", "", []string{"type", "--after", "-5s", "x"}, exitUsage, []string{"--after -5s, want 0s or more"}},
		{"when to start", "", []string{"setup", "--start", "later"}, exitUsage, []string{"--start later: want login, now or no"}},
		{"profile missing, hint", "", []string{"--config", "nope", "run"}, exitConfig, []string{"nope.yaml", "hint: `vocoder config reference > /"}},
		{"plan without a keymap", "", []string{"type", "--plan", "a"}, exitUsage, []string{"--keymap", "hint: "}},
		{"flag out of range", "", []string{"run", "--audio-tail", "1h"}, exitConfig, []string{"--audio-tail: 1h0m0s, want 0s to 2s"}},
		{"no such setting", "", []string{"config", "set", "audio.tial", "1s"}, exitUsage, []string{"did you mean audio.tail?", "hint: "}},
		{"setting out of range", "", []string{"config", "set", "audio.tail", "1h"}, exitConfig, []string{"1h0m0s, want 0s to 2s", "hint: "}},
		{"setting without a value", "", []string{"config", "set", "audio.tail"}, exitUsage, []string{"a name and a value", "hint: "}},
		{"recognizer far away without https", "whisper_url: http://example.org/v1\n", []string{"run"}, exitConfig, []string{"vocoder.yaml:1:14: whisper_url: ", "https", "hint: "}},
		{"not sound", "", []string{"transcribe"}, exitFailed, []string{"standard input: not a usable WAV file", "hint: `ffmpeg -i FILE"}},
		{"no such file", "", []string{"transcribe", "/nowhere.wav"}, exitFailed, []string{"open /nowhere.wav"}},
		{"no sound server", "", []string{"sources"}, exitFailed, []string{"no sound server", "hint: "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := call(t, tt.settings, "this is text", tt.args...)
			if status != tt.status || stdout != "" {
				t.Errorf("exit status %d, standard output %q, want %d and nothing", status, stdout, tt.status)
			}
			for _, w := range tt.want {
				if !strings.Contains(stderr, w) {
					t.Errorf("%s\nwant %q", stderr, w)
				}
			}
		})
	}
}

// TestNoMistake: commands that are right exit with status 0.
func TestNoMistake(t *testing.T) {
	for _, args := range [][]string{{}, {"--version"}, {"config", "check"}, {"config", "reference"}, {"help", "run"}} {
		if status, stdout, stderr := call(t, "", "", args...); status != 0 || stdout == "" || stderr != "" {
			t.Errorf("%q: exit status %d, %q, %q", args, status, stdout, stderr)
		}
	}
}

// TestManual: every command and every flag is in the manual page.
func TestManual(t *testing.T) {
	page, err := os.ReadFile("../../packaging/vocoder.1")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]bool{"help": true}
	for _, s := range config.Settings() {
		settings[s.Flag()] = true
	}
	var walk func(c *cobra.Command, path string)
	walk = func(c *cobra.Command, path string) {
		if c.HasParent() && c.Runnable() && !c.HasSubCommands() && !strings.Contains(string(page), "Cm "+path) {
			t.Errorf("command %s is not in vocoder.1", path)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !settings[f.Name] && !strings.Contains(string(page), "Fl Fl "+f.Name) {
				t.Errorf("flag --%s of %s is not in vocoder.1", f.Name, path)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub, strings.TrimSpace(path+" "+sub.Name()))
		}
	}
	walk((&cli{}).command(), "")
}
