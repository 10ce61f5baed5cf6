package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/report"
)

// at returns a path of the machine below its root.
func (m *Machine) at(path string) string { return filepath.Join(m.root, path) }

func (m *Machine) exists(path string) bool {
	_, err := os.Stat(m.at(path))
	return err == nil
}

// checkModule examines uinput, by which text is typed. Opening its node loads
// the module where that is allowed.
func (m *Machine) checkModule(context.Context) report.Finding {
	if m.open(m.at("/dev/uinput"), os.O_WRONLY) == nil || m.exists("/sys/class/misc/uinput") {
		return report.Good("uinput is loaded")
	}
	release, err := os.ReadFile(m.at("/proc/sys/kernel/osrelease"))
	if err == nil && !m.exists("/lib/modules/"+strings.TrimSpace(string(release))) {
		return report.Bad(report.Broken, "sudo reboot", "uinput is not loaded, and the modules of the running kernel are gone: it was updated")
	}
	return report.Bad(report.Broken, "sudo modprobe uinput", "uinput is not loaded")
}

// direct reports whether this user may open the devices.
func (m *Machine) mayOpenDevices() bool {
	all, err := m.devices()
	return err == nil && m.open(m.at("/dev/uinput"), os.O_WRONLY) == nil &&
		slices.ContainsFunc(all, func(d evdev.Device) bool { return d.Err == nil })
}

const (
	uinputRule = `KERNEL=="uinput", SUBSYSTEM=="misc", TAG+="uaccess", OPTIONS+="static_node=uinput"`
	eventRule  = `KERNEL=="event*", SUBSYSTEM=="input", ENV{ID_INPUT_KEY}=="1", TAG+="uaccess"`
	rulesFile  = "/etc/udev/rules.d/70-vocoder.rules"
)

// allowCommand is the command that gives the user of the session a device.
func allowCommand(rule, devices string) string {
	return fmt.Sprintf("echo '%s' | sudo tee -a %s && sudo udevadm control --reload && sudo udevadm trigger %s", rule, rulesFile, devices)
}

// checkNode examines whether text can be typed. With a helper that is his
// business.
func (m *Machine) checkNode(context.Context) report.Finding {
	const node = "/dev/uinput"
	if m.usesHelper() {
		return report.Good("%s is left to the helper", node)
	}
	err := m.open(m.at(node), os.O_WRONLY)
	switch {
	case err == nil:
		return report.Good("%s can be opened", node)
	case errors.Is(err, fs.ErrPermission):
		if g := m.missingGroup(node); g != "" {
			return report.Bad(report.Broken, m.restartManager(), "%s: permission denied: the session began before this user was in group %s", node, g)
		}
		return report.Bad(report.Broken, allowCommand(uinputRule, node), "%s: permission denied", node)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENODEV):
		return report.Bad(report.Broken, "sudo modprobe uinput", "%s is not there", node)
	}
	return report.Bad(report.Broken, "sudo modprobe -r uinput && sudo modprobe uinput", "%s: %v", node, err)
}
