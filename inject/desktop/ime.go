package desktop

import (
	"bytes"
	"cmp"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/godbus/dbus/v5"
)

// ime returns the input method in effect. Methods that only repeat the keyboard count as
// none: Fcitx calls them keyboard-…, and IBus xkb:…. If one does not answer in time, as on a
// busy machine, its name is unknown, so that nothing is typed into it.
func (s *session) ime(ctx context.Context) (name, from string, runs bool) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	for _, f := range []struct {
		name, keyboard string
		ask            func(context.Context) (string, bool)
	}{{"Fcitx", "keyboard-", s.bus.fcitx}, {"IBus", "xkb:", s.ibus}, {"Fcitx 4", "fcitx-keyboard-", s.fcitx4}} {
		if name, ok := f.ask(ctx); ok {
			if strings.HasPrefix(name, f.keyboard) {
				name = ""
			}
			return name, f.name, true
		}
	}
	for _, o := range []struct{ name, dir, socket string }{
		{"kime", s.Runtime, "kime-indicator.sock"},
		{"uim", s.Runtime, "uim/socket/uim-helper"},
		{"uim", s.Home, ".uim.d/socket/uim-helper"},
	} {
		if o.dir != "" && answers(ctx, filepath.Join(o.dir, o.socket)) {
			return o.name, o.name + ", which does not tell its state", true
		}
	}
	if s.mute || ctx.Err() != nil {
		return "unknown", "no answer in time", true
	}
	return "", "none runs", false
}

// answers reports whether a program listens at a socket. Its file may be there without one.
func answers(ctx context.Context, path string) bool {
	c, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return false
	}
	_ = c.Close() // nothing was written
	return true
}

// fcitx4 asks Fcitx 4, whose name has the number of the X display. Fcitx 5 has that name
// too, and is asked before. Without an answer its name is that of a method, so that nothing
// is typed into it. Source: src/module/dbusstuff and src/module/ipc of fcitx 4.2.
func (s *session) fcitx4(ctx context.Context) (name string, ok bool) {
	_, number, _ := strings.Cut(s.conn.X11, ":")
	number, _, _ = strings.Cut(number, ".")
	service := "org.fcitx.Fcitx-" + cmp.Or(number, "0")
	if !s.bus.owned(ctx, service) {
		return "", false
	}
	if s.bus.call(ctx, service, "/inputmethod", "org.fcitx.Fcitx.InputMethod.GetCurrentIM", nil, &name) != nil {
		name = "unknown"
	}
	return name, true
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
		own := openBus(ctx, answerLimit, ibusAddress(file))
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
