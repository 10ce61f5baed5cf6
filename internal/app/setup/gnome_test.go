package setup

import (
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/environ"
)

// Setup says how to enable the extension of GNOME Shell where it is of use, as one line
// before the last, and asks nothing for it.
func TestSetupExtension(t *testing.T) {
	for _, has := range []bool{true, false} {
		s, _, out := newSetup(t.TempDir(), "\n\n\n")
		s.extension = has
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(out.String(), "gnome-extensions enable "+extension); said != has || !strings.HasSuffix(out.String(), "speak.\n") {
			t.Errorf("extension %v: %s", has, out)
		}
	}
	for _, desktop := range []string{"", "KDE", "sway", "GNOME-Classic", "ubuntu:GNOME"} { // it is not installed with this test
		env := environ.Env{Lookup: func(string) (string, bool) { return desktop, desktop != "" }}
		if hasExtension(env) {
			t.Errorf("%q has the extension", desktop)
		}
	}
}
