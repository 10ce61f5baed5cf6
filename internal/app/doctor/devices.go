package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/report"
)

// checkModule examines the kernel module uinput, with which vocoder types. Opening its
// node loads the module, if the user may open it.
func (m *Machine) checkModule(context.Context) report.Finding {
	if m.open(m.at("/dev/uinput"), os.O_WRONLY) == nil || m.exists("/sys/class/misc/uinput") {
		return report.Good("uinput is loaded")
	}
	if m.inContainer() {
		return report.Bad(report.Broken, "sudo modprobe uinput", "uinput is not loaded: run the command on the host of this container, and pass /dev/uinput and /dev/input into it")
	}
	release, err := os.ReadFile(m.at("/proc/sys/kernel/osrelease"))
	if err == nil && !m.exists("/lib/modules/"+strings.TrimSpace(string(release))) {
		return report.Bad(report.Broken, "sudo reboot", "uinput is not loaded, and the modules of the running kernel are gone: it was updated")
	}
	return report.Bad(report.Broken, "sudo modprobe uinput", "uinput is not loaded")
}

// mayOpenDevices reports whether this user may open the keyboards and uinput.
func (m *Machine) mayOpenDevices() bool {
	all, err := m.devices()
	return err == nil && m.open(m.at("/dev/uinput"), os.O_WRONLY) == nil &&
		slices.ContainsFunc(all, func(d evdev.Device) bool { return d.Err == nil })
}

// The udev rules that give the user of the active session a device: uinput, or every
// keyboard. Source: udev(7).
const (
	uinputRule = `KERNEL=="uinput", SUBSYSTEM=="misc", TAG+="uaccess", OPTIONS+="static_node=uinput"`
	eventRule  = `KERNEL=="event*", SUBSYSTEM=="input", ENV{ID_INPUT_KEY}=="1", TAG+="uaccess"`
	rulesFile  = "/etc/udev/rules.d/70-vocoder.rules"
)

// denied returns the finding about a device that this user may not open. The fix adds a
// udev rule and applies it to devices, which are arguments of udevadm trigger(8).
func (m *Machine) denied(path, text, rule, devices string) report.Finding {
	if g := m.missingGroup(path); g != "" {
		return report.Bad(report.Broken, fmt.Sprintf("sudo systemctl restart user@%d.service", m.uid), "%s: permission denied: the session began before this user was in group %s", path, g)
	}
	fix := fmt.Sprintf("echo '%s' | sudo tee -a %s && sudo udevadm control --reload && sudo udevadm trigger %s", rule, rulesFile, devices)
	return report.Bad(report.Broken, fix, "%s: permission denied", text)
}

// checkNode examines whether this user may open /dev/uinput. If the helper types, that
// is not needed.
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
		return m.denied(node, node, uinputRule, node)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENODEV):
		return report.Bad(report.Broken, "sudo modprobe uinput", "%s is not there", node)
	}
	return report.Bad(report.Broken, "sudo modprobe -r uinput && sudo modprobe uinput", "%s: %v", node, err)
}
