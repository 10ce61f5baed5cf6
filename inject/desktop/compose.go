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

// ReadCompose returns what programs make of dead keys in a locale such as de_DE.UTF-8. It
// reads the user's own .XCompose in home, else the file that X.Org has for the locale,
// else it returns keymap.DeadKeys. If a file cannot be read or understood, it returns
// DeadKeys and the error. It takes some milliseconds. Source: Compose(5).
func ReadCompose(locale, home, root string) (*keymap.Compose, error) {
	system := rooted(root, localeDir, composeFile(locale, root))
	own := filepath.Join(home, ".XCompose")
	for _, path := range []string{own, system} {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || path == own && home == "" {
			continue
		}
		if err != nil {
			return keymap.DeadKeys(), err
		}
		c, err := keymap.ParseCompose(string(text), func(name string) (string, error) {
			name = strings.NewReplacer("%H", home, "%L", system, "%S", rooted(root, localeDir), "%%", "%").Replace(name)
			included, err := os.ReadFile(name)
			return string(included), err
		})
		if err != nil {
			return keymap.DeadKeys(), fmt.Errorf("%s: %w", path, err)
		}
		return c, nil
	}
	return keymap.DeadKeys(), nil
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
