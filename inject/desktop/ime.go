package desktop

import (
	"bytes"
	"context"
	"os"
	"strings"

	"github.com/godbus/dbus/v5"
)

// ime returns the input method in effect. Methods that only repeat the keyboard count as
// none: Fcitx calls them keyboard-…, and IBus xkb:….
func (s *session) ime(ctx context.Context) (name, from string, runs bool) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	for _, f := range []struct {
		name, keyboard string
		ask            func(context.Context) (string, bool)
	}{{"Fcitx", "keyboard-", s.bus.fcitx}, {"IBus", "xkb:", s.ibus}} {
		if name, ok := f.ask(ctx); ok {
			if strings.HasPrefix(name, f.keyboard) {
				name = ""
			}
			return name, f.name, true
		}
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

// ibus asks IBus on its own bus. The description of an engine is a structure of its
// type, its attachments and then its name. Source: ibusshare.c and ibusenginedesc.c of
// IBus.
func (s *session) ibus(ctx context.Context) (name string, ok bool) {
	if s.ConfigHome == "" || !s.bus.owned(ctx, "org.freedesktop.IBus") {
		return "", false
	}
	for _, file := range glob(s.ConfigHome, "ibus/bus/*") {
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

// ibusAddress returns the address in a file of IBus, or "" if it has none.
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
