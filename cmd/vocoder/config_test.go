package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/control"
)

// TestConfigCommands: config show and config migrate print a settings file. What config
// migrate leaves out goes to standard error.
func TestConfigCommands(t *testing.T) {
	old := filepath.Join(t.TempDir(), "old.yaml")
	if err := os.WriteFile(old, []byte("audio:\n  sample_rate: 48000\n  gain_db: 15\nmax_duration: 30\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	unfit := filepath.Join(t.TempDir(), "unfit.yaml")
	if err := os.WriteFile(unfit, []byte("whisper_url: http://192.168.1.5:8000/x\nkey: KEY_A\nmax_duration: 30\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other, mine := filepath.Join(t.TempDir(), "other.yaml"), filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(mine, []byte("key: KEY_F13\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("audio:\n  gain_db: 'x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, settings string
		args           []string
		status         int
		stdout, stderr string // what they contain
	}{
		{"the file", "# mine\nkey: KEY_F13\n", []string{"config", "show"}, 0, "# mine\nkey: KEY_F13\n", ""},
		{"no file", "", []string{"config", "show"}, 0, "", "is not there"},
		{"in effect", "key: KEY_F13\n", []string{"config", "show", "--effective"}, 0, "vocoder.yaml:1:1\nkey: KEY_F13\n# default\ndevice: \"\"\n", ""},
		{"in effect with a mistake", "kee: KEY_F13\n", []string{"config", "show", "--effective"}, exitConfig, "", "vocoder.yaml:1:1: unknown setting kee: did you mean key?"},
		{"migrated", "", []string{"config", "migrate", old}, 0, "max_duration: 30s\n", old + ":2:3: audio.sample_rate: 48000: "},
		{"migrated and written", "", []string{"config", "migrate", "--write", old}, 0, "written: ", "not taken over"},
		{"not over mine", "key: KEY_F13\n", []string{"config", "migrate", "--write", old}, exitFailed, "", "is there already"},
		{"migrated from nothing", "", []string{"config", "migrate", "/nowhere.yaml"}, exitFailed, "", "/nowhere.yaml"},
		{"migrated from a broken file", "", []string{"config", "migrate", broken}, exitConfig, "", broken + ":2:12: "},
		{"migrated without what no daemon runs with", "", []string{"config", "migrate", "--write", unfit}, 0, "written: ", unfit + ":1:1: whisper_url: http://192.168.1.5:8000/x: recognizer address: http to another machine"},
		{"migrated without a key that writes", "", []string{"config", "migrate", unfit}, 0, "max_duration: 30s\n\n# Not taken over:\n", unfit + ":2:1: key: KEY_A: bind KEY_A"},
		{"migrated into a profile", "", []string{"--config", "work", "config", "migrate", "--write", old}, 0, "vocoder/work.yaml", ""},
		{"migrated into another file", "", []string{"--config", other, "config", "migrate", "--write", old}, 0, "written: " + other, ""},
		{"changed in a file", "", []string{"--config", mine, "config", "set", "tray", "true"}, 0, "`vocoder --config " + mine + " config reload`", ""},
		{"a negative number", "", []string{"config", "set", "audio.gain_db", "-6"}, 0, "saved", ""},
		{"a negative number before a flag", "", []string{"config", "set", "audio.gain_db", "-.5", "--config", mine}, 0, mine, ""},
		{"a negative number after --", "", []string{"--config", mine, "config", "set", "audio.gain_db", "--", "-6"}, 0, "saved", ""},
		{"another flag", "", []string{"config", "set", "audio.source", "-x"}, exitUsage, "", "unknown shorthand flag: 'x' in -x; -- comes before what is no flag"},
		{"a text with a dash", "", []string{"type", "-5 degrees"}, exitUsage, "", "-- comes before what is no flag"},
		{"changed", "# mine\nkey: KEY_F13\n", []string{"config", "set", "audio.tail", "1s"}, 0, "reload", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := call(t, tt.settings, "", tt.args...)
			if status != tt.status || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("exit status %d, %q, %q; want %d, %q, %q", status, stdout, stderr, tt.status, tt.stdout, tt.stderr)
			}
		})
	}
}

// A reloaded is a daemon that was asked for new settings.
type reloaded struct{ asked chan control.Command }

func (r reloaded) Do(_ context.Context, c control.Command) error {
	r.asked <- c
	return errors.New("gain_db: not good")
}

func (r reloaded) Last() (control.Text, bool) { return control.Text{}, false }

// TestConfigReload: config reload asks the daemon whose socket the settings name, also if they
// have a mistake, and returns what the daemon answers.
func TestConfigReload(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "elsewhere.sock")
	l, err := control.Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	daemon := reloaded{make(chan control.Command, 1)}
	server := control.Server{Daemon: daemon, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx, l) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for _, text := range []string{"socket_path: " + socket + "\n", "socket_path: " + socket + "\naudio: {gain_db: 900}\n"} {
		status, _, stderr := call(t, text, "", "config", "reload")
		if status != exitFailed || !strings.Contains(stderr, "gain_db: not good") {
			t.Fatalf("%q: exit status %d, %q", text, status, stderr)
		}
		if c := <-daemon.asked; c != control.Reload {
			t.Errorf("the daemon got %s", c)
		}
	}
	if status, _, stderr := call(t, "", "", "config", "reload"); status != exitFailed || !strings.Contains(stderr, "not running") {
		t.Errorf("without a daemon: exit status %d, %q", status, stderr)
	}
}
