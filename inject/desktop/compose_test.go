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
		c, err := ReadCompose(ComposeFiles{Locale: locale, Home: home, Root: root})
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
	if c, err := ReadCompose(ComposeFiles{Locale: "de_DE.UTF-8", Home: home, Root: root}); err == nil || c == nil {
		t.Errorf("nonsense: %v, %v", c, err)
	}
	if err := os.Remove(filepath.Join(home, ".XCompose")); err != nil {
		t.Fatal(err)
	}
	write(t, "include \"/gone\"", root, localeDir, "en_US.UTF-8/Compose")
	if _, err := ReadCompose(ComposeFiles{Locale: "de_DE.UTF-8", Home: home, Root: root}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("included file is gone: %v", err)
	}
}

// TestComposeFiles: the files count that programs read, and where programs read different
// ones, a character is typed only if it comes out the same.
func TestComposeFiles(t *testing.T) {
	de, err := keymap.Parse(deadKeymap)
	if err != nil {
		t.Fatal(err)
	}
	const acuteA, acuteB = "<dead_acute> <a> : ", "<dead_acute> <b> : "
	for _, tt := range []struct {
		name                       string
		file, config, home, system string // contents; empty: no file
		typed, untyped             string
	}{
		{"the locale's", "", "", "", acuteA + `"1"`, "1", "á"},
		{"$XCOMPOSEFILE before all", acuteA + `"1"`, acuteA + `"2"`, acuteA + `"3"`, acuteA + `"4"`, "1", "234"},
		{"~/.XCompose before the locale's", "", "", acuteA + `"3"`, acuteA + `"4"`, "3", "4"},
		{"~/.config/XCompose: what GTK makes of it too", "", acuteA + `"1"` + "\n" + acuteB + `"2"`, "", acuteA + `"1"` + "\n" + acuteB + `"9"`, "1", "29"},
		{"and ~/.XCompose", "", acuteA + `"1"` + "\n" + acuteB + `"2"`, acuteB + `"2"`, acuteA + `"1"`, "2", "1"},
		{"a longer sequence of the other file", "", acuteA + `"1"`, acuteA + `<b> : "2"`, "", "", "12"},
		{"a start of the other file is avoided", "", acuteA + `"1"`, `<b> <a> : "2"`, "", "a", "b"},
		{"no file", "", "", "", "", "á", "1"},
	} {
		dir := t.TempDir()
		f := ComposeFiles{Locale: "C.UTF-8", File: filepath.Join(dir, "own"), ConfigHome: filepath.Join(dir, "config"), Home: filepath.Join(dir, "home"), Root: filepath.Join(dir, "root")}
		for path, text := range map[string]string{
			f.File: tt.file, f.ConfigHome + "/XCompose": tt.config, f.Home + "/.XCompose": tt.home, f.Root + "/" + localeDir + "/en_US.UTF-8/Compose": tt.system,
		} {
			if text != "" {
				write(t, text, path)
			}
		}
		c, err := ReadCompose(f)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		table := de.Table(0, keymap.Locks{}, c)
		if _, err := table.Plan(tt.typed); err != nil {
			t.Errorf("%s: %q is not typed", tt.name, tt.typed)
		}
		for _, char := range tt.untyped {
			if plan, err := table.Plan(string(char)); err == nil {
				t.Errorf("%s: %q is typed as %v", tt.name, char, plan[0].Strokes)
			}
		}
	}
	if c, err := ReadCompose(ComposeFiles{File: t.TempDir()}); err == nil || c == nil {
		t.Errorf("a folder in place of a file: %v, %v", c, err)
	}
}

// deadKeymap has a, b and a dead key.
const deadKeymap = `xkb_keymap { xkb_keycodes { <a> = 38; <b> = 39; <c> = 40; }; xkb_types { type "ONE_LEVEL" { modifiers= none; }; };
xkb_symbols { key <a> { [ a ] }; key <b> { [ b ] }; key <c> { [ dead_acute ] }; }; };`
