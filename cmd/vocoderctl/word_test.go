package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/arealicehole/vocoder/internal/environ"
)

// A home is the home folder of a user who calls vocoderctl word.
type home string

func (h home) run(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	vars := map[string]string{"HOME": string(h), "XDG_RUNTIME_DIR": string(h)}
	a := &cli{stdout: &out, stderr: &errs, runtimeDir: string(h), env: environ.Env{
		Stderr: &errs, Lookup: func(name string) (string, bool) { v, ok := vars[name]; return v, ok },
	}}
	status = a.main(t.Context(), append([]string{"word"}, args...))
	return status, out.String(), errs.String()
}

func (h home) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(string(h), name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (h home) read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(string(h), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWord(t *testing.T) {
	const words = ".config/vocoder/words"
	h := home(t.TempDir())
	for _, tt := range []struct {
		name   string
		args   string // separated by |
		status int
		out    string // in the output, or in the errors if the status is not 0
		file   string // afterwards
	}{
		{"no list yet", "list", 0, "", ""},
		{"without a daemon", "add|Kubernetes", 0, "added; vocoder does not run", "Kubernetes\n"},
		{"a second", "add|pull request => PR", 0, "added", "Kubernetes\npull request => PR\n"},
		{"twice", "add|kubernetes", 1, `"Kubernetes" is in the list already, in line 1`, "Kubernetes\npull request => PR\n"},
		{"several words without quotes", "add|New|York", 2, "put several in quotes", "Kubernetes\npull request => PR\n"},
		{"none", "add", 2, "takes one word, got 0", "Kubernetes\npull request => PR\n"},
		{"a line break", "add|a\nb", 1, "control characters", "Kubernetes\npull request => PR\n"},
		{"listed", "list", 0, "Kubernetes\npull request => PR\n", "Kubernetes\npull request => PR\n"},
		{"listed for programs", "list|--json", 0, `"words":[{"spoken":"Kubernetes","written":"Kubernetes","line":1}`, "Kubernetes\npull request => PR\n"},
		{"removed", "remove|KUBERNETES", 0, "removed", "pull request => PR\n"},
		{"removed twice", "remove|Kubernetes", 1, `"Kubernetes" is not in the list`, "pull request => PR\n"},
		{"no such verb", "ad|x", 2, `did you mean add?`, "pull request => PR\n"},
	} {
		status, out, errs := h.run(t, strings.Split(tt.args, "|")...)
		if shown := map[bool]string{true: out, false: errs}[tt.status == 0]; status != tt.status || !strings.Contains(shown, tt.out) {
			t.Errorf("%s: status %d, %q, %q", tt.name, status, out, errs)
		}
		if tt.file != "" && h.read(t, words) != tt.file {
			t.Errorf("%s: the file is %q", tt.name, h.read(t, words))
		}
	}
}

// A daemon that runs reads the new list at once, and what is wrong with that is said.
func TestWordReloads(t *testing.T) {
	h := home(t.TempDir())
	f := &fake{}
	start(t, string(h), f)
	if status, out, errs := h.run(t, "add", "Kubernetes"); status != exitDone || out != "✓ added\n" {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
	f.err = fmt.Errorf("vocoder.yaml:1:1: no setting kei")
	if status, _, errs := h.run(t, "remove", "Kubernetes"); status != exitFailed || !strings.Contains(errs, "removed, but the daemon has the old list: vocoder.yaml:1:1: no setting kei") {
		t.Errorf("status %d, %q", status, errs)
	}
}

// The list is that of the settings, of a profile too, and a link to it stays one.
func TestWordFile(t *testing.T) {
	h := home(t.TempDir())
	h.write(t, ".config/vocoder/vocoder.yaml", "text:\n  vocabulary: ~/dots/mine\n")
	h.write(t, ".config/vocoder/work.yaml", "text:\n  vocabulary: ~/link\n")
	h.write(t, "dots/work", "# of work\n")
	if err := os.Symlink(filepath.Join(string(h), "dots/work"), filepath.Join(string(h), "link")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"add", "Hyprland"}, {"--config", "work", "add", "Jira"}} {
		if status, _, errs := h.run(t, args...); status != exitDone {
			t.Errorf("%q: %s", args, errs)
		}
	}
	if got := h.read(t, "dots/mine") + h.read(t, "dots/work"); got != "Hyprland\n# of work\nJira\n" {
		t.Errorf("the files have %q", got)
	}
	if info, err := os.Lstat(filepath.Join(string(h), "link")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
	h.write(t, ".config/vocoder/vocoder.yaml", "kei: x\n")
	if status, _, errs := h.run(t, "add", "x"); status != exitFailed || !strings.Contains(errs, "vocoder.yaml:1:1") {
		t.Errorf("wrong settings: status %d, %q", status, errs)
	}
}

// Calls at the same time lose no word.
func TestWordTogether(t *testing.T) {
	h := home(t.TempDir())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if status, _, errs := h.run(t, "add", fmt.Sprintf("word%d", i)); status != exitDone {
				t.Errorf("word%d: %s", i, errs)
			}
		})
	}
	all.Wait()
	if got := strings.Count(h.read(t, ".config/vocoder/words"), "\n"); got != 20 {
		t.Errorf("%d words, want 20", got)
	}
}
