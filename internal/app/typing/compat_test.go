package typing

import (
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/config"
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

// TestApplications: programs that mix up what is typed far ahead, and those that may be
// such, get less of it, unless the user says otherwise.
func TestApplications(t *testing.T) {
	wayland := func(app string) desktop.State {
		return desktop.State{Desktop: desktop.Desktop{Name: "sway", Wayland: "/run/wayland-1"}, App: app}
	}
	x11 := desktop.State{Desktop: desktop.Desktop{Name: "x11", X11: ":0"}, App: "firefox"}
	own := func(limit int) config.Typing {
		return config.Typing{PasteLimit: 400, Applications: []config.Application{{App: "firefox", PasteLimit: limit}}}
	}
	for _, tt := range []struct {
		name  string
		typed config.Typing
		state desktop.State
		limit int
		use   deadKeyUse
	}{
		{"Firefox on Wayland", config.Typing{PasteLimit: 400}, wayland("firefox"), 150, forLetters},
		{"by the name of a package", config.Typing{PasteLimit: 400}, wayland("org.mozilla.firefox"), 150, noDeadKeys},
		{"in another case", config.Typing{PasteLimit: 400}, wayland("Firefox-ESR"), 150, forLetters},
		{"Thunderbird", config.Typing{PasteLimit: 400}, wayland("thunderbird"), 150, noDeadKeys},
		{"not told", config.Typing{PasteLimit: 400}, wayland(""), 150, noDeadKeys},
		{"without a limit of the user", config.Typing{}, wayland("firefox"), 150, forLetters},
		{"with a smaller limit of the user", config.Typing{PasteLimit: 20}, wayland("firefox"), 20, forLetters},
		{"with a limit of its own", own(1000), wayland("firefox"), 1000, forLetters},
		{"with none of its own", own(0), wayland("firefox"), -1, forLetters},
		{"with an entry that has no limit", own(-1), wayland("firefox"), 150, forLetters},
		{"Firefox on X11", config.Typing{PasteLimit: 400}, x11, 400, forAll},
		{"another program", config.Typing{PasteLimit: 400}, wayland("foot"), 400, forAll},
		{"another program without a limit", config.Typing{}, wayland("foot"), -1, forAll},
	} {
		typed := tt.typed.For(tt.state.App)
		if got := pasteLimit(typed, tt.state); got != tt.limit {
			t.Errorf("%s: at most %d characters, want %d", tt.name, got, tt.limit)
		}
		if got := deadKeyUseOf("auto", tt.state); got != tt.use {
			t.Errorf("%s: dead keys %d, want %d", tt.name, got, tt.use)
		}
	}
	if got := deadKeyUseOf("true", wayland("firefox")); got != forAll {
		t.Errorf("the user knows better: dead keys %d", got)
	}
}

// TestMixesUp has app_ids of packages, snaps and flatpaks of programs made from Firefox, and
// names that are like them.
func TestMixesUp(t *testing.T) {
	for app, want := range map[string]bool{
		"": true, "firefox": true, "firefox-esr": true, "firefox-nightly": true, "firefox_firefox": true, "firefoxdeveloperedition": true,
		"org.mozilla.firefox": true, "org.mozilla.firefox_beta": true, "org.mozilla.Thunderbird": true, "thunderbird_thunderbird": true,
		"eu.betterbird.Betterbird": true, "io.gitlab.librewolf-community": true, "net.waterfox.waterfox": true, "one.ablaze.floorp": true,
		"app.zen_browser.zen": true, "zen-twilight": true, "Tor Browser": true, "org.torproject.torbrowser-launcher": true,
		"net.mullvad.MullvadBrowser": true, "foot": false, "zenity": false, "citizen": false, "chromium": false, "motor-browser": false,
	} {
		if got := mixesUp(desktop.State{Desktop: desktop.Desktop{Wayland: "wayland-1"}, App: app}); got != want {
			t.Errorf("%q: %t, want %t", app, got, want)
		}
	}
}

// TestDeadKeySpace: without sequences that have a space, ^ is not typed and é is.
func TestDeadKeySpace(t *testing.T) {
	m, err := ReadKeymap("../../../inject/keymap/testdata/de+us+ru.xkb")
	if err != nil {
		t.Fatal(err)
	}
	for use, want := range map[deadKeyUse][2]bool{noDeadKeys: {false, false}, forLetters: {true, false}, forAll: {true, true}} {
		table := m.Table(0, keymap.Locks{}, composeOf(keymap.DeadKeys(), use))
		for i, char := range []string{"é", "^"} {
			if _, err := table.Plan(char); (err == nil) != want[i] {
				t.Errorf("use %d: %s: %v", use, char, err)
			}
		}
	}
}
