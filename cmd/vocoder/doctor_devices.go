package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
)

// helperSocket is the path of the socket of vocoder-inputd.
const helperSocket = helperproto.Path

// at returns a path of the machine below its root.
func (p *patient) at(path string) string { return filepath.Join(p.root, path) }

func (p *patient) exists(path string) bool {
	_, err := os.Stat(p.at(path))
	return err == nil
}

func (p *patient) settingsLink(context.Context) finding {
	switch {
	case errors.Is(p.settings, evdev.ErrWrites), errors.Is(p.settings, evdev.ErrClicks):
		return ill(broken, "vocoder keys --learn", "%v", p.settings)
	case p.settings != nil:
		return ill(broken, "${EDITOR:-nano} "+p.file, "%v", p.settings)
	}
	if _, err := os.Stat(p.file); errors.Is(err, fs.ErrNotExist) {
		return ok("%s is not there: the defaults are used", p.file)
	}
	return ok("%s", p.file)
}

// moduleLink examines uinput, by which text is typed. Opening its node loads
// the module where that is allowed.
func (p *patient) moduleLink(context.Context) finding {
	if p.open(p.at("/dev/uinput"), os.O_WRONLY) == nil || p.exists("/sys/class/misc/uinput") {
		return ok("uinput is loaded")
	}
	release, err := os.ReadFile(p.at("/proc/sys/kernel/osrelease"))
	if err == nil && !p.exists("/lib/modules/"+strings.TrimSpace(string(release))) {
		return ill(broken, "sudo reboot", "uinput is not loaded, and the modules of the running kernel are gone: it was updated")
	}
	return ill(broken, "sudo modprobe uinput", "uinput is not loaded")
}

// unitFile returns whether a unit is installed and whether it is masked, which
// is a link to /dev/null. Source: systemd.unit(5).
func (p *patient) unitFile(name string, folders ...string) (installed, masked bool) {
	for _, dir := range folders {
		path := filepath.Join(p.at(dir), name)
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

// helped reports whether the devices are the helper's business. The daemon takes
// it where its socket is; one that is installed and not started is still what
// is to be mended where this user may not open the devices.
func (p *patient) helped() bool {
	switch p.cfg.Devices {
	case "direct":
		return false
	case "helper":
		return true
	}
	installed, _ := p.unitFile(systemd.HelperSocket, systemFolders...)
	return p.exists(helperSocket) || installed && !p.direct()
}

// direct reports whether this user may open the devices.
func (p *patient) direct() bool {
	all, err := p.devices()
	return err == nil && p.open(p.at("/dev/uinput"), os.O_WRONLY) == nil &&
		slices.ContainsFunc(all, func(d evdev.Device) bool { return d.Err == nil })
}

func (p *patient) helperLink(context.Context) finding {
	installed, _ := p.unitFile(systemd.HelperSocket, systemFolders...)
	switch {
	case p.cfg.Devices == "direct":
		return ok("not used: vocoder opens the devices itself, as the setting devices says")
	case p.cfg.Devices == "helper" && !installed && !p.exists(helperSocket):
		return ill(broken, "vocoder config set devices auto", "not installed, though the setting devices wants it")
	case !installed && !p.exists(helperSocket):
		return ok("not installed: vocoder opens the devices itself")
	}
	f := p.helperState()
	if f.Health != well && !p.helped() {
		f.Health, f.Says = doubtful, f.Says+"; vocoder opens the devices itself meanwhile, as every program of this user can"
	}
	return f
}

// helperState is how the helper is, which is installed.
func (p *patient) helperState() finding {
	for _, unit := range []string{systemd.HelperSocket, systemd.HelperService} {
		if _, masked := p.unitFile(unit, systemFolders...); masked {
			return ill(broken, fmt.Sprintf("sudo systemctl unmask %s && sudo systemctl start %s", unit, systemd.HelperSocket), "%s is masked", unit)
		}
	}
	err := knock(p.at(helperSocket))
	switch {
	case err == nil:
		return ok("%s answers", helperSocket)
	case errors.Is(err, fs.ErrNotExist):
		return ill(broken, "sudo systemctl enable --now "+systemd.HelperSocket, "%s is not there: the helper is not started", helperSocket)
	}
	return ill(broken, "sudo systemctl restart "+systemd.HelperSocket, "%v", err)
}

// knock connects to the helper and leaves at once.
func knock(path string) error {
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

const (
	uinputRule = `KERNEL=="uinput", SUBSYSTEM=="misc", TAG+="uaccess", OPTIONS+="static_node=uinput"`
	eventRule  = `KERNEL=="event*", SUBSYSTEM=="input", ENV{ID_INPUT_KEY}=="1", TAG+="uaccess"`
	rulesFile  = "/etc/udev/rules.d/70-vocoder.rules"
)

// permit is the command that gives the user of the session a device.
func permit(rule, devices string) string {
	return fmt.Sprintf("echo '%s' | sudo tee -a %s && sudo udevadm control --reload && sudo udevadm trigger %s", rule, rulesFile, devices)
}

// nodeLink examines whether text can be typed. With a helper that is his
// business.
func (p *patient) nodeLink(context.Context) finding {
	const node = "/dev/uinput"
	if p.helped() {
		return ok("%s is left to the helper", node)
	}
	err := p.open(p.at(node), os.O_WRONLY)
	switch {
	case err == nil:
		return ok("%s can be opened", node)
	case errors.Is(err, fs.ErrPermission):
		if g := p.unheeded(node); g != "" {
			return ill(broken, p.relogin(), "%s: permission denied: the session began before this user was in group %s", node, g)
		}
		return ill(broken, permit(uinputRule, node), "%s: permission denied", node)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENODEV):
		return ill(broken, "sudo modprobe uinput", "%s is not there", node)
	}
	return ill(broken, "sudo modprobe -r uinput && sudo modprobe uinput", "%s: %v", node, err)
}

func (p *patient) relogin() string {
	return fmt.Sprintf("sudo systemctl restart user@%d.service", p.uid)
}

// groups returns the groups that the machine's files put the user in, by
// number. Source: group(5).
func (p *patient) groups() map[int]string {
	text, _ := os.ReadFile(p.at("/etc/group")) // without, none is known
	all := map[int]string{}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 4 || !slices.Contains(strings.Split(f[3], ","), p.name) {
			continue
		}
		if gid, err := strconv.Atoi(f[2]); err == nil {
			all[gid] = f[0]
		}
	}
	return all
}

// managed returns the groups of the running service manager of the user, which
// those that it starts inherit. Source: proc_pid_status(5).
func (p *patient) managed() (gids []int, known bool) {
	scope := fmt.Sprintf("/sys/fs/cgroup/user.slice/user-%d.slice/user@%d.service/init.scope/cgroup.procs", p.uid, p.uid)
	procs, err := os.ReadFile(p.at(scope))
	if err != nil {
		return nil, false
	}
	pid, _, _ := strings.Cut(string(procs), "\n")
	status, err := os.ReadFile(p.at(filepath.Join("/proc", pid, "status")))
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

// unheeded returns the name of the group of a path if the user is in it by the
// machine's files but the running manager does not know.
func (p *patient) unheeded(path string) string {
	info, err := os.Stat(p.at(path))
	if err != nil {
		return ""
	}
	stat, is := info.Sys().(*syscall.Stat_t)
	have, known := p.managed()
	if !is || !known || slices.Contains(have, int(stat.Gid)) {
		return ""
	}
	return p.groups()[int(stat.Gid)]
}

func (p *patient) groupsLink(context.Context) finding {
	mine := p.groups()
	for _, name := range mine {
		if name == "input" && p.helped() {
			return ill(doubtful, fmt.Sprintf("sudo gpasswd -d %s input", p.name), "this user is in group input: every program of theirs can read every keyboard, and vocoder does not need it")
		}
	}
	if p.helped() {
		return ok("none is needed")
	}
	have, known := p.managed()
	if !known {
		return ok("there is no service manager of this user to ask")
	}
	for gid, name := range mine {
		if !slices.Contains(have, gid) {
			return ok("group %s is not in effect yet in the running session, and not needed", name)
		}
	}
	return ok("those of the running session are the user's")
}

// keyLink examines whether some device has each bound key, and may be read.
func (p *patient) keyLink(context.Context) finding {
	devices, err := p.devices()
	if err != nil {
		return ill(broken, "vocoder devices", "%v", err)
	}
	devices = slices.DeleteFunc(devices, func(d evdev.Device) bool { return d.Virtual && d.Name == inject.Name })
	var found []string
	for _, b := range settings.Bindings(p.cfg.Config) {
		name := settings.ChordName(b.Keys)
		for _, k := range b.Keys {
			d, f := p.keyOn(devices, b, k, name)
			if d == "" {
				return f
			}
			if !slices.Contains(found, name+" on "+d) {
				found = append(found, name+" on "+d)
			}
		}
		if b.Grab {
			if f := grabbed(devices, b); f.Health != well {
				return f
			}
		}
	}
	return ok("%s", strings.Join(found, ", "))
}

// keyOn returns the device that has a key of a binding, or what is wrong.
func (p *patient) keyOn(devices []evdev.Device, b evdev.Binding, k key.Code, name string) (device string, f finding) {
	counts, denied := 0, ""
	for _, d := range devices {
		if !counted(d, b.Device) {
			continue
		}
		counts++
		if !d.Keys.Has(k) {
			continue
		}
		if d.Err == nil || p.helped() {
			return d.Name, finding{}
		}
		denied = d.Path
	}
	switch {
	case denied != "":
		if g := p.unheeded(denied); g != "" {
			return "", ill(broken, p.relogin(), "%s: permission denied: the session began before this user was in group %s", denied, g)
		}
		return "", ill(broken, permit(eventRule, "--subsystem-match=input"), "%s has %s: permission denied", denied, name)
	case counts == 0 && b.Device != "":
		return "", ill(broken, "vocoder devices", "no device is %q, on which %s is bound", b.Device, name)
	}
	return "", ill(broken, "vocoder keys --learn", "no device has %s", name)
}

// counted reports whether the setting device means d.
func counted(d evdev.Device, want string) bool {
	id := fmt.Sprintf("%04x:%04x", d.Vendor, d.Product)
	return want == "" || slices.Contains(append([]string{d.Name, id, d.Phys, d.Uniq, d.Path}, d.Links...), want) || strings.EqualFold(id, want)
}

func grabbed(devices []evdev.Device, b evdev.Binding) finding {
	for _, d := range devices {
		if counted(d, b.Device) && d.Keys.Has(b.Keys[0]) {
			if err := d.Dedicated(); err != nil {
				return ill(doubtful, "vocoder config set grab false", "%s is not grabbed: %v", d.Name, err)
			}
		}
	}
	return finding{}
}
