package desktop

import (
	"path/filepath"
	"testing"
)

// The application in focus has the name that the desktop knows it by.
func TestApp(t *testing.T) {
	for _, tt := range []struct {
		name       string
		desktop    func(testing.TB, Config) *teller
		window     string
		want, from string
	}{
		{"sway", fakeSway, `{"nodes": [{"nodes": [{"app_id": "foot", "focused": false}, {"app_id": "firefox", "focused": true}]}]}`, "firefox", "sway"},
		{"sway: a floating window of X11", fakeSway, `{"nodes": [{"nodes": [{"app_id": "foot"}], "floating_nodes": [{"app_id": null, "window_properties": {"class": "XTerm"}, "focused": true}]}]}`, "XTerm", "sway"},
		{"sway: an empty workspace", fakeSway, `{"nodes": [{"nodes": [{"type": "workspace", "focused": true}]}]}`, "", "sway"},
		{"hyprland", fakeHyprland, `{"class": "org.gnome.TextEditor", "title": "a"}`, "org.gnome.TextEditor", "Hyprland"},
		{"hyprland: no window", fakeHyprland, `{}`, "", "Hyprland"},
		{"niri", fakeNiri, `{"Ok":{"FocusedWindow":{"id":1,"app_id":"Alacritty"}}}` + "\n", "Alacritty", "niri"},
		{"niri: no window", fakeNiri, "", "", "niri"},
		{"kde", fakeKDE, "", "", errUntold.Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := place(t)
			newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("One"))
			tt.desktop(t, c).window = tt.window
			s := state(t, start(t, c))
			if s.App != tt.want || s.From.App != tt.from {
				t.Errorf("%q from %q, want %q from %q", s.App, s.From.App, tt.want, tt.from)
			}
		})
	}
}

func TestClassOf(t *testing.T) {
	for value, want := range map[string]string{
		"xterm\x00XTerm\x00": "XTerm",
		"xterm\x00XTerm":     "XTerm",
		"xterm":              "",
		"":                   "",
	} {
		if got := classOf([]byte(value)); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}
