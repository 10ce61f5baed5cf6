package doctor

import (
	"context"

	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// currentSession returns the present state of the session.
func currentSession(ctx context.Context) (session.State, error) {
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

// checkSession examines whether the user may dictate: the session is in use, and not
// locked.
func (m *Machine) checkSession(ctx context.Context) report.Finding {
	s, err := m.session(ctx)
	if err != nil {
		return report.Bad(report.Warning, "sudo systemctl start dbus.socket systemd-logind.service", "whether the session is in use or locked is not known: %v", err)
	}
	if s.InUse {
		return report.Good("in use; a lock is noticed when logind reports it, as with GNOME, KDE and `loginctl lock-session`")
	}
	switch s.Why {
	case session.Locked:
		return report.Bad(report.Broken, "loginctl unlock-sessions", "the session is locked: nothing is heard or typed")
	case session.Inactive:
		return report.Bad(report.Broken, `loginctl activate "$(loginctl show-user --value -p Display "$USER")"`, "another session is in front: nothing is heard or typed")
	}
	return report.Bad(report.Broken, "loginctl list-sessions", "%s: log in at the machine itself, not over the network", s.Why)
}
