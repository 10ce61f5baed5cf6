package typing

import (
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/key"
)

// Where keys and modifiers go different ways, the pace is the careful one; so it
// is where that is not known. Keys come together only where it is known that all
// were taken.
func TestPace(t *testing.T) {
	on := func(name string) desktop.State { return desktop.State{Desktop: desktop.Desktop{Name: name}} }
	relayed := desktop.State{Desktop: desktop.Desktop{Name: "sway"}, Relayed: true}
	for _, tt := range []struct {
		name    string
		setting string
		state   desktop.State
		want    inject.Pace
	}{
		{"sway", "auto", on("sway"), inject.Brisk},
		{"X11", "auto", on("x11"), inject.Brisk},
		{"KDE", "auto", on("kde"), inject.Even},
		{"sway with IBus", "auto", relayed, inject.Careful},
		{"GNOME", "auto", on("gnome"), inject.Careful},
		{"unknown", "auto", on(""), inject.Careful},
		{"the user knows better", "brisk", on(""), inject.Even},
		{"the user knows that IBus copes", "brisk", relayed, inject.Even},
		{"the user is careful", "careful", on("sway"), inject.Careful},
	} {
		if got := pace(tt.setting, tt.state); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// Where what a dead key makes may come before the letters typed earlier, it is
// pasted.
func TestDeadKeys(t *testing.T) {
	in := func(name, app string) desktop.State {
		return desktop.State{Desktop: desktop.Desktop{Name: name}, App: app}
	}
	for _, tt := range []struct {
		name    string
		setting string
		state   desktop.State
		want    bool
	}{
		{"a program that is known", "auto", in("sway", "foot"), true},
		{"by its class", "auto", in("x11", "XTerm"), true},
		{"a program that is not", "auto", in("sway", "qterminal"), false},
		{"the desktop does not tell", "auto", in("gnome", ""), false},
		{"KDE", "auto", in("kde", "foot"), false},
		{"with IBus", "auto", desktop.State{App: "foot", Relayed: true}, false},
		{"the user knows better", "true", in("sway", "libreoffice-writer"), true},
		{"but KDE", "true", in("kde", "libreoffice-writer"), false},
		{"but KDE's program elsewhere", "true", in("sway", "org.kde.kate"), false},
		{"but IBus", "true", desktop.State{Desktop: desktop.Desktop{Name: "gnome"}, Relayed: true}, false},
		{"the user wants none", "false", in("sway", "foot"), false},
	} {
		if got := deadKeys(tt.setting, tt.state); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestStrokeOf(t *testing.T) {
	got := strokeOf([]key.Code{29, 42, 47})
	if got.Code != 47 || !slices.Equal(got.Mods, []key.Code{29, 42}) {
		t.Errorf("Ctrl+Shift+V: %+v", got)
	}
}
