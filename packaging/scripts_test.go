package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEnabled checks when the package enables the helper's socket: at the first installation,
// whatever the package manager passes to its script, and at no upgrade, since an administrator
// may have disabled it meanwhile. Where the system leaves it disabled, the package says how
// to enable it.
func TestEnabled(t *testing.T) {
	script, err := os.ReadFile("scripts/postinstall.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		manager, was string // whether deb-systemd-helper says that it was enabled
		args         []string
		want         string
		is           string // whether it is enabled then
		told         bool
	}{
		{"rpm, first", "", []string{"1"}, "systemctl preset vocoder-inputd.socket", "true", false},
		{"rpm, first, disabled by a preset", "", []string{"1"}, "systemctl preset vocoder-inputd.socket", "false", true},
		{"rpm, upgrade", "", []string{"2"}, "", "false", false},
		{"pacman, first", "", []string{"2.0.0-1"}, "systemctl preset vocoder-inputd.socket", "true", false},
		{"pacman, first, disabled by a preset", "", []string{"2.0.0-1"}, "systemctl preset vocoder-inputd.socket", "false", true},
		{"pacman, upgrade", "", []string{"2.0.1-1", "2.0.0-1"}, "", "false", false},
		{"dpkg, first", "true", []string{"configure", ""}, "deb-systemd-helper enable vocoder-inputd.socket", "true", false},
		{"dpkg, again after a removal, disabled", "false", []string{"configure", ""}, "", "false", true},
		{"dpkg, upgrade of a disabled one", "false", []string{"configure", "2.0.0-1"}, "", "false", false},
	} {
		t.Run(tt.manager, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"systemctl", "deb-systemd-helper", "systemd-sysusers", "modprobe", "udevadm"} {
				write(t, filepath.Join(dir, name), "#!/bin/sh\necho \"$(basename $0) $*\" >> "+dir+"/log\ncase $* in *was-enabled*) "+tt.was+" ;; *is-enabled*) "+tt.is+" ;; esac\n")
			}
			c := exec.Command("sh", append([]string{"-ec", "users() { :; }\n" + string(script), "postinst"}, tt.args...)...)
			c.Env = []string{"PATH=" + dir + ":/usr/bin:/bin"}
			out, err := c.CombinedOutput()
			if told := strings.Contains(string(out), "sudo systemctl enable --now vocoder-inputd.socket"); err != nil || told != tt.told {
				t.Fatalf("%v, told %t, want %t\n%s", err, told, tt.told, out)
			}
			log, err := os.ReadFile(filepath.Join(dir, "log"))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			got := strings.Contains(string(log), " preset ") || strings.Contains(string(log), "helper enable ")
			if got != (tt.want != "") || tt.want != "" && !strings.Contains(string(log), tt.want) {
				t.Errorf("want %q:\n%s", tt.want, log)
			}
		})
	}
}

// TestUserUnits checks that an upgrade restarts each service of the users that may run, and
// that a removal stops it.
func TestUserUnits(t *testing.T) {
	for _, tt := range []struct{ script, action string }{{"postinstall.sh", "try-restart"}, {"preremove.sh", "stop"}} {
		for prefix, units := range map[string]string{"": "vocoder*.service", "engine-": "vocoder-engine.service"} {
			script, err := os.ReadFile("scripts/" + prefix + tt.script)
			if err != nil {
				t.Fatal(err)
			}
			found, err := filepath.Glob(units)
			if err != nil || len(found) == 0 {
				t.Fatal(found, err)
			}
			for _, unit := range found {
				if prefix == "" && unit == "vocoder-engine.service" {
					continue
				}
				unit = strings.Replace(unit, "@.", "@*.", 1)
				if !regexp.MustCompile(`\busers ` + tt.action + ` .*` + regexp.QuoteMeta(unit)).Match(script) {
					t.Errorf("%s%s does not %s %s", prefix, tt.script, tt.action, unit)
				}
			}
		}
	}
}

// TestUninstallUndoes checks that make uninstall also undoes what make start-inputd and the
// installation made in the system, as the removal of the package does; and that it touches
// nothing of this machine when it removes from a DESTDIR.
func TestUninstallUndoes(t *testing.T) {
	for _, staged := range []bool{false, true} {
		top, world := sources(t), t.TempDir()
		scripts, err := filepath.Glob(filepath.Join(top, "packaging/scripts/*.sh"))
		if err != nil || len(scripts) < 5 {
			t.Fatal(scripts, err)
		}
		for _, script := range scripts {
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			world := strings.NewReplacer("/dev/null", "/dev/null", "/dev/", world+"/dev/", "/run/", world+"/run/") // the first that matches
			write(t, script, world.Replace(string(text)))
		}
		for _, dir := range []string{"run/systemd/system", "run/vocoder"} {
			if err := os.MkdirAll(filepath.Join(world, dir), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		bin := filepath.Join(world, "bin")
		for name, does := range map[string]string{"systemctl": "", "udevadm": "", "userdel": "", "getent": "", "chown": "", "timeout": "", "deb-systemd-helper": "", "id": "echo 0"} {
			write(t, filepath.Join(bin, name), "#!/bin/sh\necho \""+name+" $*\" >> "+world+"/log\n"+does+"\n")
		}
		dest := ""
		if staged {
			dest = t.TempDir()
		}
		prefix := filepath.Join(world, "usr")
		for _, target := range []string{"install-inputd", "uninstall"} {
			c := exec.Command("make", "-C", top, "GO=false", "DESTDIR="+dest, "PREFIX="+prefix, "SYSCONFDIR="+world+"/etc", target)
			c.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		}
		text, err := os.ReadFile(filepath.Join(world, "log"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		log := string(text)
		if staged {
			if strings.Contains(log, "systemctl") || strings.Contains(log, "userdel") {
				t.Errorf("with a DESTDIR it did:\n%s", log)
			}
			continue
		}
		for _, want := range []string{"systemctl disable --now vocoder-inputd.socket", "systemctl stop vocoder-inputd.service", "userdel vocoder-input", "systemctl daemon-reload", "udevadm control --reload"} {
			if !strings.Contains(log, want+"\n") {
				t.Errorf("it did not %s:\n%s", want, log)
			}
		}
		if left := files(t, prefix); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
		if _, err := os.Stat(filepath.Join(world, "run/vocoder")); err == nil {
			t.Error("the folder of the socket is left")
		}
	}
}
