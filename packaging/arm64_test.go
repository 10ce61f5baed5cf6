package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/version"
)

// TestARM64 runs the programs out of the packages for arm64 in QEMU. TestEmulated of the
// engine has that one transcribe.
func TestARM64(t *testing.T) {
	if os.Getenv("VOCODER_PACKAGES") == "" {
		t.Skip("make test-emulated")
	}
	root := t.TempDir()
	for _, name := range []string{"vocoder", "vocoder-engine"} {
		deb := only(t, filepath.Join("../dist", name+"_*_arm64.deb"))
		if out, err := exec.Command("dpkg", "-x", deb, root).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	home := t.TempDir()
	run := func(want string, status int, args ...string) {
		t.Helper()
		out, err := emulated(root, home, args...).CombinedOutput()
		code := 0
		if exit, is := err.(*exec.ExitError); is {
			code = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if code != status || !strings.Contains(string(out), want) {
			t.Errorf("%q: status %d, want %d with %q:\n%s", args, code, status, want, out)
		}
	}
	for _, name := range []string{"bin/vocoder", "bin/vocoderctl", "bin/vocoder-osd", "libexec/vocoder-inputd", "bin/vocoder-engine"} {
		run(" "+version.String()+"\n", 0, name, "--version")
	}
	run("", 0, "bin/vocoder", "config", "check")
	run("no sound server", 1, "bin/vocoder", "record", "--check")
}

// emulated returns a command of the package, below root, in QEMU.
func emulated(root, home string, args ...string) *exec.Cmd {
	c := exec.Command("./emulate.sh", append([]string{filepath.Join(root, "usr", args[0])}, args[1:]...)...)
	c.Env = []string{"HOME=" + home, "XDG_RUNTIME_DIR=" + home, "PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	return c
}
