package desktop

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/arealicehole/vocoder/inject/keymap"
)

const localeDir = "usr/share/X11/locale"

// ComposeFiles say where programs look for what they make of dead keys. Empty fields are
// not there.
type ComposeFiles struct {
	Locale     string // such as de_DE.UTF-8
	File       string // that XCOMPOSEFILE names
	ConfigHome string // that XDG_CONFIG_HOME names, or .config in Home
	Home       string
	Root       string // of /usr/share; empty for /
}

// ReadCompose returns what programs make of dead keys. Programs of libxkbcommon, as most
// on Wayland, take the first that exists of File, XCompose in ConfigHome, .XCompose in Home
// and the file that X.Org has for the locale. Programs of libX11 and GTK do not know the
// second. Where the two differ, the result has what both make the same of. Without any file
// it is keymap.DeadKeys. If a file cannot be read or understood, it is DeadKeys, with the
// error. It takes some milliseconds. Source: Compose(5), and src/compose/paths.c of
// libxkbcommon.
func ReadCompose(f ComposeFiles) (*keymap.Compose, error) {
	home, config := inFolder(f.Home, ".XCompose"), inFolder(f.ConfigHome, "XCompose")
	c, used, err := f.first(f.File, config, home, f.system())
	if err != nil || used != config {
		return c, err
	}
	other, _, err := f.first(home, f.system())
	if err != nil {
		return other, err
	}
	return c.Agreed(other), nil
}

// inFolder returns the path of a file in a folder, or nothing if there is no folder.
func inFolder(folder, name string) string {
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, name)
}

// system returns the file of X.Org for the locale.
func (f ComposeFiles) system() string {
	return rooted(f.Root, localeDir, composeFile(f.Locale, f.Root))
}

// first reads the first file that exists, and returns which it is.
func (f ComposeFiles) first(paths ...string) (c *keymap.Compose, used string, err error) {
	for _, path := range paths {
		if path == "" {
			continue
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return keymap.DeadKeys(), path, err
		}
		c, err := keymap.ParseCompose(string(text), f.include)
		if err != nil {
			return keymap.DeadKeys(), path, fmt.Errorf("%s: %w", path, err)
		}
		return c, path, nil
	}
	return keymap.DeadKeys(), "", nil
}

// include reads a file that another includes.
func (f ComposeFiles) include(name string) (string, error) {
	name = strings.NewReplacer("%H", f.Home, "%L", f.system(), "%S", rooted(f.Root, localeDir), "%%", "%").Replace(name)
	text, err := os.ReadFile(name)
	return string(text), err
}

// composeFile returns the name of the file for a locale. A locale that is not in the
// list, such as C.UTF-8, has the file of American English.
func composeFile(locale, root string) string {
	name, codeset, _ := strings.Cut(locale, ".")
	if codeset = strings.ToUpper(codeset); codeset == "UTF8" {
		codeset = "UTF-8"
	}
	const american = "en_US.UTF-8/Compose"
	dir, err := os.ReadFile(rooted(root, localeDir, "compose.dir"))
	if err != nil {
		return american
	}
	for line := range strings.Lines(string(dir)) {
		fields := strings.Fields(line) // FILE: LOCALE
		if len(fields) == 2 && fields[1] == name+"."+codeset {
			return strings.TrimSuffix(fields[0], ":")
		}
	}
	return american
}
