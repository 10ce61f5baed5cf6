//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/machine"
)

// TestPackage has the machine get vocoder as a user gets it, by apt from the
// package, and then dictate, upgrade and remove it. SUITE=trixie does so on
// Debian 13.
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
		{"upgrade", packagedUpgrade},
		{"removal", packagedRemoval},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, p) })
	}
}

// A packaged is a machine with the package, in which alice has no right to any
// device.
type packaged struct {
	*helper
	deb    string // in the machine
	before string // the files there were
}

// tree prints all files of the system that are not the package manager's own
// notes, or made anew at each boot.
const tree = `find /etc /usr /var/lib/systemd /run/systemd/system /run/vocoder /home/alice -xdev \
	-not -path '/var/lib/dpkg/*' -not -path '*/__pycache__*' -not -path '/home/alice/.cache*' 2>/dev/null | sort`

func newPackaged(t *testing.T) *packaged {
	t.Helper()
	ctx := within(t, 4*time.Minute)
	top, err := machine.Module()
	ok(t, err)
	found, err := filepath.Glob(filepath.Join(top, "dist", "vocoder_*.deb"))
	ok(t, err)
	if len(found) != 1 {
		t.Fatalf("dist has %d packages of vocoder, want one: make package", len(found))
	}
	p := &packaged{deb: "/root/" + filepath.Base(found[0])}
	b := newBooth(t)
	// The programs that a booth brings would be found before those of the package.
	_, err = m.Run(ctx, `systemctl --user -M alice@ stop vocoder; rm -f /usr/local/bin/vocoder /usr/local/bin/vocoderctl /usr/local/lib/systemd/user/vocoder.service
		systemctl --user -M alice@ daemon-reload; mv `+rights+` /root/; rm -f /etc/modules-load.d/uinput.conf`)
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "mv /root/70-machine.rules "+rights)
		ok(t, err)
	})
	putKnock(t)
	p.helper = &helper{b}
	p.before = text(m.Run(ctx, tree))(t)
	ok(t, m.Put(ctx, found[0], p.deb))
	p.apt(t, "install -y "+p.deb)
	_, err = m.Run(ctx, "udevadm trigger --settle --subsystem-match=input && knock plain")
	ok(t, err)
	b.rig.do(t, "create p 05f3:00ff KEY_F14,KEY_F15,KEY_F16 VEC Footpedal") // goes with the rig
	return p
}

// apt runs apt-get(8) as root, without a network.
func (p *packaged) apt(t *testing.T, what string) {
	t.Helper()
	out, err := m.Run(within(t, 3*time.Minute), "cd / && DEBIAN_FRONTEND=noninteractive apt-get -q "+what+" 2>&1")
	t.Logf("apt-get %s:\n%s", what, out)
	ok(t, err)
}

// packagedUnits: the helper's socket waits right after the installation, and
// systemd has nothing to say against any unit.
func packagedUnits(t *testing.T, _ *packaged) {
	ctx := within(t, 2*time.Minute)
	t.Log(text(m.Run(ctx, `systemctl --version | head -1; systemctl is-enabled vocoder-inputd.socket; systemctl is-active vocoder-inputd.socket; ls -l /dev/uinput /run/vocoder/inputd.sock`))(t))
	for _, verify := range []string{
		"systemd-analyze verify --man=no /usr/lib/systemd/system/vocoder-inputd.service /usr/lib/systemd/system/vocoder-inputd.socket",
		"systemd-analyze verify --user --man=no /usr/lib/systemd/user/vocoder.service /usr/lib/systemd/user/vocoder.socket",
	} {
		user := "root"
		if strings.Contains(verify, "--user") {
			user = "alice"
		}
		if out := text(m.As(ctx, user, verify+" 2>&1"))(t); out != "" {
			t.Errorf("%s: %s", verify, out)
		}
	}
	for unit, most := range map[string]float64{"helper": 0.6, "base": 6.2, "sandbox": 1.5, "strict": 0.8} {
		var got float64
		out := text(m.Run(ctx, fmt.Sprintf(`cd $(mktemp -d); s=/usr/share/vocoder/vocoder.service.d
			case %s in
			helper) cat /usr/lib/systemd/system/vocoder-inputd.service ;;
			base) cat /usr/lib/systemd/user/vocoder.service ;;
			sandbox) cat /usr/lib/systemd/user/vocoder.service $s/50-sandbox.conf ;;
			strict) cat /usr/lib/systemd/user/vocoder.service $s/50-sandbox.conf $s/60-strict.conf ;;
			esac > it.service
			systemd-analyze security --offline=yes --no-pager ./it.service | sed -n 's/.*Overall exposure level for it.service: \([0-9.]*\).*/\1/p'`, unit)))(t)
		_, err := fmt.Sscan(out, &got)
		ok(t, err)
		t.Logf("exposure of %s: %.1f, at most %.1f", unit, got, most)
		if got > most {
			t.Errorf("exposure of %s is %.1f, want %.1f", unit, got, most)
		}
	}
}

// wear puts drop-ins of the package into alice's unit.
func (p *packaged) wear(t *testing.T, dropIns ...string) {
	t.Helper()
	command := "d=~/.config/systemd/user/vocoder.service.d; mkdir -p $d"
	for _, name := range dropIns {
		command += " && cp /usr/share/vocoder/vocoder.service.d/" + name + " $d/"
	}
	_, err := m.As(within(t, time.Minute), "alice", command+" && systemctl --user daemon-reload")
	ok(t, err)
}

// says has alice hold the key, and the recogniser hear words, which are typed.
func (p *packaged) says(t *testing.T, words string) {
	t.Helper()
	p.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	p.next(t).answer <- words
}

// inside returns what a program in the place of the daemon can do.
func (p *packaged) inside(t *testing.T) string {
	t.Helper()
	out := text(m.As(within(t, time.Minute), "alice", `d=~/.config/systemd/user/vocoder.service.d; systemctl --user stop vocoder
		printf '[Service]\nType=oneshot\nRestart=no\nExecStart=\nExecStart=/usr/local/bin/knock probe\n' > $d/99-probe.conf
		systemctl --user daemon-reload; systemctl --user start vocoder.service; rm $d/99-probe.conf; systemctl --user daemon-reload
		rm -f ~/knocked; journalctl --user -u vocoder -o cat -n 30 | grep '^can:' | tail -1`))(t)
	return strings.TrimSpace(out)
}

// packagedSandbox: dictation through the helper with the sandbox on, in which a
// program gets at no device, can write nowhere and make nothing of its own.
func packagedSandbox(t *testing.T, p *packaged) {
	p.wear(t, "50-sandbox.conf")
	p.dictate(t)
	p.says(t, "Hello, (World)!")
	p.types(t, "Hello, (World)! ")
	p.says(t, "日本語")
	p.types(t, "Hello, (World)! 日本語 ")
	p.alone(t)
	if got, want := p.inside(t), "can: home run-user inet exec"; got != want {
		t.Errorf("inside the sandbox a program %q, want %q", got, want)
	}
}

// packagedStrict: the same without any network, the recogniser being behind a
// unix socket.
func packagedStrict(t *testing.T, p *packaged) {
	p.wear(t, "50-sandbox.conf", "60-strict.conf")
	ctx := within(t, time.Minute)
	_, err := m.As(ctx, "alice", fmt.Sprintf("systemd-run --user --collect -u recogniser --socket-property=ListenStream=%%t/recogniser.sock /lib/systemd/systemd-socket-proxyd 127.0.0.1:%d", port))
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "systemctl --user stop recogniser.socket recogniser.service; rm ~/.config/systemd/user/vocoder.service.d/60-strict.conf; systemctl --user daemon-reload")
		ok(t, err)
	})
	p.startWith(t, strings.Replace(settings, "http://127.0.0.1:8771/v1/transcribe", "unix:/run/user/1000/recogniser.sock:/v1/transcribe", 1)+"key: KEY_F14\n")
	p.hears(t)
	p.says(t, "without a network")
	p.types(t, "without a network ")
	p.alone(t)
	if got, want := p.inside(t), "can: home run-user exec"; got != want {
		t.Errorf("inside the strict sandbox a program %q, want %q", got, want)
	}
}

// packagedUpgrade: the package is installed again under a running daemon, which
// goes on with the new programs.
func packagedUpgrade(t *testing.T, p *packaged) {
	p.dictate(t)
	was := p.pid
	p.apt(t, "install -y --reinstall "+p.deb)
	now := strings.TrimSpace(text(m.As(within(t, time.Minute), "alice", "systemctl --user show -P MainPID vocoder"))(t))
	if now == was || now == "0" {
		t.Errorf("the daemon was %s and is %s", was, now)
	}
	p.hears(t)
	p.says(t, "upgraded")
	p.types(t, "upgraded ")
}

// packagedRemoval: what is left are settings, and then not even those.
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
	p.apt(t, "purge -y vocoder")
	if left := p.left(t); left != settingsFile {
		t.Errorf("purging leaves %q, want %q", left, settingsFile)
	}
}

// left returns the files that were not there before the package, the settings of
// alice among them.
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
