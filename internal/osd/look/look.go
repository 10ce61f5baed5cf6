// Package look asks the desktop for what its user prefers: light or dark, high contrast,
// reduced motion.
package look

import (
	"context"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/internal/osd/paint"
)

// limit is how long the desktop may take to answer.
const limit = 2 * time.Second

const (
	appearance = "org.freedesktop.appearance"
	gnome      = "org.gnome.desktop.interface"
)

// Ask returns what the user of the bus at an address prefers. It starts no program. Without
// an answer the look is dark. Source: org.freedesktop.portal.Settings.
func Ask(ctx context.Context, address string) paint.Look {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return paint.Look{}
	}
	defer func() { _ = conn.Close() }() // it was only read
	var all map[string]map[string]dbus.Variant
	err = conn.Object("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop").
		CallWithContext(ctx, "org.freedesktop.portal.Settings.ReadAll", dbus.FlagNoAutoStart, []string{appearance, gnome}).Store(&all)
	if err != nil {
		return paint.Look{}
	}
	return of(all)
}

// of returns the look that the settings of a desktop ask for.
func of(all map[string]map[string]dbus.Variant) (l paint.Look) {
	number := func(name string) uint32 {
		n, _ := all[appearance][name].Value().(uint32)
		return n
	}
	const light, higher, reduced = 2, 1, 1
	l.Light = number("color-scheme") == light
	l.Contrast = number("contrast") == higher
	animations, known := all[gnome]["enable-animations"].Value().(bool)
	l.Still = number("reduced-motion") == reduced || known && !animations
	return l
}
