package doctor

import (
	"os"
	"regexp"
	"strings"
)

// plainWord matches words that a shell takes as they are.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

// quote returns a word for a command line. A name from outside, such as that of a
// microphone, may have anything in it.
func quote(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// packages has the names of packages by the package manager of a distribution. The first
// is that of Debian.
var packages = map[string]struct{ install, sound, xwayland string }{
	"debian": {"sudo apt install ", "pipewire-pulse wireplumber", "xwayland"},
	"fedora": {"sudo dnf install ", "pipewire-pulseaudio wireplumber", "xorg-x11-server-Xwayland"},
	"arch":   {"sudo pacman -S ", "pipewire-pulse wireplumber", "xorg-xwayland"},
	"suse":   {"sudo zypper install ", "pipewire-pulseaudio wireplumber", "xwayland"},
}

// installSound and installXwayland return the commands that install what is missing, for
// the distribution of this machine.
func (m *Machine) installSound() string {
	p := packages[m.distribution()]
	return p.install + p.sound
}

func (m *Machine) installXwayland() string {
	p := packages[m.distribution()]
	return p.install + p.xwayland
}

// distribution returns the name in packages of the family of this machine's distribution,
// debian if it is none of them. Source: os-release(5).
func (m *Machine) distribution() string {
	text, _ := os.ReadFile(m.at("/etc/os-release")) // without the file it is not known
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if name != "ID" && name != "ID_LIKE" {
			continue
		}
		for word := range strings.FieldsSeq(strings.Trim(value, `"'`)) {
			word = strings.TrimPrefix(strings.TrimSuffix(word, "-tumbleweed"), "open")
			if _, is := packages[word]; is {
				return word
			}
		}
	}
	return "debian"
}

// inContainer reports whether this is a container, which has the kernel and the devices of
// its host. Source: container_manager in systemd's CONTAINER_INTERFACE, podman(1), Docker.
func (m *Machine) inContainer() bool {
	return m.exists("/run/systemd/container") || m.exists("/run/.containerenv") || m.exists("/.dockerenv")
}
