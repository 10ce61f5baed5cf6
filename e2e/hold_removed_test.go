//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// A removal removes the handling of a fault from the daemon. The tests of the fault must
// then fail; otherwise they show nothing.
type removal struct {
	fault   string
	changes []change
	test    func(*testing.T, *booth)
}

// A change of a source file. Old is in it once.
type change struct{ file, old, new string }

var removals = []removal{
	{"F-01 a device that goes releases nothing", []change{
		{"evdev/hold.go", "return h.update(edges, at, key.Gone)", "return edges"},
	}, unpluggedWhileHeld},
	{"F-02 devices are looked for at the start only", []change{
		{"evdev/deviceset.go", "case in == dir && isNode(name) && ev.Has(fsnotify.Create|fsnotify.Chmod):", "case false:"},
	}, pluggedInElsewhere},
	{"F-03 a device that goes makes it start anew", []change{
		{"evdev/deviceset.go", "\tds.closeDevice(r)\n\t// The device may", "\tfor _, r := range ds.open {\n\t\tds.closeDevice(r)\n\t}\n\t// The device may"},
	}, devicesComeAndGo},
	{"F-04 lost events are overlooked", []change{
		{"evdev/decode.go", "s.dropped, lost = true, true", "_ = lost"},
	}, eventsLost},
	{"F-05 a key that is down at the start is a press", []change{
		{"evdev/deviceset.go", "ds.handler.added(r.id, d, w, all.and(w.keys))",
			"ds.handler.added(r.id, d, w, Set{})\n\tds.edges = append(ds.edges, ds.handler.resynced(r.id, all.and(w.keys), ds.host.now())...)"},
	}, downAtTheStart},
	{"F-06 what was said is thrown away at the maximum", []change{
		{"dictate/step.go", "at.Sub(u.Since) >= m.policy.MaxHold {\n\t\tm.finish()", "at.Sub(u.Since) >= m.policy.MaxHold {\n\t\tm.discard(*u, Cancelled)"},
	}, heldForTooLong},
	{"F-07 a slip is transcribed", []change{
		{"dictate/step.go", "if at.Sub(u.Since) < m.policy.MinHold {", "if false {"},
	}, slips},
	{"F-07 a bouncing contact is many presses", []change{
		{"evdev/hold.go", "const bounce = 20 * time.Millisecond", "const bounce = 0"},
	}, slips},
	{"F-08 the first text there is typed first", []change{
		{"dictate/step.go", "if u := &m.queue.at[0]; u.Phase == ready {\n\t\tu.Phase = typing",
			"u := &m.queue.at[0]\n\tfor i := range m.queue.all() {\n\t\tif m.queue.at[i].Phase >= ready {\n\t\t\tu = &m.queue.at[i]\n\t\t}\n\t}\n\tif u.Phase == ready {\n\t\tu.Phase = typing"},
	}, answersOutOfOrder},
	{"F-09 a repeat counts", []change{
		{"evdev/decode.go", "!s.dropped && (value == 0 || value == 1):", "!s.dropped:"},
	}, repeatsAndSecondDevice},
	{"F-09 one device is enough to end the hold", []change{
		{"evdev/hold.go", "d.down.remove(k.code)", "for _, d := range h.devices {\n\t\t\td.down.remove(k.code)\n\t\t}"},
	}, repeatsAndSecondDevice},
	{"F-10 sleep is nothing", []change{{"internal/app/daemon/session.go", "if s.InUse {", "if s.InUse = true; s.InUse {"}}, sleep},
	{"F-10 a lock is nothing", []change{{"internal/app/daemon/session.go", "if s.InUse {", "if s.InUse = true; s.InUse {"}}, lock},
	{"F-29 a session that is not on the screen is one", []change{{"internal/app/daemon/session.go", "if s.InUse {", "if s.InUse = true; s.InUse {"}}, anotherTerminal},
	{"F-11 the clock on the wall is believed", []change{
		{"evdev/listener.go", "return now.Add(t - c.mono - now.Sub(c.wall))", "return now.Add(t - c.mono - now.Sub(c.wall)).Round(0)"},
	}, clockSet},
	{"F-27 a node is tried once", []change{
		{"evdev/deviceset.go", "ev.Has(fsnotify.Create|fsnotify.Chmod):", "ev.Has(fsnotify.Create):"},
		{"evdev/deviceset.go", "t.paused = t.at > t.until", "t.paused = true"},
	}, readableLater},
}

// TestHoldRemoved has each fault happen to a daemon without its handling.
func TestHoldRemoved(t *testing.T) {
	if !sweeping() {
		t.Skip("a daemon is built for each fault: make sweep-holds")
	}
	b := newBooth(t)
	b.hurried = true
	for _, r := range removals {
		t.Run(r.fault, func(t *testing.T) {
			without := r.build(t)
			b.rig = startRig(t) // what a test that fails leaves behind goes with it
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

// passes runs the test of a fault, whose failure is not one of the test that
// runs it.
func passes(r removal, b *booth) bool {
	all := func(string, string) (bool, error) { return true, nil }
	return testing.RunTests(all, []testing.InternalTest{{
		Name: "Without/" + strings.ReplaceAll(r.fault, " ", "_"),
		F:    func(t *testing.T) { r.test(t, b) },
	}})
}

// build returns the path of a daemon without the handling.
func (r removal) build(t *testing.T) string {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	dir := t.TempDir()
	var overlay struct{ Replace map[string]string } // go help build
	overlay.Replace = map[string]string{}
	for _, c := range r.changes {
		path := filepath.Join(top, c.file)
		copied := filepath.Join(dir, filepath.Base(c.file))
		from := path
		if overlay.Replace[path] != "" {
			from = copied
		}
		b, err := os.ReadFile(from)
		ok(t, err)
		if n := strings.Count(string(b), c.old); n != 1 {
			t.Fatalf("%s: %s has %q %d times, want once", r.fault, c.file, c.old, n)
		}
		ok(t, os.WriteFile(copied, []byte(strings.Replace(string(b), c.old, c.new, 1)), 0o644))
		overlay.Replace[path] = copied
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
