package doctor

import (
	"os"
	"path/filepath"
)

var userFolders = []string{"/etc/systemd/user", "/usr/local/lib/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user"}

// userUnit is unitFile for the user's manager.
func (m *Machine) userUnit(name string) (installed, masked bool) {
	for _, dir := range []string{m.home + "/.config/systemd/user", m.home + "/.local/share/systemd/user"} {
		if installed, masked = m.unitFile(name, dir); installed {
			return installed, masked
		}
	}
	return m.unitFile(name, userFolders...)
}

// unitFile returns whether a unit is installed and whether it is masked, which
// is a link to /dev/null. Source: systemd.unit(5).
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

var systemFolders = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}
