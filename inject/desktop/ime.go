package desktop

import (
	"bytes"
	"context"
	"os"
	"strings"

	"github.com/godbus/dbus/v5"
)

// ime returns the input method in effect. Those that only repeat the keyboard
// are none: they are called keyboard-… in Fcitx and xkb:… in IBus.
func (h *session) ime(ctx context.Context) (name, from string, runs bool) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if name, ok := h.bus.fcitx(ctx); ok {
		if strings.HasPrefix(name, "keyboard-") {
			name = ""
		}
		return name, "Fcitx", true
	}
	if name, ok := h.ibus(ctx); ok {
		if strings.HasPrefix(name, "xkb:") {
			name = ""
		}
		return name, "IBus", true
	}
	return "", "none runs", false
}

// fcitx asks Fcitx 5. Source: org.fcitx.Fcitx.Controller1 in
// src/modules/dbus/dbusmodule.cpp of fcitx5.
func (b *bus) fcitx(ctx context.Context) (name string, ok bool) {
	const service = "org.fcitx.Fcitx5"
	if !b.owned(ctx, service) {
		return "", false
	}
	err := b.call(ctx, service, "/controller", "org.fcitx.Fcitx.Controller1.CurrentInputMethod", nil, &name)
	return name, err == nil
}

// ibus asks IBus, which has a bus of its own. Source: ibusshare.c and
// ibusenginedesc.c of IBus: the description is a structure of its type, its
// attachments and then the name.
func (h *session) ibus(ctx context.Context) (name string, ok bool) {
	if h.ConfigHome == "" || !h.bus.owned(ctx, "org.freedesktop.IBus") {
		return "", false
	}
	for _, file := range glob(h.ConfigHome, "ibus/bus/*") {
		own := openBus(ctx, ibusAddress(file))
		if own == nil {
			continue
		}
		defer own.close()
		var value dbus.Variant
		err := own.call(ctx, "org.freedesktop.IBus", "/org/freedesktop/IBus", "org.freedesktop.DBus.Properties.Get",
			[]any{"org.freedesktop.IBus", "GlobalEngine"}, &value)
		if err != nil {
			continue
		}
		if inner, nested := value.Value().(dbus.Variant); nested {
			value = inner
		}
		if fields, isStruct := value.Value().([]any); isStruct && len(fields) > 2 {
			name, ok = fields[2].(string)
			return name, ok
		}
	}
	return "", false
}

// ibusAddress returns the address in a file of IBus, empty if it has none.
func ibusAddress(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range bytes.Lines(text) {
		if address, ok := bytes.CutPrefix(line, []byte("IBUS_ADDRESS=")); ok {
			return string(bytes.TrimSpace(address))
		}
	}
	return ""
}
