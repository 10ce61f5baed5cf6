package evdev

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// A folder is a real folder with fake devices, watched by inotify.
type folder struct {
	*fake
	system
}

func (f folder) folder() string                        { return f.system.dir }
func (f folder) nodes() ([]string, error)              { return f.system.nodes() }
func (f folder) describe(node string) (Device, error)  { return f.fake.describe(node) }
func (f folder) open(d Device, keys Set) (node, error) { return f.fake.open(d, keys) }
func (f folder) resolve(path string) (string, error)   { return f.system.resolve(path) }
func (f folder) watch() (watcher, error)               { return f.system.watch() }
func (f folder) now() time.Duration                    { return f.system.now() }
func (f folder) machine() host                         { return f }
func (f folder) make(Device) device                    { panic("by hand") }

func TestFolderComesAndGoes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "input")
	f := folder{newFake(t), newSystem(dir)}
	f.fake.dir = dir
	cfg := Config{Bindings: []Binding{{Keys: []key.Code{f13}, Device: filepath.Join(dir, "by-id", "pad")}}}
	s := listen(t, f, cfg)
	for range 3 {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		d := f.silently(pad("test pad", f13), nil)
		if err := os.WriteFile(d.info.Path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(dir, "by-id"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("../"+d.name, filepath.Join(dir, "by-id", "pad")); err != nil {
			t.Fatal(err)
		}
		s.listens("test pad", true)
		d.unplug()
		s.listens("test pad", false)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKnownGrabbers(t *testing.T) {
	proc := t.TempDir()
	for pid, comm := range map[string]string{
		"1": "systemd\n", "20": "keyd\n", "21": "keyd\n", "300": "input-remapper-\n", "self": "kanata\n", "40": "keydx\n",
	} {
		path := filepath.Join(proc, pid, "comm")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(comm), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(proc, "50"), 0o755); err != nil { // it ended meanwhile
		t.Fatal(err)
	}
	if got, want := knownGrabbers(proc), []string{"input-remapper-", "keyd"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
