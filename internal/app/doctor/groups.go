package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/arealicehole/vocoder/internal/app/report"
)

// groups returns the names of the groups that the machine's files put the user in, by
// number. Source: group(5).
func (m *Machine) groups() map[int]string {
	text, _ := os.ReadFile(m.at("/etc/group")) // without the file no group is known
	all := map[int]string{}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 4 {
			continue
		}
		gid, err := strconv.Atoi(f[2])
		if err == nil && (gid == m.gid || m.user != "" && slices.Contains(strings.Split(f[3], ","), m.user)) {
			all[gid] = f[0]
		}
	}
	return all
}

// managerGroups returns the groups of the user's running service manager. The programs
// that it starts inherit them. Source: proc_pid_status(5).
func (m *Machine) managerGroups() (gids []int, known bool) {
	scope := fmt.Sprintf("/sys/fs/cgroup/user.slice/user-%d.slice/user@%d.service/init.scope/cgroup.procs", m.uid, m.uid)
	procs, err := os.ReadFile(m.at(scope))
	if err != nil {
		return nil, false
	}
	pid, _, _ := strings.Cut(string(procs), "\n")
	status, err := os.ReadFile(m.at(filepath.Join("/proc", pid, "status")))
	if err != nil {
		return nil, false
	}
	for line := range strings.Lines(string(status)) {
		name, rest, _ := strings.Cut(line, ":")
		if name != "Groups" && name != "Gid" {
			continue
		}
		for f := range strings.FieldsSeq(rest) {
			if gid, err := strconv.Atoi(f); err == nil {
				gids = append(gids, gid)
			}
		}
	}
	return gids, true
}

// missingGroup returns the name of the group of a path if the machine's files put the
// user in it, but the running service manager is not in it yet. Else it returns "".
func (m *Machine) missingGroup(path string) string {
	info, err := os.Stat(m.at(path))
	if err != nil {
		return ""
	}
	stat, is := info.Sys().(*syscall.Stat_t)
	have, known := m.managerGroups()
	if !is || !known || slices.Contains(have, int(stat.Gid)) {
		return ""
	}
	return m.groups()[int(stat.Gid)]
}

// checkGroups examines whether the user is in a group that is not needed, or that is
// not in effect yet.
func (m *Machine) checkGroups(context.Context) report.Finding {
	mine := m.groups()
	for _, name := range mine {
		if name == "input" && m.usesHelper() {
			return report.Bad(report.Warning, fmt.Sprintf("sudo gpasswd -d %s input", quote(m.user)), "this user is in group input: every program of theirs can read every keyboard, and vocoder does not need it")
		}
	}
	if m.usesHelper() {
		return report.Good("none is needed")
	}
	have, known := m.managerGroups()
	if !known {
		return report.Good("there is no service manager of this user to ask")
	}
	for gid, name := range mine {
		if !slices.Contains(have, gid) {
			return report.Good("group %s is not in effect yet in the running session, and not needed", name)
		}
	}
	return report.Good("those of the running session are the user's")
}
