package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/environ"
)

// TestUnit: each --config has its unit, and a command that has the daemon of these settings
// read them.
func TestUnit(t *testing.T) {
	for _, tt := range []struct{ config, unit, apply string }{
		{"", "vocoder.service", "systemctl --user reload vocoder"},
		{"work", "vocoder@work.service", "systemctl --user reload vocoder@work"},
		{"work.yaml", "", "vocoder --config work.yaml config reload"},
		{"/etc/vocoder/work.yaml", "", "vocoder --config /etc/vocoder/work.yaml config reload"},
	} {
		s := Store{Name: tt.config}
		if s.Unit() != tt.unit || s.Apply() != tt.apply {
			t.Errorf("%q: %q and %q, want %q and %q", tt.config, s.Unit(), s.Apply(), tt.unit, tt.apply)
		}
	}
}

// TestFileHint: the command that makes a settings file is the hint only if there is none. It
// would overwrite a file that cannot be used.
func TestFileHint(t *testing.T) {
	for _, tt := range []struct {
		name  string
		make  func(file string) error
		makes bool
	}{
		{"no file", func(string) error { return nil }, true},
		{"too long", func(file string) error { return os.WriteFile(file, make([]byte, MaxFile+1), 0o600) }, false},
		{"a folder", func(file string) error { return os.Mkdir(file, 0o700) }, false},
	} {
		file := filepath.Join(t.TempDir(), "vocoder.yaml")
		if err := tt.make(file); err != nil {
			t.Fatal(err)
		}
		s := Store{Name: file, Env: environ.Env{Lookup: func(string) (string, bool) { return "", false }}}
		_, _, err := s.File()
		if got := hint.Of(err); err == nil || strings.Contains(got, "reference >") != tt.makes {
			t.Errorf("%s: %v, hint %q", tt.name, err, got)
		}
	}
}
