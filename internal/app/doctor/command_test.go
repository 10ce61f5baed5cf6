package doctor

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"testing"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
)

// brokenSettings have the command for a mistake where it is.
var brokenSettings = []brokenMachine{
	{"a variable that is wrong", func(w *fakeMachine) { w.settings = &config.Error{Place: "environment VOCODER_TAP", Msg: "no"} }, "settings", report.Broken, "unset VOCODER_TAP"},
	{"a letter cancels", func(w *fakeMachine) {
		w.settings = &config.Error{Place: "v.yaml:1:1", Msg: "cancel_key: bind KEY_A", Err: evdev.ErrWrites}
	}, "settings", report.Broken, `vocoder config set cancel_key ""`},
	{"a letter bound and more", func(w *fakeMachine) {
		w.settings = errors.Join(&config.Error{Place: "v.yaml:1:1", Msg: "key: bind KEY_A", Err: evdev.ErrWrites}, &config.Error{Place: "v.yaml:2:1", Msg: "no"})
	}, "settings", report.Broken, "vocoder keys --learn"},
	{"a file that is not there", func(w *fakeMachine) {
		w.settings = &config.Error{Place: "settings", Msg: "no", Err: fs.ErrNotExist}
	}, "settings", report.Broken, "vocoder config reference > "},
	{"a layout that is not there", func(w *fakeMachine) { w.set("typing.layout", "/nope") }, "layout", report.Broken, "vocoder config set typing.layout auto"},
}

// brokenSystems have the command of their distribution, with what is quoted for a shell.
var brokenSystems = []brokenMachine{
	{"a container", func(w *fakeMachine) {
		w.remove("/dev/uinput")
		w.remove("/sys/class/misc/uinput")
		w.remove("/lib/modules/6.1.0")
		w.write("/run/.containerenv", "")
	}, "module", report.Broken, "sudo modprobe uinput"},
	{"no input device", func(w *fakeMachine) {
		w.devices = func() ([]evdev.Device, error) {
			return nil, &fs.PathError{Op: "open", Path: "/dev/input", Err: fs.ErrNotExist}
		}
	}, "key", report.Broken, "cat /proc/bus/input/devices"},
	{"no sound server on Debian", func(w *fakeMachine) {
		w.mics = nil
		w.remove("/usr/lib/systemd/user/pipewire-pulse.socket")
	}, "microphone", report.Broken, "sudo apt install pipewire-pulse wireplumber"},
	{"no sound server on Fedora", func(w *fakeMachine) {
		w.mics = nil
		w.remove("/usr/lib/systemd/user/pipewire-pulse.socket")
		w.write("/etc/os-release", "NAME=Fedora\nID=fedora\n")
	}, "microphone", report.Broken, "sudo dnf install pipewire-pulseaudio wireplumber"},
	{"no Xwayland on Manjaro", func(w *fakeMachine) {
		w.paste = errors.New("no data control")
		w.remove("/usr/bin/Xwayland")
		w.write("/etc/os-release", "ID=manjaro\nID_LIKE=\"arch\"\n")
	}, "clipboard", report.Warning, "sudo pacman -S xorg-xwayland"},
	{"no Xwayland on openSUSE", func(w *fakeMachine) {
		w.paste = errors.New("no data control")
		w.remove("/usr/bin/Xwayland")
		w.write("/etc/os-release", "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n")
	}, "clipboard", report.Warning, "sudo zypper install xwayland"},
	{"a muted microphone with an odd name", func(w *fakeMachine) { w.mics[0].Muted, w.mics[0].Name = true, "mic; reboot" }, "microphone", report.Broken, "pactl set-source-mute 'mic; reboot' 0"},
	{"in group input by the primary group", func(w *fakeMachine) {
		w.help(true)
		w.write("/etc/group", "input:x:1000:\n")
	}, "groups", report.Warning, "sudo gpasswd -d alice input"},
}

// TestQuote: a shell gives the word back, whatever is in it.
func TestQuote(t *testing.T) {
	for _, word := range []string{"alsa_input.pci-0000_00_1f.3.analog-stereo", "", "two words", "it's", "$(reboot)", "`reboot`", "a;b&c|d>e", "\"", "\\", "~", "*", "-n", "a\tb", "größe"} {
		got, err := exec.Command("sh", "-c", "printf %s "+quote(word)).Output() // printf takes -n as its format
		if err != nil || string(got) != word {
			t.Errorf("%q is quoted as %s: %q, %v", word, quote(word), got, err)
		}
	}
}

// TestUserByNumber: the user is known by the number, whatever USER says.
func TestUserByNumber(t *testing.T) {
	for _, name := range []string{"", "other-user"} {
		env := environ.Env{Lookup: func(v string) (string, bool) {
			if v == "USER" {
				return name, name != ""
			}
			return t.TempDir(), v == "HOME" || v == "XDG_RUNTIME_DIR"
		}}
		if m := New(env, settings.Store{Env: env}, settings.Default(), nil); m.uid != os.Getuid() || m.uid == 0 && m.user != "root" {
			t.Errorf("USER=%s: %s, %d", name, m.user, m.uid)
		}
	}
}
