package desktop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// A source is a pair of "xkb" or "ibus" and a layout such as "us+dvorak".
type source struct{ Kind, ID string }

// A sourceList is what the settings of GNOME say.
type sourceList struct {
	all, recent []source
	perWindow   bool
}

// groupGNOME returns the group of GNOME Shell, which reports it only through vocoder's
// extension. Without that it follows from the settings, if it can. The keymap has
// at most three sources of the user and then the layout of the user's language
// (keyboardManager.js of GNOME Shell). So of two groups, the first is the only source. Of
// more, the group is that of the source used last. The shell writes that only while IBus
// runs: without IBus the list is empty or old (seen with GNOME Shell 48).
func (s *session) groupGNOME(ctx context.Context, m *keymap.Map) (int, string, error) {
	groups := m.Groups()
	if len(groups) == 2 {
		return 0, "the only source of GNOME", nil
	}
	if n, ok := s.groupHinted(m); ok {
		return n, fromExtension, nil
	}
	list, err := s.sources(ctx)
	if err != nil {
		return 0, "", fmt.Errorf("ask for the input sources: %w", err)
	}
	if !s.bus.owned(ctx, "org.freedesktop.IBus") {
		return 0, "", errors.New("GNOME does not tell without IBus")
	}
	layouts, err := registered(s.Root)
	if err != nil {
		return 0, "", err
	}
	n, ok := list.choose(groups, layouts.names)
	if !ok {
		return 0, "", errUnsure
	}
	return n, "the input source used last", nil
}

// choose returns the group of the source used last, if it is certain.
func (l sourceList) choose(groups []string, names map[string]string) (int, bool) {
	if l.perWindow || len(l.recent) == 0 || !slices.Contains(l.all, l.recent[0]) || l.recent[0].Kind != "xkb" {
		return 0, false
	}
	name, known := names[l.recent[0].ID]
	own := groups[:len(groups)-1] // without that of the language
	n := slices.Index(own, name)
	if !known || n < 0 || slices.Contains(own[n+1:], name) {
		return 0, false
	}
	return n, true
}

// sources asks the portal, which reads the settings for programs that may not. Source:
// flatpak.github.io/xdg-desktop-portal, Settings.
func (s *session) sources(ctx context.Context) (l sourceList, err error) {
	var all map[string]map[string]dbus.Variant
	err = s.bus.call(ctx, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
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

// groupHinted returns the group of the input source that GNOME Shell has told, if it is
// certain.
func (s *session) groupHinted(m *keymap.Map) (int, bool) {
	kind, id, ok := strings.Cut(s.hinted().Source, ":")
	if !ok {
		return 0, false
	}
	layouts, err := registered(s.Root)
	if err != nil {
		return 0, false
	}
	one := []source{{kind, id}}
	return sourceList{all: one, recent: one}.choose(m.Groups(), layouts.names)
}

// appGNOME returns the application that GNOME Shell has told.
func (s *session) appGNOME(context.Context) (name, from string, err error) {
	if app := s.hinted().App; app != "" {
		return app, fromExtension, nil
	}
	return "", "", errNoExtension
}

const fromExtension = "vocoder's extension of GNOME Shell"

var errNoExtension = errors.New("GNOME does not tell without vocoder's extension")
