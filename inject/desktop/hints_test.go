package desktop

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// What GNOME Shell says decides which group is in use, which application has the focus, and
// whether a password field has. Each change closes Changed.
func TestHints(t *testing.T) {
	c := place(t)
	newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("German", "English (Dvorak)", "English (US)"))
	f := fakeGNOME(t, c)
	f.set(`{"sources":[["xkb","de"],["xkb","us+dvorak"]],"recent":[],"ibus":false}`)
	w := start(t, c)
	if s := state(t, w); s.Group != keymap.AllGroups || s.App != "" || w.Password() {
		t.Errorf("without hints: group %d, %q", s.Group, s.App)
	}
	for _, tt := range []struct {
		h     Hints
		group int
	}{
		{Hints{Source: "xkb:us+dvorak", App: "firefox", Window: "1"}, 1},
		{Hints{Source: "xkb:de", App: "firefox", Window: "1"}, 0},
		{Hints{Source: "xkb:de", App: "firefox", Window: "2", Password: true}, 0},
		{Hints{Source: "xkb:us", App: "org.gnome.Console"}, keymap.AllGroups}, // only the language has it
		{Hints{Source: "xkb:fr"}, keymap.AllGroups},
		{Hints{Source: "ibus:anthy"}, keymap.AllGroups},
		{Hints{Source: "nonsense"}, keymap.AllGroups},
		{Hints{}, keymap.AllGroups},
	} {
		before := state(t, w)
		if err := w.Hint(t.Context(), os.Getpid(), tt.h); err != nil {
			t.Fatal(err)
		}
		<-before.Changed
		if s := state(t, w); s.Group != tt.group || s.App != tt.h.App || w.Password() != tt.h.Password {
			t.Errorf("%+v: group %d from %s, %q from %s, password %v", tt.h, s.Group, s.From.Group, s.App, s.From.App, w.Password())
		}
	}
	before := state(t, w)
	if err := w.Hint(t.Context(), os.Getpid(), Hints{}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-before.Changed:
		t.Error("the same hints are a change")
	default:
	}
}

// Only the process that serves a Wayland socket of the user, and is GNOME Shell, is believed,
// and only while it runs.
func TestHintsOfOthers(t *testing.T) {
	c := place(t)
	end := newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("German", "English (US)")).end
	w := start(t, c)
	secret := Hints{Password: true}
	me := os.Getpid()
	comm := func(pid int, name string) { write(t, name+"\n", c.Root, "proc", strconv.Itoa(pid), "comm") }
	comm(me, "mutter")
	comm(me+1, "gnome-shell")
	for _, pid := range []int{me, me + 1, me + 2, 0, -1} {
		if err := w.Hint(t.Context(), pid, secret); !errors.Is(err, ErrNotShell) || w.Password() {
			t.Errorf("process %d: %v", pid, err)
		}
	}
	comm(me, "gnome-shell")
	if err := w.Hint(t.Context(), me, secret); err != nil || !w.Password() {
		t.Errorf("the shell: %v", err)
	}
	if err := os.Remove(filepath.Join(c.Root, "proc", strconv.Itoa(me), "comm")); err != nil {
		t.Fatal(err)
	}
	if w.Password() {
		t.Error("a shell that has ended is believed")
	}
	comm(me, "gnome-shell")
	end()
	if err := w.Hint(t.Context(), me, Hints{App: "x"}); !errors.Is(err, ErrNotShell) {
		t.Errorf("without a socket: %v", err)
	}
}
