package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"golang.org/x/sys/unix"
)

// helperSocket is the path of the socket of vocoder-inputd.
const helperSocket = helperproto.Path

// helped reports whether the devices are the helper's business. The daemon takes
// it where its socket is; one that is installed and not started is still what
// is to be mended where this user may not open the devices.
func (m *Machine) usesHelper() bool {
	switch m.cfg.Devices {
	case "direct":
		return false
	case "helper":
		return true
	}
	installed, _ := m.unitFile(systemd.HelperSocket, systemFolders...)
	return m.exists(helperSocket) || installed && !m.mayOpenDevices()
}

func (m *Machine) checkHelper(context.Context) report.Finding {
	installed, _ := m.unitFile(systemd.HelperSocket, systemFolders...)
	switch {
	case m.cfg.Devices == "direct":
		return report.Good("not used: vocoder opens the devices itself, as the setting devices says")
	case m.cfg.Devices == "helper" && !installed && !m.exists(helperSocket):
		return report.Bad(report.Broken, "vocoder config set devices auto", "not installed, though the setting devices wants it")
	case !installed && !m.exists(helperSocket):
		return report.Good("not installed: vocoder opens the devices itself")
	}
	f := m.examineHelper()
	if f.State != report.OK && !m.usesHelper() {
		f.State, f.Text = report.Warning, f.Text+"; vocoder opens the devices itself meanwhile, as every program of this user can"
	}
	return f
}

// examineHelper is how the helper is, which is installed.
func (m *Machine) examineHelper() report.Finding {
	for _, unit := range []string{systemd.HelperSocket, systemd.HelperService} {
		if _, masked := m.unitFile(unit, systemFolders...); masked {
			return report.Bad(report.Broken, fmt.Sprintf("sudo systemctl unmask %s && sudo systemctl start %s", unit, systemd.HelperSocket), "%s is masked", unit)
		}
	}
	err := connect(m.at(helperSocket))
	switch {
	case err == nil:
		return report.Good("%s answers", helperSocket)
	case errors.Is(err, fs.ErrNotExist):
		return report.Bad(report.Broken, "sudo systemctl enable --now "+systemd.HelperSocket, "%s is not there: the helper is not started", helperSocket)
	}
	return report.Bad(report.Broken, "sudo systemctl restart "+systemd.HelperSocket, "%v", err)
}

// connect connects to the helper and leaves at once.
func connect(path string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", path, err)
	}
	defer func() { _ = unix.Close(fd) }() // nothing was written
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return fmt.Errorf("connect to %s: %w", path, err)
	}
	return nil
}
