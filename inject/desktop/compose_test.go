package desktop

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/arealicehole/vocoder/inject/keymap"
)

func TestReadCompose(t *testing.T) {
	root, home := t.TempDir(), t.TempDir()
	de, err := keymap.Parse(deadKeymap)
	if err != nil {
		t.Fatal(err)
	}
	types := func(locale, home, char string) bool {
		t.Helper()
		c, err := ReadCompose(locale, home, root)
		if err != nil {
			t.Error(err)
		}
		_, err = de.Table(0, keymap.Locks{}, c).Plan(char)
		return err == nil
	}
	if !types("de_DE.UTF-8", home, "á") || types("de_DE.UTF-8", home, "1") {
		t.Error("without files it is not what Unicode composes")
	}
	write(t, "# comment\nen_US.UTF-8/Compose:\tde_DE.UTF-8\npt_BR.UTF-8/Compose:\tpt_BR.UTF-8\n", root, localeDir, "compose.dir")
	write(t, "<dead_acute> <a> : \"1\"", root, localeDir, "en_US.UTF-8/Compose")
	write(t, "include \"%S/en_US.UTF-8/Compose\"\n<dead_acute> <a> : \"2\"", root, localeDir, "pt_BR.UTF-8/Compose")
	for locale, char := range map[string]string{"de_DE.UTF-8": "1", "de_DE.utf8": "1", "C.UTF-8": "1", "": "1", "pt_BR.UTF-8": "2"} {
		if !types(locale, home, char) || types(locale, home, "á") {
			t.Errorf("%s: not by its file", locale)
		}
	}
	write(t, "include \"%L\"\n<dead_acute> <b> : \"3\"", home, ".XCompose")
	if !types("pt_BR.UTF-8", home, "2") || !types("pt_BR.UTF-8", home, "3") || types("pt_BR.UTF-8", "", "3") {
		t.Error("not by the file of the user")
	}
	write(t, "nonsense", home, ".XCompose")
	if c, err := ReadCompose("de_DE.UTF-8", home, root); err == nil || c == nil {
		t.Errorf("nonsense: %v, %v", c, err)
	}
	if err := os.Remove(filepath.Join(home, ".XCompose")); err != nil {
		t.Fatal(err)
	}
	write(t, "include \"/gone\"", root, localeDir, "en_US.UTF-8/Compose")
	if _, err := ReadCompose("de_DE.UTF-8", home, root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("included file is gone: %v", err)
	}
}

// deadKeymap has a, b and a dead key.
const deadKeymap = `xkb_keymap { xkb_keycodes { <a> = 38; <b> = 39; <c> = 40; }; xkb_types { type "ONE_LEVEL" { modifiers= none; }; };
xkb_symbols { key <a> { [ a ] }; key <b> { [ b ] }; key <c> { [ dead_acute ] }; }; };`
