package doctor

import (
	"fmt"
	"os"
	"path/filepath"
)

// userUnit reports whether a unit of the user's service manager is installed, and
// whether it is masked.
func (m *Machine) userUnit(name string) (installed, masked bool) {
	home := m.env.Var("HOME")
	return m.unitFile(name, home+"/.config/systemd/user", home+"/.local/share/systemd/user",
		"/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user")
}

// systemUnit reports the same of a unit of the system's service manager.
func (m *Machine) systemUnit(name string) (installed, masked bool) {
	return m.unitFile(name, "/etc/systemd/system", "/run/systemd/system",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
}

// unitFile looks for a unit in folders; the first that has it decides. A masked unit is
// a link to /dev/null. Source: systemd.unit(5).
func (m *Machine) unitFile(name string, folders ...string) (installed, masked bool) {
	for _, dir := range folders {
		path := filepath.Join(m.at(dir), name)
		if to, err := os.Readlink(path); err == nil && to == "/dev/null" {
			return true, true
		}
		if _, err := os.Lstat(path); err == nil {
			return true, false
		}
	}
	return false, false
}

// unmask returns the command that unmasks and starts a unit of the user.
func unmask(unit string) string {
	return fmt.Sprintf("systemctl --user unmask %s && systemctl --user start %s", unit, unit)
}
