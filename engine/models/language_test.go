package models

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLanguages: Whisper has 99 languages, each once, and large-v3 one more.
func TestLanguages(t *testing.T) {
	codes := multilingual()
	if n := len(codes); n != 99 || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != n || codes[0] != "en" || codes[n-1] != "su" {
		t.Errorf("%d languages: %v", n, codes)
	}
	for name, want := range map[string]int{"whisper-base": 99, "whisper-turbo": 100, "whisper-base-en": 1, "moonshine-tiny-en": 1, "parakeet-tdt-0.6b-v3": 25} {
		if m, is := inCatalog(name); !is || len(m.Languages) != want {
			t.Errorf("%s: %d languages, want %d", name, len(m.Languages), want)
		}
	}
}

func TestModelLanguage(t *testing.T) {
	base, _ := inCatalog(Base)
	turbo, _ := inCatalog("whisper-turbo")
	for _, tt := range []struct {
		model      Model
		name, want string
		known      bool
	}{
		{base, "es", "es", true},
		{base, "EN", "en", true},
		{base, " en-US ", "en", true},
		{base, "zh-Hans", "zh", true},
		{base, "zh_TW", "zh", true},
		{base, "Spanish", "es", true},
		{base, "Castilian", "es", true},
		{base, "Haitian Creole", "ht", true},
		{base, "jv", "jw", true},
		{base, "nb-NO", "no", true},
		{base, "fil", "tl", true},
		{base, "haw", "haw", true},
		{base, "yue", "yue", false},
		{turbo, "Cantonese", "yue", true},
		{base, "tlh", "tlh", false},
		{base, "klingon", "klingon", false},
		{base, "-", "", false},
		{tiny, "English", "en", true},
		{tiny, "en_GB", "en", true},
		{tiny, "es", "es", false},
		{Model{}, "xx-YY", "xx", true}, // a model without a list
	} {
		if code, known := tt.model.Language(tt.name); code != tt.want || known != tt.known {
			t.Errorf("%s, %q: %q, %v, want %q, %v", tt.model.Name, tt.name, code, known, tt.want, tt.known)
		}
	}
}

func TestTasks(t *testing.T) {
	for name, want := range map[string]string{
		Base: "transcribe translate", "whisper-base-en": "transcribe", Default: "transcribe", "parakeet-tdt-0.6b-v3": "transcribe",
	} {
		m, _ := inCatalog(name)
		if got := strings.Join(m.Tasks(), " "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// whisperFiles writes the files of a Whisper with so many tokens.
func whisperFiles(t *testing.T, tokens int) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"encoder.int8.onnx": "e", "decoder.int8.onnx": "d", "tokens.txt": strings.Repeat("YQ== 0\n", tokens),
		"LICENSE": "MIT License\n", "SOURCE": "OpenAI's Whisper\nand how it was made\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestBroughtWhisper checks that the tokens show the languages of a Whisper that the user
// adds. License and source are kept.
func TestBroughtWhisper(t *testing.T) {
	p := Puller{Store: Store{Dir: t.TempDir()}, Cache: t.TempDir()}
	for _, tt := range []struct {
		name   string
		tokens int
		want   int
	}{{"mine", multilingualTokens, 99}, {"mine-en", multilingualTokens - 1, 1}} {
		if err := p.Pull(t.Context(), tt.name, whisperFiles(t, tt.tokens)); err != nil {
			t.Fatal(err)
		}
		m, err := p.Store.Lookup(tt.name)
		if err != nil || len(m.Languages) != tt.want || m.Source != "OpenAI's Whisper" || len(m.Files) != 3 {
			t.Errorf("%s: %+v, %v", tt.name, m, err)
		}
		for _, document := range []string{"LICENSE", "SOURCE"} {
			if _, err := os.Stat(filepath.Join(p.Store.Folder(tt.name), document)); err != nil {
				t.Error(err)
			}
		}
		if err := p.Store.Verify(tt.name); err != nil {
			t.Error(err)
		}
	}
}

// An added model replaces the model of its name.
func TestBroughtAgain(t *testing.T) {
	p := Puller{Store: Store{Dir: t.TempDir()}, Cache: t.TempDir()}
	for _, tokens := range []int{3, 4} {
		if err := p.Pull(t.Context(), "mine", whisperFiles(t, tokens)); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(p.Store.Folder("mine"), "tokens.txt"))
		if err != nil || strings.Count(string(b), "\n") != tokens {
			t.Errorf("%d bytes, %v, want %d tokens", len(b), err, tokens)
		}
	}
}

// Whisper base is preferred to Moonshine, and an incomplete model is not used.
func TestPreferred(t *testing.T) {
	s := Store{Dir: t.TempDir()}
	if m, is := s.Preferred(); is {
		t.Errorf("%s in an empty folder", m.Name)
	}
	p := Puller{Store: s, Cache: t.TempDir()}
	if err := p.Pull(t.Context(), "mine", whisperFiles(t, 3)); err != nil {
		t.Fatal(err)
	}
	if m, is := s.Preferred(); is {
		t.Errorf("%s, which is not a usual one", m.Name)
	}
	if err := os.Rename(s.Folder("mine"), s.Folder(Base)); err != nil {
		t.Fatal(err)
	}
	m, err := readManifest(s.Folder(Base))
	m.Name = Base
	if err := errors.Join(err, m.writeManifest(s.Folder(Base))); err != nil {
		t.Fatal(err)
	}
	if m, is := s.Preferred(); !is || m.Name != Base {
		t.Errorf("%s, %v", m.Name, is)
	}
	if err := os.Remove(filepath.Join(s.Folder(Base), "tokens.txt")); err != nil {
		t.Fatal(err)
	}
	if m, is := s.Preferred(); is {
		t.Errorf("%s, which lacks a file", m.Name)
	}
	if err := s.Verify(Base); !errors.Is(err, ErrMissing) {
		t.Error(err)
	}
}
