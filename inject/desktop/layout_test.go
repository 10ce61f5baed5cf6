package desktop

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
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
	root := filepath.Join(dir, "root")
	return Config{
		Runtime: filepath.Join(root, "run/user", strconv.Itoa(os.Getuid())), ConfigHome: filepath.Join(dir, "config"),
		Root: root, Keyboard: "vocoder keyboard",
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

// TestLights: a light is on at some keyboard means what the keymap has it show.
func TestLights(t *testing.T) {
	const (
		usual = `virtual_modifiers NumLock=0x10; indicator "Caps Lock" { !allowExplicit; whichModState= locked; modifiers= Lock; }; indicator "Num Lock" { whichModState= locked; modifiers= NumLock; };`
		none  = "no keyboard has lights"
		other = "the lights of the keyboard show something else"
		leds  = "/sys/class/leds"
	)
	for _, tt := range []struct {
		name      string
		caps, num string // contents of brightness and of trigger, with a space between; empty: no light
		keymap    string // the section of the lights
		want      keymap.Locks
		from      string
		wrong     bool // the keymap is of no use
	}{
		{"no lights", "", "", usual, keymap.Locks{}, none, false},
		{"all off", "0", "0", usual, keymap.Locks{}, leds, false},
		{"Caps Lock", "1", "0", usual, keymap.Locks{Caps: true}, leds, false},
		{"Num Lock, as bright as it can be", "0", "255", usual, keymap.Locks{Num: true}, leds, false},
		{"both", "1", "1", usual, keymap.Locks{Caps: true, Num: true}, leds, false},
		{"the light shows the group (grp_led:caps)", "1", "0", `indicator "Caps Lock" { groups= 0xfe; };`, keymap.Locks{}, other, false},
		{"and the other light shows Num Lock", "0", "1", strings.Replace(usual, "modifiers= Lock;", "groups= 0xfe;", 1), keymap.Locks{Num: true}, leds, false},
		{"the group too", "1", "0", `indicator "Caps Lock" { whichModState= locked; modifiers= Lock; whichGroupState= effective; groups= 0x2; };`, keymap.Locks{}, other, false},
		{"what is held", "1", "0", `indicator "Caps Lock" { whichModState= base; modifiers= Shift; };`, keymap.Locks{}, other, false},
		{"Mouse Keys", "0", "1", `indicator "Num Lock" { controls= MouseKeys; };`, keymap.Locks{}, other, false},
		{"the keymap has no such light", "1", "0", "", keymap.Locks{}, other, false},
		{"Caps Lock is Shift Lock (caps:shiftlock)", "1", "0", `indicator "Caps Lock" { whichModState= locked; modifiers= Shift; };`, keymap.Locks{}, "", true},
		{"and is off", "0", "0", `indicator "Caps Lock" { whichModState= locked; modifiers= Shift; };`, keymap.Locks{}, leds, false},
		{"the console switches it", "1 none kbd-scrolllock [kbd-capslock]", "0", usual, keymap.Locks{Caps: true}, leds, false},
		{"nothing of the kernel does", "1 [none] kbd-capslock", "0", usual, keymap.Locks{Caps: true}, leds, false},
		{"the light blinks with the disk", "1 none [disk-activity] kbd-capslock", "", usual, keymap.Locks{}, none, false},
		{"the light shows Scroll Lock", "1 none [kbd-scrolllock]", "0", usual, keymap.Locks{}, leds, false},
	} {
		root := t.TempDir()
		for name, value := range map[string]string{"input7::capslock": tt.caps, "input3::numlock": tt.num} {
			brightness, trigger, found := strings.Cut(value, " ")
			if value != "" {
				write(t, brightness+"\n", root, "sys/class/leds", name, "brightness")
			}
			if found {
				write(t, trigger+"\n", root, "sys/class/leds", name, "trigger")
			}
		}
		write(t, "0\n", root, "sys/class/leds/input9::kana/brightness")
		text := strings.Replace(symbols("One"), "interpret.repeat= False;", tt.keymap, 1)
		m, err := keymap.Parse(text)
		if err != nil {
			t.Fatal(tt.name, err)
		}
		l, from, err := lights(root, m)
		if l != tt.want || from != tt.from || errors.Is(err, errOtherLock) != tt.wrong {
			t.Errorf("%s: %v from %q, %v", tt.name, l, from, err)
		}
	}
}
