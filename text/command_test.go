package text

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestCommand(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		want, err    string
	}{
		{"changes", "tr a-z A-Z", "CANARY", ""},
		{"one line break less", "echo one; echo two", "one\ntwo", ""},
		{"does not read", "echo yes", "yes", ""},
		{"uses it up", "cat; exit 77", "", ""},
		{"fails", "cat; cat >&2; exit 3", "canary", "exit status 3"},
		{"is killed", "kill -9 $$", "canary", "signal: killed"},
		{"prints nothing", "true", "canary", "it printed nothing"},
		{"prints a little too much", "yes | head -c 1048577", "canary", "more than 1048576 bytes"},
		{"prints far too much", "yes | head -c 9000000", "canary", "more than 1048576 bytes"},
		{"prints much", "yes yes | head -c 1000000 | tr '\\n' ' '", strings.Repeat("yes ", 250_000), ""},
		{"prints no UTF-8", `printf 'caf\351'`, "canary", "it did not print UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Command{"sh", "-c", tt.script}.Process(t.Context(), "canary")
			if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%.80q, %v, want %.80q, %s", got, err, tt.want, tt.err)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("%v tells what was said", err)
			}
		})
	}
	for in, scripts := range map[string]map[string]string{
		"First item.\n": {"cat": "First item.\n", "sed s/First/1st/": "1st item.\n", "cat; echo": "First item.\n"}, // the user said "new line"
		"\n":            {"cat": "\n"},
		"One two.":      {`printf 'One\r\ntwo.\r\n'`: "One\ntwo."}, // as programs of Windows do
	} {
		for script, want := range scripts {
			if got, err := (Command{"sh", "-c", script}).Process(t.Context(), in); got != want || err != nil {
				t.Errorf("%q through %s: %q, %v, want %q", in, script, got, err, want)
			}
		}
	}
	if got, err := (Command)(nil).Process(t.Context(), "canary"); got != "canary" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := (Command{"/nonexistent"}).Process(t.Context(), "canary"); got != "canary" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%q, %v", got, err)
	}
}

// A command that hangs does not keep the user waiting, and what it started ends
// with it.
func TestCommandHangs(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := os.ReadFile(pipe) // until all who hold it are gone
		ended <- err
	}()
	for name, script := range map[string]string{
		"sleeps":          "sleep 60 > " + pipe + " & sleep 60",
		"prints for ever": "yes",
	} {
		begin := time.Now()
		got, err := Command{"sh", "-c", script}.process(t.Context(), "canary", 300*time.Millisecond)
		if took := time.Since(begin); got != "canary" || err == nil || !strings.Contains(err.Error(), "within 300ms") || took > 10*time.Second {
			t.Errorf("%s: %q, %v after %v", name, got, err, took)
		}
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("what the command started lives on")
	}
}

func TestCommandCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if got, err := (Command{"sleep", "100"}).Process(ctx, "canary"); got != "canary" || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", got, err)
	}
}
