package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The engine prints a mistake on the command line together with a hint. The exit status
// is 2 for an invalid command line, and 1 for an error.
func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mine", "model.json"), []byte("garbage"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args   string
		status int
		want   string
	}{
		{"serv", exitUsage, `unknown command "serv": did you mean serve?` + "\nhint: vocoder-engine --help"},
		{"--nope", exitUsage, "unknown flag: --nope\nhint: vocoder-engine --help"},
		{"serve now", exitUsage, `vocoder-engine serve takes no argument, got "now"` + "\nhint: vocoder-engine serve --help"},
		{"serve --threads 0", exitUsage, "--threads 0, want 1 to 256\nhint: "},
		{"serve --unload-after -1s", exitUsage, "--unload-after -1s, want 0 or more\nhint: "},
		{"serve --threads 9999", exitUsage, "--threads 9999, want 1 to 256\nhint: "},
		{"serve --addr foo", exitUsage, `--addr "foo": want a loopback address with its port`},
		{"serve --addr 127.0.0.1:http!", exitUsage, "want a loopback address with its port"},
		{"serve --addr 0.0.0.0:0", exitUsage, "not a loopback address"},
		{"serve --addr unix:", exitUsage, `--addr "unix:": want a loopback address`},
		{"models obtain", exitUsage, `unknown command "obtain"` + "\nhint: vocoder-engine models --help"},
		{"models pull a b", exitUsage, `one argument too many: "b"`},
		{"models pull nope", exitFailed, "no such model\nhint: vocoder-engine models list shows the names"},
		{"models verify whisper-tiny", exitFailed, "not downloaded\nhint: download it with: vocoder-engine --models DIR models pull whisper-tiny\n"},
		{"models verify", exitFailed, "not downloaded\nhint: download it with: vocoder-engine --models DIR models pull moonshine-tiny-en\n"},
		{"models bench", exitFailed, "not downloaded\nhint: download it with: vocoder-engine --models DIR models pull moonshine-tiny-en\n"},
		{"models use parakeet-tdt-0.6b-v3", exitFailed, "not downloaded\nhint: download it with: vocoder-engine --models DIR models pull parakeet-tdt-0.6b-v3\n"},
		{"models verify mine", exitFailed, "broken: not JSON of a model\nhint: download it again with: vocoder-engine --models DIR models pull mine; "},
		{"models pull whisper-tiny --from /dev/null", exitFailed, "\nhint: download it again with: vocoder-engine --models DIR models pull whisper-tiny; "},
		{"completion tcsh", exitUsage, `unknown command "tcsh"`},
	} {
		var stderr strings.Builder
		status := call(t.Context(), append(strings.Fields(tt.args), "--models", dir), &stderr)
		want := strings.ReplaceAll(tt.want, "DIR", dir)
		if status != tt.status || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit status %d, %s, want %d, %s", tt.args, status, stderr.String(), tt.status, want)
		}
	}
}
