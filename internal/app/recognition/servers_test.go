package recognition

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/text"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The key that the service manager passed goes to the recognizer it is for.
func TestCredential(t *testing.T) {
	dir := filepath.Dir(writeFile(t, ""))
	for _, name := range []string{"api-key", "gpu"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("sesame\n"), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, settings, dir string
		want                []string // by recognizer
	}{
		{"usual", "", dir, []string{"api-key"}},
		{"not under systemd", "", "", []string{""}},
		{"none passed", "", t.TempDir(), []string{""}},
		{"another name", "whisper: {credential: gpu}\n", dir, []string{"gpu"}},
		{"a file wins", "whisper: {key_file: /k}\n", dir, []string{""}},
		{"a list names it", "whisper:\n  - {url: 'https://a.example', credential: gpu}\n  - {url: 'http://127.0.0.1:1'}\n", dir, []string{"gpu", ""}},
	} {
		cfg, _, err := settings.Of(config.Source{Text: []byte(tt.settings)})
		if err != nil {
			t.Fatal(err)
		}
		all, err := servers(cfg, text.Vocabulary{}, Options{Env: environ.Env{Lookup: func(name string) (string, bool) { return tt.dir, name == "CREDENTIALS_DIRECTORY" && tt.dir != "" }}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range tt.want {
			if got := strings.TrimPrefix(all[i].Credential, tt.dir+"/"); got != want {
				t.Errorf("%s: recognizer %d: %q, want %q", tt.name, i, got, want)
			}
		}
	}
}

func TestProxySetting(t *testing.T) {
	r, err := http.NewRequest(http.MethodGet, "https://gpu.example", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		settings string
		want     bool
	}{{"", false}, {"whisper: {proxy: environment}\n", true}, {"whisper: {proxy: 'http://proxy.example:1'}\n", true}} {
		cfg, _, err := settings.Of(config.Source{Text: []byte(tt.settings)})
		if err != nil {
			t.Fatal(err)
		}
		all, err := servers(cfg, text.Vocabulary{}, Options{Env: environ.Env{Lookup: func(string) (string, bool) { return "", false }}, Log: nil})
		if err != nil || (all[0].Proxy != nil) != tt.want {
			t.Errorf("%q: there is a proxy: %v, %v", tt.settings, all[0].Proxy != nil, err)
		}
	}
	if u, err := proxy("http://proxy.example:3128")(r); err != nil || u.Host != "proxy.example:3128" {
		t.Error(u, err)
	}
	if proxy("environment") == nil {
		t.Error("there is none from the environment")
	}
}

func TestUserIDs(t *testing.T) {
	got, err := userIDs([]string{"root", "1001"})
	if err != nil || len(got) != 2 || got[0] != 0 || got[1] != 1001 {
		t.Error(got, err)
	}
	if _, err := userIDs([]string{"no such user"}); err == nil {
		t.Error("no error for an unknown user")
	}
}

// The list of the user's words is the file of the settings, or the file next to them if
// there is one.
func TestVocabularyFile(t *testing.T) {
	home := t.TempDir()
	env := environ.Env{Lookup: func(name string) (string, bool) { return home, name == "XDG_CONFIG_HOME" }}
	usual := filepath.Join(home, "vocoder", "words")
	named := writeFile(t, "Hyprland\n")
	read := func(file string) (string, error) {
		v, err := vocabulary(env, config.Config{Text: config.Text{Vocabulary: file}})
		return v.Prompt(), err
	}
	if got, err := read(""); got != "" || err != nil {
		t.Errorf("no file: %q, %v", got, err)
	}
	if _, err := read(usual); err == nil {
		t.Error("a file that is named and is not there is no error")
	}
	if err := os.MkdirAll(filepath.Dir(usual), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(usual, []byte("Kubernetes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"": "Kubernetes", named: "Hyprland"} {
		if got, err := read(file); got != want || err != nil {
			t.Errorf("%q: %q, %v, want %q", file, got, err, want)
		}
	}
	if err := os.WriteFile(usual, []byte("=> x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := read(""); err == nil || !strings.Contains(err.Error(), usual+": line 1: nothing before =>") {
		t.Errorf("a mistake in it: %v", err)
	}
}
