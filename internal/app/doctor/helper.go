package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"

	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
)

// helperSocket is the path of the socket of vocoder-inputd.
const helperSocket = helperproto.Path

// usesHelper reports whether the daemon opens the devices through the helper. With the
// setting auto, the daemon does so if the helper's socket exists. A helper that is
// installed but not started counts too if this user may not open the devices: then the
// user must start the helper.
func (m *Machine) usesHelper() bool {
	switch m.cfg.Devices {
	case "direct":
		return false
	case "helper":
		return true
	}
	installed, _ := m.systemUnit(systemd.HelperSocket)
	return m.exists(helperSocket) || installed && !m.mayOpenDevices()
}

// checkHelper examines the helper. A faulty helper is only a warning if vocoder opens
// the devices itself.
func (m *Machine) checkHelper(context.Context) report.Finding {
	installed, _ := m.systemUnit(systemd.HelperSocket)
	installed = installed || m.exists(helperSocket)
	switch {
	case m.cfg.Devices == "direct":
		return report.Good("not used: vocoder opens the devices itself, as the setting devices says")
	case m.cfg.Devices == "helper" && !installed:
		return report.Bad(report.Broken, "vocoder config set devices auto", "not installed, though the setting devices wants it")
	case !installed:
		return report.Good("not installed: vocoder opens the devices itself")
	}
	f := m.examineHelper()
	if f.State != report.OK && !m.usesHelper() {
		f.State, f.Text = report.Warning, f.Text+"; vocoder opens the devices itself meanwhile, as every program of this user can"
	}
	return f
}

// examineHelper examines the installed helper.
func (m *Machine) examineHelper() report.Finding {
	for _, unit := range []string{systemd.HelperSocket, systemd.HelperService} {
		if _, masked := m.systemUnit(unit); masked {
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

// connect connects to the helper's socket and closes the connection.
func connect(path string) error {
	conn, err := net.Dial("unixpacket", path)
	if errno, is := errors.AsType[syscall.Errno](err); is {
		return fmt.Errorf("connect to %s: %w", path, errno)
	}
	if err != nil {
		return err
	}
	return conn.Close()
}
