//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// TestPackage installs vocoder from the package with apt, as a user does, and then
// dictates, upgrades and removes it. SUITE=trixie uses Debian 13.
func TestPackage(t *testing.T) {
	if !sweeping() {
		t.Skip("the packages are needed: make sweep-package")
	}
	p := newPackaged(t)
	for _, tt := range []struct {
		name string
		test func(*testing.T, *packaged)
	}{
		{"units", packagedUnits},
		{"sandbox", packagedSandbox},
		{"strict", packagedStrict},
		{"engine", packagedEngine},
		{"upgrade", packagedUpgrade},
		{"removal", packagedRemoval},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, p) })
	}
}

// A packaged is a machine with the package. alice has no permission for any device.
type packaged struct {
	*helper
	deb    string // in the machine
	built  string // the folder of the packages on the host
	before string // the files before the installation
}

// tree prints all files of the system, except the package manager's own records, those of the
// sound server, and the files that are created at each boot.
const tree = `find /etc /usr /var/lib/systemd /run/systemd/system /run/vocoder /home/alice -xdev \
	-not -path '/var/lib/dpkg/*' -not -path '*/__pycache__*' -not -path '/home/alice/.cache*' \
	-not -path '*/wireplumber/*' 2>/dev/null | sort`

func newPackaged(t *testing.T) *packaged {
	t.Helper()
	ctx := within(t, 4*time.Minute)
	top, err := repo.Top()
	ok(t, err)
	p := &packaged{deb: "/root/vocoder.deb", built: filepath.Join(top, "dist")}
	b := newMockSession(t)
	// The programs that a mockSession brings would be found before those of the package.
	_, err = m.Run(ctx, `systemctl --user -M alice@ stop vocoder; rm -f /usr/local/bin/vocoder /usr/local/bin/vocoderctl /usr/local/lib/systemd/user/vocoder.service
		systemctl --user -M alice@ daemon-reload; mv `+rights+` /root/; rm -f /etc/modules-load.d/uinput.conf`)
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "mv /root/70-machine.rules "+rights)
		ok(t, err)
	})
	bring(ctx, t, "knock")
	p.helper = &helper{b}
	p.before = text(m.Run(ctx, tree))(t)
	p.put(t, "vocoder", p.deb)
	p.apt(t, "install -y "+p.deb)
	_, err = m.Run(ctx, "udevadm trigger --settle --subsystem-match=input && knock plain")
	ok(t, err)
	b.rig.do(t, "create p 05f3:00ff KEY_F14,KEY_F15,KEY_F16 VEC Footpedal") // ends with the rig
	return p
}

// put copies the package of that name into the machine.
func (p *packaged) put(t *testing.T, name, to string) {
	t.Helper()
	ok(t, m.Put(within(t, time.Minute), built(t, p.built, name), to))
}

// built returns the package of that name for this processor, or for all, in a folder.
func built(t *testing.T, folder, name string) string {
	t.Helper()
	var found []string
	for _, arch := range []string{runtime.GOARCH, "all"} {
		these, err := filepath.Glob(filepath.Join(folder, name+"_*_"+arch+".deb"))
		ok(t, err)
		found = append(found, these...)
	}
	if len(found) != 1 {
		t.Fatalf("%s has %d packages of %s, want one: make package package-models", folder, len(found), name)
	}
	return found[0]
}

// apt runs apt-get(8) as root, without a network.
func (p *packaged) apt(t *testing.T, what string) {
	t.Helper()
	out, err := m.Run(within(t, 3*time.Minute), "cd / && DEBIAN_FRONTEND=noninteractive apt-get -q "+what+" 2>&1")
	t.Logf("apt-get %s:\n%s", what, out)
	ok(t, err)
}

// packagedUnits checks that the helper's socket listens right after the installation,
// that systemd accepts all units, and that no device has more users than before (T12).
func packagedUnits(t *testing.T, _ *packaged) {
	ctx := within(t, 2*time.Minute)
	t.Log(text(m.Run(ctx, `systemctl --version | head -1; systemctl is-enabled vocoder-inputd.socket; systemctl is-active vocoder-inputd.socket; ls -l /dev/uinput /run/vocoder/inputd.sock`))(t))
	for _, verify := range []string{
		"systemd-analyze verify --man=no vocoder-inputd.service vocoder-inputd.socket vocoder@1000.service",
		"systemd-analyze verify --user --man=no vocoder.service vocoder.socket vocoder@work.service vocoder-osd.service",
	} {
		user := "root"
		if strings.Contains(verify, "--user") {
			user = "alice"
		}
		if out := text(m.As(ctx, user, verify+" 2>&1"))(t); out != "" {
			t.Errorf("%s: %s", verify, out)
		}
	}
	if out := strings.TrimSpace(text(m.Run(ctx, `getent group input | cut -d: -f4; find /dev/uinput /dev/input/event* -perm /007`))(t)); out != "" {
		t.Errorf("in the group input, or open to all: %s", out)
	}
	const unit, system, conf = "/usr/lib/systemd/user/vocoder.service", "/usr/lib/systemd/system/vocoder-inputd.service", "/usr/share/vocoder/vocoder.service.d/"
	for _, tt := range []struct {
		what  string
		most  float64
		files []string
	}{
		{"helper", 0.6, []string{system}},
		{"base", 6.2, []string{unit}},
		{"sandbox", 1.5, []string{unit, conf + "50-sandbox.conf"}},
		{"strict", 0.8, []string{unit, conf + "50-sandbox.conf", conf + "60-strict.conf"}},
		{"overlay", 0.8, []string{"/usr/lib/systemd/user/vocoder-osd.service", "/usr/share/vocoder/vocoder-osd.service.d/50-sandbox.conf"}},
	} {
		got := exposure(t, tt.files...)
		t.Logf("exposure of %s: %.1f, at most %.1f", tt.what, got, tt.most)
		if got > tt.most {
			t.Errorf("exposure of %s is %.1f, want %.1f", tt.what, got, tt.most)
		}
	}
}

// exposure returns the score of `systemd-analyze security` for a unit and its drop-ins,
// files of the machine, installed or not: 0 to 10.
func exposure(t *testing.T, files ...string) (got float64) {
	t.Helper()
	out := text(m.Run(within(t, time.Minute), fmt.Sprintf(`cd $(mktemp -d); sed "s|@[A-Z]*DIR@|/usr/bin|" %s > it.service
		systemd-analyze security --offline=yes --no-pager ./it.service | sed -n 's/.*Overall exposure level for it.service: \([0-9.]*\).*/\1/p'`, strings.Join(files, " "))))(t)
	_, err := fmt.Sscan(out, &got)
	ok(t, err)
	return got
}

// wear adds drop-ins of the package to alice's unit.
func (p *packaged) wear(t *testing.T, dropIns ...string) {
	t.Helper()
	command := "d=~/.config/systemd/user/vocoder.service.d; mkdir -p $d"
	for _, name := range dropIns {
		command += " && cp /usr/share/vocoder/vocoder.service.d/" + name + " $d/"
	}
	_, err := m.As(within(t, time.Minute), "alice", command+" && systemctl --user daemon-reload")
	ok(t, err)
}

// says makes alice hold the key and the recognizer answer with words, and waits until
// they are typed.
func (p *packaged) says(t *testing.T, words string) {
	t.Helper()
	p.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	p.next(t).answer <- words
}

// relay makes alice's manager listen at an address and pass connections to a second
// address of the machine. In a sandbox the daemon can recognize no user but alice, so it
// reaches the recognizer of the mockSession through a process of root.
func relay(t *testing.T, unit, listen, to string) {
	t.Helper()
	_, err := m.As(within(t, time.Minute), "alice", fmt.Sprintf("systemd-run --user --collect -u %s --socket-property=ListenStream=%s /lib/systemd/systemd-socket-proxyd %s", unit, listen, to))
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", fmt.Sprintf("systemctl --user stop %[1]s.socket %[1]s.service; true", unit))
		ok(t, err)
	})
}

// inside fails if a program that runs in a unit of alice's can do more than may.
func (p *packaged) inside(t *testing.T, unit string, may ...string) {
	t.Helper()
	_, err := m.As(within(t, time.Minute), "alice", `u=`+unit+`; d=~/.config/systemd/user/$u.service.d; systemctl --user stop $u
		printf '[Service]\nType=oneshot\nRestart=no\nExecStart=\nExecStart=/usr/local/bin/knock probe\n' > $d/99-probe.conf
		systemctl --user daemon-reload; systemctl --user start $u.service; rm $d/99-probe.conf; systemctl --user daemon-reload
		rm -f ~/knocked`)
	ok(t, err)
	out := text(m.Run(within(t, time.Minute), `journalctl --sync; journalctl _UID=1000 _SYSTEMD_USER_UNIT=`+unit+`.service -o cat -n 40 | grep '^can:' | tail -1`))(t)
	out = strings.TrimSpace(out)
	t.Logf("inside %s a program %s", unit, out)
	can := strings.Fields(out)
	if len(can) == 0 {
		t.Fatal("nothing was tried")
	}
	for _, what := range can[1:] {
		if !slices.Contains(may, what) {
			t.Errorf("inside %s a program can: %s", unit, what)
		}
	}
}

// packagedSandbox dictates through the helper with the sandbox on. A program in the
// sandbox can open no device, write no file and create nothing of its own.
func packagedSandbox(t *testing.T, p *packaged) {
	p.wear(t, "50-sandbox.conf")
	relay(t, "recognizer", "127.0.0.1:8772", fmt.Sprint("127.0.0.1:", port))
	p.startWith(t, sandboxed("http://127.0.0.1:8772/v1/transcribe"))
	p.hears(t)
	p.says(t, "Hello, (World)!")
	p.types(t, "Hello, (World)! ")
	p.says(t, "again")
	p.types(t, "Hello, (World)! again ")
	p.alone(t)
	p.inside(t, "vocoder", "home", "run-user", "inet", "exec", "proc-1")
}

// packagedStrict is packagedSandbox without a network. The recognizer is behind a Unix
// socket.
func packagedStrict(t *testing.T, p *packaged) {
	p.wear(t, "50-sandbox.conf", "60-strict.conf")
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "rm ~/.config/systemd/user/vocoder.service.d/60-strict.conf; systemctl --user daemon-reload")
		ok(t, err)
	})
	relay(t, "recognizer", "/run/user/1000/recognizer.sock", fmt.Sprint("127.0.0.1:", port))
	p.startWith(t, sandboxed("unix:/run/user/1000/recognizer.sock:/v1/transcribe"))
	p.hears(t)
	p.says(t, "without a network")
	p.types(t, "without a network ")
	p.alone(t)
	p.inside(t, "vocoder", "home", "run-user", "exec", "proc-1")
}

// sandboxed are the settings with the recognizer behind the relay, and with the pedal.
func sandboxed(url string) string {
	return strings.Replace(settings, "http://127.0.0.1:8771/v1/transcribe", url, 1) + "key: KEY_F14\n"
}

// packagedEngine checks that the unit of the recognizer's package answers on both
// sockets, in a sandbox without devices and network.
func packagedEngine(t *testing.T, p *packaged) {
	p.put(t, "vocoder-engine", "/root/vocoder-engine.deb")
	p.put(t, "vocoder-model-moonshine-tiny-en", "/root/vocoder-model.deb")
	p.apt(t, "install -y /root/vocoder-engine.deb /root/vocoder-model.deb")
	ctx := within(t, 2*time.Minute)
	// The mockSession uses the real port.
	_, err := m.As(ctx, "alice", `d=~/.config/systemd/user/vocoder-engine; mkdir -p $d.service.d $d.socket.d
		cp /usr/share/vocoder/vocoder-engine.service.d/50-sandbox.conf $d.service.d/
		printf '[Socket]\nListenStream=\nListenStream=127.0.0.1:8773\nListenStream=%%t/vocoder-engine.sock\n' > $d.socket.d/port.conf
		systemctl --user daemon-reload; systemctl --user start vocoder-engine.socket`)
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "systemctl --user stop vocoder-engine.socket vocoder-engine.service; rm -r ~/.config/systemd/user/vocoder-engine.*.d; systemctl --user daemon-reload")
		ok(t, err)
		_, err = m.Run(context.Background(), "apt-get -q -y purge 'vocoder-[em]*'")
		ok(t, err)
	})
	relay(t, "engine-relay", "127.0.0.1:8774", "/run/user/1000/vocoder-engine.sock")
	for _, port := range []int{8773, 8774} {
		answer := text(m.As(ctx, "alice", fmt.Sprintf(`exec 3<>/dev/tcp/127.0.0.1/%d; printf 'GET / HTTP/1.0\r\n\r\n' >&3; timeout 40 head -n 1 <&3`, port)))(t)
		t.Logf("at %d: %s", port, strings.TrimSpace(answer))
		if !strings.HasPrefix(answer, "HTTP/1.") {
			t.Errorf("at %d the engine says %q", port, answer)
		}
	}
	p.inside(t, "vocoder-engine", "home", "run-user", "exec", "proc-1")
}

// nextVersion makes the package of the next version, with programs that say so, and copies it
// into the machine. It returns the version.
func (p *packaged) nextVersion(t *testing.T) (version, deb string) {
	t.Helper()
	dir := t.TempDir()
	old := built(t, p.built, "vocoder")
	var major, minor, patch int
	_, err := fmt.Sscanf(filepath.Base(old), "vocoder_%d.%d.%d-", &major, &minor, &patch)
	ok(t, err)
	version, deb = fmt.Sprintf("%d.%d.%d", major, minor, patch+1), "/root/vocoder-next.deb"
	c := exec.CommandContext(within(t, 3*time.Minute), "sh", "-euc", `
		dpkg-deb -R "$DEB" root
		sed -i "s/^Version: .*/Version: $VERSION-1/" root/DEBIAN/control
		echo $VERSION > VERSION
		echo '{"Replace": {"'"$TOP"'/internal/version/VERSION": "'"$PWD"'/VERSION"}}' > overlay.json
		(cd "$TOP" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -overlay "$OLDPWD/overlay.json" -ldflags '-s -w' -o "$OLDPWD/" ./cmd/...)
		for f in vocoder vocoderctl vocoder-osd; do mv $f root/usr/bin/$f; done
		chmod 711 vocoder-inputd
		mv vocoder-inputd root/usr/libexec/
		dpkg-deb -b -Zgzip --root-owner-group root next.deb`)
	c.Dir, c.Env = dir, append(os.Environ(), "DEB="+old, "VERSION="+version, "TOP="+filepath.Dir(p.built))
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ok(t, m.Put(within(t, time.Minute), filepath.Join(dir, "next.deb"), deb))
	return version, deb
}

// running returns the process of a unit of alice's, and the version of its program.
func running(t *testing.T, unit string) (pid, version string) {
	t.Helper()
	out := text(m.Run(within(t, time.Minute), `p=$(systemctl --user -M alice@ show -P MainPID `+unit+`); echo $p; [ $p = 0 ] || /proc/$p/exe --version`))(t)
	pid, version, _ = strings.Cut(strings.TrimSpace(out), "\n")
	return pid, version
}

// packagedUpgrade installs the next version under a running daemon, which must continue
// with the new programs. The settings stay, also those of the administrator.
func packagedUpgrade(t *testing.T, p *packaged) {
	relay(t, "recognizer", "127.0.0.1:8772", fmt.Sprint("127.0.0.1:", port))
	p.startWith(t, sandboxed("http://127.0.0.1:8772/v1/transcribe"))
	p.hears(t)
	was := map[string]string{}
	units := []string{"vocoder.service", "vocoder-osd.service"}
	for _, unit := range units {
		if was[unit], _ = running(t, unit); was[unit] == "0" {
			t.Fatalf("%s does not run", unit)
		}
	}
	const allowed = "/etc/vocoder/input.yaml"
	_, err := m.Run(within(t, time.Minute), "cp "+allowed+" /root/input.yaml && echo '# mine' >> "+allowed)
	ok(t, err)
	mine := text(m.Run(within(t, time.Minute), "cat "+allowed+" "+settingsFile))(t)
	version, deb := p.nextVersion(t)
	p.apt(t, "install -y "+deb)
	if now := text(m.Run(within(t, time.Minute), "cat "+allowed+" "+settingsFile))(t); now != mine {
		t.Errorf("the settings were changed from\n%s\nto\n%s", mine, now)
	}
	_, err = m.Run(within(t, time.Minute), "mv /root/input.yaml "+allowed)
	ok(t, err)
	p.hears(t)
	for _, unit := range units {
		name := strings.TrimSuffix(unit, ".service")
		if now, says := running(t, unit); now == was[unit] || says != name+" "+version {
			t.Errorf("%s was process %s and is %s, which says %q, want %s", unit, was[unit], now, says, version)
		}
	}
	p.says(t, "upgraded")
	p.types(t, "upgraded ")
}

// packagedRemoval checks that removal leaves the settings alone, and that purging
// removes them too.
func packagedRemoval(t *testing.T, p *packaged) {
	p.dictate(t)
	p.apt(t, "remove -y vocoder")
	if out := text(m.Run(within(t, time.Minute), "pgrep -a vocoder || true"))(t); out != "" {
		t.Errorf("still running: %s", out)
	}
	_, err := m.As(within(t, time.Minute), "alice", "rm -r ~/.config/systemd/user/vocoder.service.d; rmdir -p ~/.config/systemd/user 2>/dev/null; true")
	ok(t, err)
	if left, want := p.left(t), "/etc/vocoder /etc/vocoder/input.yaml "+settingsFile; left != want {
		t.Errorf("removal leaves %q, want %q", left, want)
	}
	const gone = "root root"
	if got := strings.TrimSpace(text(m.Run(within(t, time.Minute), "getent passwd vocoder-input; stat -c '%U %G' /dev/uinput"))(t)); got != gone {
		t.Errorf("the helper's user and group are %q, want %q", got, gone)
	}
	p.apt(t, "purge -y 'vocoder*'")
	if left := p.left(t); left != settingsFile {
		t.Errorf("purging leaves %q, want %q", left, settingsFile)
	}
}

// left returns the files that did not exist before the package, including alice's settings.
func (p *packaged) left(t *testing.T) string {
	t.Helper()
	was := map[string]bool{}
	for name := range strings.SplitSeq(p.before, "\n") {
		was[name] = true
	}
	var left []string
	for name := range strings.SplitSeq(strings.TrimSpace(text(m.Run(within(t, time.Minute), tree))(t)), "\n") {
		if !was[name] {
			left = append(left, name)
		}
	}
	return strings.Join(left, " ")
}
