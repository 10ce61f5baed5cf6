package environ

import (
	"os"
	"path/filepath"
	"testing"
)

// TestHome: without a home folder in the environment the settings are those of the user, and
// not of the folder in which the program is called.
func TestHome(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "")
	for _, home := range []string{"", ".", "home/me"} {
		t.Setenv("HOME", home)
		if got := OfProcess().ConfigHome(); !filepath.IsAbs(got) || filepath.Base(got) != ".config" {
			t.Errorf("HOME=%q: %q", home, got)
		}
	}
	t.Setenv("HOME", "/home/me")
	if got := OfProcess().ConfigHome(); got != "/home/me/.config" {
		t.Errorf("%q", got)
	}
	if err := os.Unsetenv("HOME"); err != nil { // Setenv restores it
		t.Fatal(err)
	}
	if got := OfProcess().ConfigHome(); !filepath.IsAbs(got) {
		t.Errorf("without HOME: %q", got)
	}
}
