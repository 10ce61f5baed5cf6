package setup

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/environ"
)

// extension is the name of vocoder's extension of GNOME Shell.
const extension = "vocoder@arealicehole.github.io"

// hasExtension reports whether the extension is installed with this program, and the user's
// desktop is GNOME. Source: XDG_CURRENT_DESKTOP in the Desktop Entry Specification.
func hasExtension(env environ.Env) bool {
	if !slices.Contains(strings.Split(env.Var("XDG_CURRENT_DESKTOP"), ":"), "GNOME") {
		return false
	}
	self, err := os.Executable()
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(filepath.Dir(self), "../share/gnome-shell/extensions", extension, "metadata.json"))
	return err == nil
}

// offerOfExtension says how to enable the extension. Setup does not enable it: it is a part
// of the shell, and comes into effect only in the next session.
const offerOfExtension = "GNOME: log out and in, then `gnome-extensions enable " + extension + "`. It shows that vocoder listens,\n" +
	"and tells it the layout, the window and where a password is asked for."
