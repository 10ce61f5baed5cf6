package desktop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// inputSources is where GNOME keeps the layouts and input methods of the user.
const inputSources = "org.gnome.desktop.input-sources"

// gnome tells the group of GNOME Shell, which does not tell it itself. The
// keymap has at most three sources of the user and then the layout of the
// user's language (keyboardManager.js of GNOME Shell), so of two groups the
// first is the only source. Of more, it is the source used last. The shell
// writes that only while IBus runs: without, the list is empty or stale (seen
// with GNOME Shell 48).
type gnome struct {
	bus  *bus
	root string
}

// A source is a pair of "xkb" or "ibus" and a layout such as "us+dvorak".
type source struct{ Kind, ID string }

// A sourceList is what the settings say.
type sourceList struct {
	all, recent []source
	perWindow   bool
}

func (g gnome) group(ctx context.Context, m *keymap.Map) (int, string, error) {
	groups := m.Groups()
	if len(groups) == 2 {
		return 0, "the only source of GNOME", nil
	}
	list, err := g.sources(ctx)
	if err != nil {
		return 0, "", fmt.Errorf("ask for the input sources: %w", err)
	}
	if !g.bus.owned(ctx, "org.freedesktop.IBus") {
		return 0, "", errors.New("GNOME does not tell without IBus")
	}
	layouts, err := descriptions(rooted(g.root, "usr/share/X11/xkb/rules/evdev.lst"))
	if err != nil {
		return 0, "", err
	}
	n, ok := list.choose(groups, layouts)
	if !ok {
		return 0, "", errUnsure
	}
	return n, "the input source used last", nil
}

// choose returns the group of the source used last, if it is sure.
func (l sourceList) choose(groups []string, layouts map[string]string) (int, bool) {
	if l.perWindow || len(l.recent) == 0 || !slices.Contains(l.all, l.recent[0]) || l.recent[0].Kind != "xkb" {
		return 0, false
	}
	name, known := layouts[l.recent[0].ID]
	own := groups[:len(groups)-1] // without that of the language
	n := slices.Index(own, name)
	if !known || n < 0 || slices.Contains(own[n+1:], name) {
		return 0, false
	}
	return n, true
}

// sources asks the portal, which reads the settings for all who may not.
// Source: flatpak.github.io/xdg-desktop-portal, Settings.
func (g gnome) sources(ctx context.Context) (l sourceList, err error) {
	var all map[string]map[string]dbus.Variant
	err = g.bus.call(ctx, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
		"org.freedesktop.portal.Settings.ReadAll", []any{[]string{inputSources}}, &all)
	if err != nil {
		return l, err
	}
	values, ok := all[inputSources]
	if !ok {
		return l, errors.New("the portal has none")
	}
	for key, to := range map[string]any{"sources": &l.all, "mru-sources": &l.recent, "per-window": &l.perWindow} {
		if err := dbus.Store([]any{values[key].Value()}, to); err != nil {
			return l, err
		}
	}
	return l, nil
}

// descriptions returns the names of all layouts: "us+dvorak" is "English
// (Dvorak)". The file is that of xkeyboard-config(7).
func descriptions(file string) (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	names := map[string]string{}
	section := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		first, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		rest = strings.TrimSpace(rest)
		switch {
		case first == "!":
			section = rest
		case section == "layout":
			names[first] = rest
		case section == "variant":
			layout, name, _ := strings.Cut(rest, ": ")
			names[layout+"+"+first] = strings.TrimSpace(name)
		}
	}
	return names, lines.Err()
}
