package doctor

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
)

// desktopProbes returns functions that ask the desktop for its layout and check its
// clipboard.
func desktopProbes(env environ.Env, cfg config.Config) (state func(context.Context) (desktop.State, error), clipboard func(context.Context) error) {
	d := typing.NewDesktop(env, slog.New(slog.DiscardHandler))
	state = func(ctx context.Context) (now desktop.State, err error) {
		err = d.During(ctx, func() (err error) {
			now, err = d.State(ctx)
			return err
		})
		return now, err
	}
	clipboard = func(ctx context.Context) error {
		return d.During(ctx, func() error { return d.Clipboard().Check(ctx) })
	}
	return state, clipboard
}

// checkLayout examines whether the daemon knows which layout is in effect.
func (m *Machine) checkLayout(ctx context.Context) report.Finding {
	fixed := m.cfg.Typing.Layout
	if fixed != "auto" && fixed != "" {
		if _, err := typing.NewStyle(m.cfg); err != nil {
			return report.Bad(report.Broken, "vocoder config set typing.layout auto", "%v", err)
		}
		return report.Good("%s, as typing.layout says", fixed)
	}
	s, err := m.layout(ctx)
	name := cmp.Or(s.Desktop.Name, "desktop")
	if err == nil && s.IME == "" && (s.Map == nil || s.Group == keymap.AllGroups) {
		// sway and Hyprland give each keyboard a layout. vocoder's keyboard exists while
		// the daemon runs.
		if _, err := m.daemon(ctx); err != nil {
			return report.Good("%s: known once the daemon runs, whose keyboard has a layout of its own", name)
		}
	}
	switch {
	case errors.Is(err, desktop.ErrNoDesktop):
		return report.Bad(report.Broken, "systemctl --user import-environment WAYLAND_DISPLAY DISPLAY XAUTHORITY", "no graphical session of this user answers")
	case err != nil:
		return report.Bad(report.Broken, "vocoder layout", "%v", err)
	case s.IME != "":
		return report.Good("%s: the input method %s has the keys, so texts are pasted", name, s.IME)
	case s.Map == nil:
		return report.Bad(report.Warning, "vocoder layout", "%s: the keymap is not known, so texts are pasted: %s", name, s.From.Map)
	}
	names := s.Map.Groups()
	if s.Group == keymap.AllGroups || s.Group >= len(names) {
		if len(names) == 1 {
			return report.Good("%s: %s (%s)", name, names[0], s.From.Map)
		}
		return report.Bad(report.Warning, "vocoder layout", "%s: which of %s is in effect is not known: %s", name, strings.Join(names, ", "), s.From.Group)
	}
	return report.Good("%s: %s, group %d of %d (%s; %s)", name, names[s.Group], s.Group+1, len(names), s.From.Map, s.From.Group)
}

// checkClipboard examines whether text can be pasted.
func (m *Machine) checkClipboard(ctx context.Context) report.Finding {
	err := m.clipboard(ctx)
	switch {
	case err == nil:
		return report.Good("reached: what the layout lacks can be pasted")
	case errors.Is(err, desktop.ErrNoDesktop):
		return report.Bad(report.Warning, "systemctl --user import-environment WAYLAND_DISPLAY DISPLAY XAUTHORITY", "no clipboard: no graphical session of this user answers")
	case !m.exists("/usr/bin/Xwayland"):
		return report.Bad(report.Warning, m.installXwayland(), "what the layout lacks cannot be pasted: %v", err)
	}
	return report.Bad(report.Warning, "vocoder layout", "what the layout lacks cannot be pasted: %v", err)
}
