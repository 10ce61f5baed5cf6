package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key/legend"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/usage"
)

// checkDaemon examines the daemon of the settings. If the daemon does not answer, the state
// of its unit says why.
func (m *Machine) checkDaemon(ctx context.Context) report.Finding {
	unit := m.store.Unit()
	if unit == "" { // of settings in another place, which no unit reads
		s, noAnswer := m.daemon(ctx)
		if noAnswer != nil {
			return report.Bad(report.Broken, "vocoder run", "not started: %v", noAnswer)
		}
		return m.checkAnswer(s, systemd.UnitState{}, errNoUnit)
	}
	u, err := m.unit(ctx, unit)
	s, noAnswer := m.daemon(ctx)
	if noAnswer == nil {
		return m.checkAnswer(s, u, err)
	}
	name := shortName(unit)
	switch {
	case err != nil:
		return report.Bad(report.Broken, fmt.Sprintf("sudo systemctl start user@%d.service", m.uid), "not running: %v", err)
	case u.Load == "masked":
		return report.Bad(report.Broken, fmt.Sprintf("systemctl --user unmask %s && systemctl --user enable --now %s", name, name), "%s is masked", unit)
	case u.Load != "loaded":
		return report.Bad(report.Broken, "systemctl --user daemon-reload && systemctl --user enable --now "+name, "%s is not known to the service manager", unit)
	case u.Active == "failed":
		return report.Bad(report.Broken, "systemctl --user reset-failed "+name+"; "+m.restart(), "it failed; `journalctl --user -u %s -n 20` says why", name)
	case u.Active == "active":
		return report.Bad(report.Broken, m.restart(), "it runs but does not answer: %v", noAnswer)
	case u.Active == "activating":
		return report.Bad(report.Broken, "journalctl --user -u "+name+" -n 20", "it is starting, or failing again and again")
	}
	return report.Bad(report.Broken, "systemctl --user enable --now "+name, "not started")
}

var errNoUnit = errors.New("no unit reads these settings")

// shortName returns a unit as people type it.
func shortName(unit string) string { return strings.TrimSuffix(unit, ".service") }

// restart returns the command that restarts the daemon, or ends it if it has no unit.
func (m *Machine) restart() string {
	if unit := m.store.Unit(); unit != "" {
		return "systemctl --user restart " + shortName(unit)
	}
	return "vocoderctl shutdown"
}

// checkAnswer judges the status that the daemon reports. noManager is the error of the
// service manager that did not report u.
func (m *Machine) checkAnswer(s control.Status, u systemd.UnitState, noManager error) report.Finding {
	switch {
	case s.Version != usage.Version():
		return report.Bad(report.Warning, m.restart(), "version %s runs, version %s is installed", s.Version, usage.Version())
	case noManager == nil && u.Active == "active" && m.installed(u.Program).After(u.Since):
		return report.Bad(report.Warning, m.restart(), "the program was installed again, and the daemon from before still runs")
	case s.Pause == control.PausedByCommand:
		return report.Bad(report.Warning, "vocoderctl resume", "paused by command")
	}
	for _, part := range s.Missing() {
		if part != control.Recognizer { // the daemon asks the recognizer again at the next press
			return report.Bad(report.Warning, m.restart(), "%s", s.Lacks[part])
		}
	}
	switch {
	case noManager != nil || u.Active != "active":
		return report.Good("runs, not as a unit; hold %s and speak", legend.Of(s.Key))
	case u.File == "disabled":
		return report.Bad(report.Warning, "systemctl --user enable "+shortName(m.store.Unit()), "runs, but will not be started at the next login")
	}
	return report.Good("runs; hold %s and speak", legend.Of(s.Key))
}
