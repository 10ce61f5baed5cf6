package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key/legend"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/usage"
)

const restartDaemon = "systemctl --user restart vocoder"

// checkDaemon examines the daemon. If the daemon does not answer, the state of its unit
// says why.
func (m *Machine) checkDaemon(ctx context.Context) report.Finding {
	u, err := m.unit(ctx, systemd.Daemon)
	s, noAnswer := m.daemon(ctx)
	if noAnswer == nil {
		return checkAnswer(s, u, err, m.installed(u.Program))
	}
	switch {
	case err != nil:
		return report.Bad(report.Broken, fmt.Sprintf("sudo systemctl start user@%d.service", m.uid), "not running: %v", err)
	case u.Load == "masked":
		return report.Bad(report.Broken, "systemctl --user unmask vocoder && systemctl --user enable --now vocoder", "%s is masked", systemd.Daemon)
	case u.Load != "loaded":
		return report.Bad(report.Broken, "systemctl --user daemon-reload && systemctl --user enable --now vocoder", "%s is not known to the service manager", systemd.Daemon)
	case u.Active == "failed":
		return report.Bad(report.Broken, "systemctl --user reset-failed vocoder; "+restartDaemon, "it failed; `journalctl --user -u vocoder -n 20` says why")
	case u.Active == "active":
		return report.Bad(report.Broken, restartDaemon, "it runs but does not answer: %v", noAnswer)
	case u.Active == "activating":
		return report.Bad(report.Broken, "journalctl --user -u vocoder -n 20", "it is starting, or failing again and again")
	}
	return report.Bad(report.Broken, "systemctl --user enable --now vocoder", "not started")
}

// checkAnswer judges the status that the daemon reports. noManager is the error of the
// service manager that did not report u. The program was installed at a time.
func checkAnswer(s control.Status, u systemd.UnitState, noManager error, installed time.Time) report.Finding {
	switch {
	case s.Version != usage.Version():
		return report.Bad(report.Warning, restartDaemon, "version %s runs, version %s is installed", s.Version, usage.Version())
	case noManager == nil && u.Active == "active" && installed.After(u.Since):
		return report.Bad(report.Warning, restartDaemon, "the program was installed again, and the daemon from before still runs")
	case s.Pause == control.PausedByCommand:
		return report.Bad(report.Warning, "vocoderctl resume", "paused by command")
	}
	for _, part := range s.Missing() {
		if part != control.Recognizer { // the daemon asks the recognizer again at the next press
			return report.Bad(report.Warning, restartDaemon, "%s", s.Lacks[part])
		}
	}
	switch {
	case noManager != nil || u.Active != "active":
		return report.Good("runs, not as a unit; hold %s and speak", legend.Of(s.Key))
	case u.File == "disabled":
		return report.Bad(report.Warning, "systemctl --user enable vocoder", "runs, but will not be started at the next login")
	}
	return report.Good("runs; hold %s and speak", legend.Of(s.Key))
}
