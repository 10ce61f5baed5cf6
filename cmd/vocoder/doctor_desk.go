package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/inject/layout"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/linux/session"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/usage"
)

// examineDesk returns what asks the desktop for its layout and its clipboard.
func (a *app) examineDesk(cfg config.Config) (state func(context.Context) (layout.State, error), clipboard func(context.Context) error) {
	d := typing.NewDesktop(a.Env, slog.New(slog.DiscardHandler))
	state = func(ctx context.Context) (now layout.State, err error) {
		failed := d.During(ctx, func() error {
			now, err = d.State(ctx)
			return nil
		})
		return now, errors.Join(err, failed)
	}
	clipboard = func(ctx context.Context) error {
		return d.During(ctx, func() error { return d.Clipboard().Check(ctx) })
	}
	return state, clipboard
}

func (p *patient) layoutLink(ctx context.Context) finding {
	fixed := p.cfg.Typing.Layout
	if fixed != "auto" && fixed != "" {
		return ok("%s, as typing.layout says", fixed)
	}
	s, err := p.layout(ctx)
	if err == nil && s.IME == "" && (s.Map == nil || s.Group == keymap.AllGroups) {
		// sway and Hyprland give each keyboard a layout, and ours is the daemon's.
		if _, away := p.daemon(ctx); away != nil {
			return ok("%s: known once the daemon runs, whose keyboard has a layout of its own", desktopName(s))
		}
	}
	switch {
	case errors.Is(err, layout.ErrNoDesktop):
		return ill(broken, "systemctl --user import-environment WAYLAND_DISPLAY DISPLAY XAUTHORITY", "no graphical session of this user answers")
	case err != nil:
		return ill(broken, "vocoder layout", "%v", err)
	case s.IME != "":
		return ok("%s: the input method %s has the keys, so texts are pasted", desktopName(s), s.IME)
	case s.Map == nil:
		return ill(doubtful, "vocoder layout", "%s: the keymap is not known, so texts are pasted: %s", desktopName(s), s.From.Map)
	}
	names := s.Map.Groups()
	if s.Group == keymap.AllGroups || s.Group >= len(names) {
		if len(names) == 1 {
			return ok("%s: %s (%s)", desktopName(s), names[0], s.From.Map)
		}
		return ill(doubtful, "vocoder layout", "%s: which of %s is in effect is not known: %s", desktopName(s), strings.Join(names, ", "), s.From.Group)
	}
	return ok("%s: %s, group %d of %d (%s; %s)", desktopName(s), names[s.Group], s.Group+1, len(names), s.From.Map, s.From.Group)
}

func desktopName(s layout.State) string {
	if s.Desktop.Name == "" {
		return "desktop"
	}
	return s.Desktop.Name
}

// sessionNow returns how the session is at this moment.
func sessionNow(ctx context.Context) (session.State, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var now session.State
	err := session.Watch(ctx, func(s session.State) {
		now = s
		cancel()
	})
	if now != (session.State{}) {
		return now, nil
	}
	return now, err
}

func (p *patient) sessionLink(ctx context.Context) finding {
	s, err := p.session(ctx)
	if err != nil {
		return ill(doubtful, "sudo systemctl start dbus.socket systemd-logind.service", "whether the session is in use or locked is not known: %v", err)
	}
	if s.InUse {
		return ok("in use; a lock is noticed when logind is told of it, as GNOME, KDE and `loginctl lock-session` do")
	}
	switch s.Why {
	case session.Locked:
		return ill(broken, "loginctl unlock-sessions", "the session is locked: nothing is heard or typed")
	case session.Inactive:
		return ill(broken, `loginctl activate "$(loginctl show-user --value -p Display "$USER")"`, "another session is in front: nothing is heard or typed")
	}
	return ill(broken, "loginctl list-sessions", "%s: log in at the machine itself, not over the network", s.Why)
}

func (p *patient) clipboardLink(ctx context.Context) finding {
	err := p.clipboard(ctx)
	switch {
	case err == nil:
		return ok("reached: what the layout lacks can be pasted")
	case errors.Is(err, layout.ErrNoDesktop):
		return ill(doubtful, "systemctl --user import-environment WAYLAND_DISPLAY DISPLAY XAUTHORITY", "no clipboard: no graphical session of this user answers")
	case !p.exists("/usr/bin/Xwayland"):
		return ill(doubtful, "sudo apt install xwayland", "what the layout lacks cannot be pasted: %v", err)
	}
	return ill(doubtful, "vocoder layout", "what the layout lacks cannot be pasted: %v", err)
}

func (p *patient) daemonLink(ctx context.Context) finding {
	u, err := p.unit(ctx, systemd.Daemon)
	s, silent := p.daemon(ctx)
	if silent == nil {
		return p.running(s, u, err)
	}
	const restart = "systemctl --user restart vocoder"
	switch {
	case err != nil:
		return ill(broken, fmt.Sprintf("sudo systemctl start user@%d.service", p.uid), "not running: %v", err)
	case u.Load == "masked":
		return ill(broken, "systemctl --user unmask vocoder && systemctl --user enable --now vocoder", "%s is masked", systemd.Daemon)
	case u.Load != "loaded":
		return ill(broken, "systemctl --user daemon-reload && systemctl --user enable --now vocoder", "%s is not known to the service manager", systemd.Daemon)
	case u.Active == "failed":
		return ill(broken, "systemctl --user reset-failed vocoder; "+restart, "it failed; `journalctl --user -u vocoder -n 20` says why")
	case u.Active == "active":
		return ill(broken, restart, "it runs but does not answer: %v", silent)
	case u.Active == "activating":
		return ill(broken, "journalctl --user -u vocoder -n 20", "it is starting, or failing again and again")
	}
	return ill(broken, "systemctl --user enable --now vocoder", "not started")
}

// running judges a daemon that answers.
func (p *patient) running(s control.Status, u systemd.UnitState, noManager error) finding {
	const restart = "systemctl --user restart vocoder"
	switch {
	case s.Version != usage.Version():
		return ill(doubtful, restart, "version %s runs, version %s is installed", s.Version, usage.Version())
	case s.Pause == "by command":
		return ill(doubtful, "vocoderctl resume", "paused by command")
	}
	for _, part := range slices.Sorted(maps.Keys(s.Lacks)) {
		if part != "recogniser" { // which it asks again at the next press
			return ill(doubtful, restart, "%s", s.Lacks[part])
		}
	}
	switch {
	case noManager != nil || u.Active != "active":
		return ok("runs, not as a unit; hold %s and speak", s.Key)
	case u.File == "disabled":
		return ill(doubtful, "systemctl --user enable vocoder", "runs, but will not be started at the next login")
	}
	return ok("runs; hold %s and speak", s.Key)
}
