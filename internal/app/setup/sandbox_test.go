package setup

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
)

// shippedDropIn returns the path of the drop-in as a package installs it.
func shippedDropIn(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "share/vocoder/vocoder.service.d/50-sandbox.conf")
	if err := atomicfile.Write(name, []byte("[Service]\n")); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestSetupSandbox: if the probe succeeds, setup enables the sandbox, the second time too.
// If the probe fails, setup disables it and starts the daemon without it. Undo removes
// what setup made and nothing else.
func TestSetupSandbox(t *testing.T) {
	const worn = ".config/systemd/user/vocoder.service.d/50-sandbox.conf"
	home, sandbox := t.TempDir(), shippedDropIn(t)
	file := filepath.Join(home, worn)
	link := func() string { to, _ := os.Readlink(file); return to }
	run := func(probe error) string {
		t.Helper()
		s, m, out := newSetup(home, "")
		s.sandbox, s.Start, m.probe = sandbox, "now", probe
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(m.calls, ", "); got != "start vocoder.service" {
			t.Errorf("calls %q", got)
		}
		return out.String()
	}
	undo := func() {
		t.Helper()
		s, _, _ := newSetup(home, "")
		if err := s.Undo(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if out := run(errors.New("ended as failed")); link() != "" || !strings.Contains(out, "Sandbox: none, as a try of it failed (ended as failed)") {
		t.Errorf("after a probe that failed: %q\n%s", link(), out)
	}
	for range 2 {
		if out := run(nil); link() != sandbox || !strings.Contains(out, "Sandbox: "+file) {
			t.Errorf("after a probe that went well: %q\n%s", link(), out)
		}
	}
	if run(errors.New("no more")); link() != "" {
		t.Errorf("after one that fails now: %q", link())
	}
	for _, change := range []func(*config.Config){
		func(c *config.Config) { c.Devices = "direct" },
		func(c *config.Config) { c.Text.Command = []string{"mine"} },
	} {
		run(nil)
		s, _, _ := newSetup(home, "")
		s.sandbox, s.Start = sandbox, "now"
		if change(&s.cfg.Config); s.Run(t.Context()) != nil || link() != "" {
			t.Errorf("with settings that need more than the sandbox has: %q", link())
		}
	}
	run(nil)
	undo()
	if _, err := os.Lstat(filepath.Dir(file)); err == nil {
		t.Error("undo leaves the folder")
	}
	if err := atomicfile.Write(file, []byte("[Service]\n# mine\n")); err != nil {
		t.Fatal(err)
	}
	run(nil)
	run(errors.New("no more"))
	undo()
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "# mine") {
		t.Errorf("the user's own is %q: %v", text, err)
	}
}
