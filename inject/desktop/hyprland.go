package desktop

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// hyprland asks Hyprland, which has a group and locks for each keyboard. Source:
// wiki.hypr.land/IPC and devicesRequest in src/debug/HyprCtl.cpp of Hyprland.
type hyprland struct {
	dir      string // of its sockets
	keyboard string
}

// A hyprKeyboard is what Hyprland reports of a keyboard. What older versions do not
// report is nil.
type hyprKeyboard struct {
	Name   string
	Active string `json:"active_keymap"`
	Index  *int   `json:"active_layout_index"`
	Caps   *bool  `json:"capsLock"`
	Num    *bool  `json:"numLock"`
}

// ours returns our keyboard. Hyprland changes its name.
func (h hyprland) ours(ctx context.Context) (k hyprKeyboard, err error) {
	var devices struct{ Keyboards []hyprKeyboard }
	if err := askSocket(ctx, filepath.Join(h.dir, ".socket.sock"), "j/devices", &devices); err != nil {
		return k, fmt.Errorf("ask Hyprland for its keyboards: %w", err)
	}
	name := strings.ToLower(strings.ReplaceAll(h.keyboard, " ", "-"))
	i := slices.IndexFunc(devices.Keyboards, func(k hyprKeyboard) bool { return k.Name == name })
	if i < 0 {
		return k, errors.New("our keyboard is not in the list of Hyprland")
	}
	return devices.Keyboards[i], nil
}

func (h hyprland) group(ctx context.Context, m *keymap.Map) (int, string, error) {
	k, err := h.ours(ctx)
	if err != nil {
		return 0, "", err
	}
	groups := m.Groups()
	n := slices.Index(groups, k.Active)
	switch {
	case k.Index != nil && *k.Index >= 0 && *k.Index < len(groups) && groups[*k.Index] == k.Active:
		n = *k.Index
	case k.Index != nil, n < 0, slices.Contains(groups[n+1:], k.Active):
		return 0, "", errUnsure
	}
	return n, "Hyprland", nil
}

func (h hyprland) locks(ctx context.Context, _ *keymap.Map) (keymap.Locks, string, error) {
	k, err := h.ours(ctx)
	if err == nil && (k.Caps == nil || k.Num == nil) {
		err = errors.New("locks not told by Hyprland")
	}
	if err != nil {
		return keymap.Locks{}, "", err
	}
	return keymap.Locks{Caps: *k.Caps, Num: *k.Num}, "Hyprland", nil
}

// listen waits for an event about the layout.
func (h hyprland) listen(ctx context.Context, touched func()) error {
	return listenSocket(ctx, filepath.Join(h.dir, ".socket2.sock"), "", touched, "activelayout>>", "configreloaded>>")
}

func (h hyprland) app(ctx context.Context) (name, from string, err error) {
	var window struct{ Class string }
	if err := askSocket(ctx, filepath.Join(h.dir, ".socket.sock"), "j/activewindow", &window); err != nil {
		return "", "", fmt.Errorf("ask Hyprland for its window: %w", err)
	}
	return window.Class, "Hyprland", nil
}
