package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// A removal removes the handling of a fault from the daemon's sources. The test of the
// fault must then fail. If it passes, it shows nothing.
type removal struct {
	fault   string
	changes []change
	test    string // the subtest of TestHold that causes the fault
}

// A change replaces text in a source file of the product. The file has old exactly once.
type change struct{ file, old, new string }

var removals = []removal{
	{"F-01 an unplugged device releases nothing", []change{
		{"evdev/hold.go", "return h.update(edges, at, key.Gone)", "return edges"},
	}, "unplugged while held"},
	{"F-02 devices are found only at the start", []change{
		{"evdev/deviceset.go", "case in == ds.dir && isNode(name) && ev.Has(fsnotify.Create|fsnotify.Chmod):", "case false:"},
	}, "plugged in elsewhere"},
	{"F-03 a device that goes closes all devices", []change{
		{"evdev/deviceset.go", "\tds.closeDevice(r)\n\t// The device may", "\tfor _, r := range ds.open {\n\t\tds.closeDevice(r)\n\t}\n\t// The device may"},
	}, "devices come and go"},
	{"F-04 lost events are ignored", []change{
		{"evdev/decode.go", "s.dropped, lost = true, true", "_ = lost"},
	}, "events lost"},
	{"F-05 a key that is down at the start is a press", []change{
		{"evdev/deviceset.go", "ds.handler.added(r.id, d, w, all.and(w.keys))",
			"ds.handler.added(r.id, d, w, Set{})\n\tds.edges = append(ds.edges, ds.handler.resynced(r.id, all.and(w.keys), ds.host.now())...)"},
	}, "down at the start"},
	{"F-06 the recording is discarded at the maximum", []change{
		{"dictate/step.go", "at.Sub(u.Since) >= m.policy.MaxHold {\n\t\tm.finish()", "at.Sub(u.Since) >= m.policy.MaxHold {\n\t\tm.discard(*u, Cancelled)"},
	}, "held for too long"},
	{"F-07 a slip is transcribed", []change{
		{"dictate/step.go", "if at.Sub(u.Since) < m.policy.MinHold {", "if false {"},
	}, "slips"},
	{"F-07 a bouncing contact is many presses", []change{
		{"evdev/hold.go", "const bounce = 20 * time.Millisecond", "const bounce = 0"},
	}, "slips"},
	{"F-08 the first answer is typed first", []change{
		{"dictate/step.go", "if u := &m.queue.at[0]; u.Phase == ready {\n\t\tu.Phase = typing",
			"u := &m.queue.at[0]\n\tfor i := range m.queue.all() {\n\t\tif m.queue.at[i].Phase >= ready {\n\t\t\tu = &m.queue.at[i]\n\t\t}\n\t}\n\tif u.Phase == ready {\n\t\tu.Phase = typing"},
	}, "answers out of order"},
	{"F-09 a repeat is a press", []change{
		{"evdev/decode.go", "!s.dropped && (value == 0 || value == 1):", "!s.dropped:"},
	}, "repeats and a second device"},
	{"F-09 one device is enough to end the hold", []change{
		{"evdev/hold.go", "d.down.remove(k.code)", "for _, d := range h.devices {\n\t\t\td.down.remove(k.code)\n\t\t}"},
	}, "repeats and a second device"},
	{"F-10 sleep is ignored", []change{{"internal/app/daemon/session.go", "if s.InUse {", "if s.InUse = true; s.InUse {"}}, "sleep"},
	{"F-10 a lock is ignored", []change{{"internal/app/daemon/session.go", "if s.InUse {", "if s.InUse = true; s.InUse {"}}, "lock"},
	{"F-29 a session off the screen is accepted", []change{{"internal/app/daemon/session.go", "if s.InUse {", "if s.InUse = true; s.InUse {"}}, "another terminal"},
	{"F-11 times come from the wall clock", []change{
		{"evdev/listener.go", "return now.Add(t - c.mono - now.Sub(c.wall))", "return now.Add(t - c.mono - now.Sub(c.wall)).Round(0)"},
	}, "clock set"},
	{"F-27 a node is opened once", []change{
		{"evdev/deviceset.go", "ev.Has(fsnotify.Create|fsnotify.Chmod):", "ev.Has(fsnotify.Create):"},
		{"evdev/deviceset.go", "t.paused = t.at > t.until", "t.paused = true"},
	}, "readable only later"},
}

// sources returns the changed text of each file of the removal, by its path below top.
func (r removal) sources(t *testing.T, top string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, c := range r.changes {
		if _, is := files[c.file]; !is {
			b, err := os.ReadFile(filepath.Join(top, c.file))
			if err != nil {
				t.Fatal(err)
			}
			files[c.file] = string(b)
		}
		if n := strings.Count(files[c.file], c.old); n != 1 {
			t.Errorf("%s: %s has %q %d times, want once", r.fault, c.file, c.old, n)
		}
		files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
	}
	return files
}

// TestRemovals checks, without the machine, that each change matches the sources of today
// and that TestHold has the subtest of each removal.
func TestRemovals(t *testing.T) {
	top, err := repo.Top()
	if err != nil {
		t.Fatal(err)
	}
	hold, err := os.ReadFile("hold_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range removals {
		r.sources(t, top)
		if !strings.Contains(string(hold), `{"`+r.test+`", `) {
			t.Errorf("%s: TestHold has no subtest %q", r.fault, r.test)
		}
	}
}
