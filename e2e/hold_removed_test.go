//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// TestHoldRemoved causes each fault in a daemon that lacks the handling of it.
func TestHoldRemoved(t *testing.T) {
	if !sweeping() {
		t.Skip("a daemon is built for each fault: make sweep-holds")
	}
	b := newMockSession(t)
	b.hurried = true
	for _, r := range removals {
		t.Run(r.fault, func(t *testing.T) {
			without := r.build(t)
			b.rig = startRig(t) // the devices of a failed test end with the old rig
			ctx := within(t, time.Minute)
			_, err := m.Run(ctx, "systemctl --user -M alice@ stop vocoder")
			ok(t, err)
			ok(t, m.Put(ctx, without, "/usr/local/bin/vocoder"))
			if passes(r, b) {
				t.Error("its test passes all the same")
			}
		})
	}
}

// passes runs the test of a fault and reports whether it passed. Its failure does not fail
// the calling test.
func passes(r removal, b *mockSession) bool {
	i := slices.IndexFunc(holds, func(h holdTest) bool { return h.name == r.test })
	all := func(string, string) (bool, error) { return true, nil }
	return testing.RunTests(all, []testing.InternalTest{{
		Name: "Without/" + strings.ReplaceAll(r.fault, " ", "_"),
		F:    func(t *testing.T) { holds[i].test(t, b) },
	}})
}

// build builds the daemon without the handling and returns its path.
func (r removal) build(t *testing.T) string {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	dir := t.TempDir()
	var overlay struct{ Replace map[string]string } // go help build
	overlay.Replace = map[string]string{}
	for file, text := range r.sources(t, top) {
		changed := filepath.Join(dir, filepath.Base(file))
		ok(t, os.WriteFile(changed, []byte(text), 0o644))
		overlay.Replace[filepath.Join(top, file)] = changed
	}
	list, err := json.Marshal(overlay)
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o644))
	out := filepath.Join(dir, "vocoder")
	c := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-overlay", filepath.Join(dir, "overlay.json"), "-o", out, "./cmd/vocoder")
	c.Dir, c.Env = top, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", r.fault, err, said)
	}
	return out
}
