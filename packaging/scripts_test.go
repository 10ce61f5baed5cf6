package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEnabled checks when the package enables the helper's socket: at the first installation,
// whatever the package manager passes to its script, and at no upgrade, since an administrator
// may have disabled it meanwhile.
func TestEnabled(t *testing.T) {
	script, err := os.ReadFile("scripts/postinstall.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		manager, was string // whether deb-systemd-helper says that it was enabled
		args         []string
		want         string
	}{
		{"rpm, first", "", []string{"1"}, "systemctl preset vocoder-inputd.socket"},
		{"rpm, upgrade", "", []string{"2"}, ""},
		{"pacman, first", "", []string{"2.0.0-1"}, "systemctl preset vocoder-inputd.socket"},
		{"pacman, upgrade", "", []string{"2.0.1-1", "2.0.0-1"}, ""},
		{"dpkg, first", "true", []string{"configure", ""}, "deb-systemd-helper enable vocoder-inputd.socket"},
		{"dpkg, upgrade of a disabled one", "false", []string{"configure", "2.0.0-1"}, ""},
	} {
		t.Run(tt.manager, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"systemctl", "deb-systemd-helper", "systemd-sysusers", "modprobe", "udevadm"} {
				write(t, filepath.Join(dir, name), "#!/bin/sh\necho \"$(basename $0) $*\" >> "+dir+"/log\ncase $* in *was-enabled*) "+tt.was+" ;; is-enabled*) false ;; esac\n")
			}
			c := exec.Command("sh", append([]string{"-ec", "users() { :; }\n" + string(script), "postinst"}, tt.args...)...)
			c.Env = []string{"PATH=" + dir + ":/usr/bin:/bin"}
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
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
