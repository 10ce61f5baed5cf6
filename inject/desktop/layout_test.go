package desktop

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// write writes a file below a directory.
func write(t testing.TB, text string, path ...string) {
	t.Helper()
	file := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// place returns a Config with empty directories.
func place(t testing.TB) Config {
	// Paths of sockets may have 107 bytes, and those of t.TempDir have more.
	dir, err := os.MkdirTemp("", "lay")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return Config{
		Runtime: filepath.Join(dir, "run"), ConfigHome: filepath.Join(dir, "config"),
		Root: filepath.Join(dir, "root"), Keyboard: "vocoder keyboard",
	}
}

func state(t *testing.T, w *Watcher) State {
	t.Helper()
	s, err := w.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKeymapWithoutEnvironment(t *testing.T) {
	c := place(t)
	comp := newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("One"))
	w := start(t, c)
	s := state(t, w)
	if s.Map == nil || s.Group != 0 || s.IME != "" || s.Desktop.Wayland != filepath.Join(c.Runtime, "wayland-1") {
		t.Fatalf("got %+v", s)
	}
	if want := (Origins{Map: "wl_keyboard of " + s.Desktop.Wayland, Group: "the only one", Locks: "no keyboard has lights", IME: "none runs", App: errUntold.Error()}); s.From != want {
		t.Errorf("from %+v", s.From)
	}
	if err := w.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	if again := state(t, w); again.Map != s.Map {
		t.Error("the same keymap was parsed twice")
	}

	comp.set(symbols("Eins", "Zwei"))
	<-s.Changed
	s = state(t, w)
	if got := strings.Join(s.Map.Groups(), " "); got != "Eins Zwei" || s.Group != keymap.AllGroups {
		t.Errorf("after a change: %q, group %d", got, s.Group)
	}
	if s.From.Group != "the desktop does not tell" {
		t.Errorf("group from %q", s.From.Group)
	}
}

// TestSameKeymapAgain has wlroots tell of another keyboard with the same one.
func TestSameKeymapAgain(t *testing.T) {
	c := place(t)
	comp := newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("One"))
	w := start(t, c)
	s := state(t, w)
	comp.set(symbols("One"))
	if err := w.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Changed:
		t.Error("told of a change")
	default:
	}
}

func TestKeyboardsComeAndGo(t *testing.T) {
	c := place(t)
	comp := newCompositor(t, filepath.Join(c.Runtime, "wayland-0"), "")
	w := start(t, c)
	s := state(t, w)
	if s.Map != nil || !s.Keyless || s.From.Map != errNoKeyboard.Error() {
		t.Errorf("without a keyboard: %+v", s)
	}
	comp.set(symbols("One"))
	<-s.Changed
	s = state(t, w)
	if s.Map == nil || s.Keyless {
		t.Errorf("with a keyboard: %s, %v", s.From.Map, s.Keyless)
	}
	comp.set("")
	<-s.Changed
	if s = state(t, w); s.Map != nil || !s.Keyless {
		t.Error("the keymap outlived the keyboard")
	}
}

func TestBrokenKeymap(t *testing.T) {
	c := place(t)
	newCompositor(t, filepath.Join(c.Runtime, "wayland-0"), "xkb_keymap { nonsense };")
	if s := state(t, start(t, c)); s.Map != nil || !strings.HasPrefix(s.From.Map, "parse keymap: 1:14: ") {
		t.Errorf("got %+v", s)
	}
}

// TestDesktopChanges follows the user from no session to one and to another.
func TestDesktopChanges(t *testing.T) {
	c := place(t)
	w := start(t, c)
	if _, err := w.State(t.Context()); !errors.Is(err, ErrNoDesktop) {
		t.Errorf("before the session: %v", err)
	}
	if err := w.Wait(t.Context()); !errors.Is(err, ErrNoDesktop) {
		t.Errorf("before the session: %v", err)
	}
	first := newCompositor(t, filepath.Join(c.Runtime, "wayland-0"), symbols("One"))
	s := state(t, w)
	first.end()
	<-s.Changed
	if _, err := w.Desktop(t.Context()); !errors.Is(err, ErrNoDesktop) {
		t.Errorf("after the session: %v", err)
	}
	newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("Other"))
	if s = state(t, w); s.Map.Groups()[0] != "Other" {
		t.Errorf("got %q", s.Map.Groups())
	}
}

func TestDoneContext(t *testing.T) {
	c := place(t)
	w := New(c) // which does not run
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.State(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("nothing runs: %v", err)
	}
	newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("One"))
	w = start(t, c)
	if _, err := w.State(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("done before: %v", err)
	}
}

func TestLights(t *testing.T) {
	root := t.TempDir()
	if l, from := lights(root); l != (keymap.Locks{}) || from != "no keyboard has lights" {
		t.Errorf("no lights: %v from %s", l, from)
	}
	for name, value := range map[string]string{"input3::capslock": "0\n", "input3::numlock": "1\n", "input7::capslock": "1\n", "tpacpi::power": "1\n"} {
		write(t, value, root, "sys/class/leds", name, "brightness")
	}
	if l, from := lights(root); l != (keymap.Locks{Caps: true, Num: true}) || from != "/sys/class/leds" {
		t.Errorf("got %v from %s", l, from)
	}
	write(t, "0\n", root, "sys/class/leds/input7::capslock/brightness")
	if l, _ := lights(root); l != (keymap.Locks{Num: true}) {
		t.Errorf("got %v", l)
	}
}
