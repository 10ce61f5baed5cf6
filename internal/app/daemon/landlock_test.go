package daemon

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestRestrict runs itself as a program that gives up its rights, because that cannot be
// undone.
func TestRestrict(t *testing.T) {
	const at = "VOCODER_TEST_RESTRICT"
	if dir := os.Getenv(at); dir != "" {
		restrictd(t, dir)
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestRestrict$", "-test.v")
	c.Env = append(os.Environ(), at+"="+t.TempDir())
	out, err := c.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
	if strings.Contains(string(out), "--- SKIP") {
		t.Skip("this kernel has no Landlock")
	}
}

func restrictd(t *testing.T, dir string) {
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for _, d := range []string{in, out} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(d, "old"), []byte("kept"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("unix", filepath.Join(out, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			if _, err := l.Accept(); err != nil {
				return
			}
		}
	}()
	write, wrote := make(chan string), make(chan error)
	go func() { // on a thread that is there before
		runtime.LockOSThread()
		for name := range write {
			wrote <- os.WriteFile(name, []byte("new"), 0o600)
		}
	}()
	write <- filepath.Join(out, "before")
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}

	version, err := restrict(in, filepath.Join(dir, "none"))
	if err != nil {
		t.Fatal(err)
	}
	if version == 0 {
		t.Skip("no Landlock")
	}
	for _, name := range []string{"old", "new", "before"} {
		write <- filepath.Join(out, name)
		if err := <-wrote; !errors.Is(err, fs.ErrPermission) {
			t.Errorf("write %s on another thread: %v", name, err)
		}
		if err := os.WriteFile(filepath.Join(out, name), nil, 0o600); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("write %s: %v", name, err)
		}
	}
	if err := exec.Command("sh", "-c", "echo > "+filepath.Join(out, "shell")).Run(); err == nil {
		t.Error("a program that is started may write")
	}
	if err := os.Remove(filepath.Join(out, "old")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("remove: %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(out, "old")); err != nil || string(b) != "kept" {
		t.Errorf("read: %q, %v", b, err)
	}
	if err := os.WriteFile(filepath.Join(in, "new"), nil, 0o600); err != nil {
		t.Errorf("write where it may: %v", err)
	}
	if err := exec.Command("sh", "-c", "echo > /dev/null").Run(); err != nil {
		t.Errorf("write nowhere: %v", err)
	}
	if c, err := net.Dial("unix", filepath.Join(out, "socket")); err != nil {
		t.Errorf("connect: %v", err)
	} else if err := c.Close(); err != nil {
		t.Error(err)
	}
}
