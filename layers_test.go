package vocoder_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/arealicehole/vocoder/"

// A layer is a group of packages and what its members may import of this module,
// besides their own subtree. A name covers its subpackages.
type layer struct {
	packages []string
	imports  []string
}

// layers are the groups of packages. A package belongs to the first layer that has it.
var layers = []layer{
	{[]string{"internal/linux"}, []string{"internal/key", "internal/linux"}},
	// The overlay finds the display as the typing does.
	{[]string{"internal/osd", "cmd/vocoder-osd"}, append(leaves, "internal/osd", "internal/control", "internal/environ", "internal/usage",
		"internal/wayland", "internal/x11", "inject/desktop")},
	{[]string{"internal"}, shared},

	// A stage knows no other stage.
	{[]string{"dictate"}, []string{"internal/key"}},
	{[]string{"evdev"}, leaves},
	{[]string{"capture"}, leaves},
	{[]string{"whisper"}, append(leaves, "text")},
	{[]string{"text"}, leaves},
	{[]string{"inject"}, append(leaves, "internal/wayland", "internal/x11")},

	{[]string{"cmd/vocoder-inputd"}, []string{"evdev", "internal/helperproto", "internal/key", "internal/linux", "internal/version"}},
	{[]string{"cmd/vocoderctl"}, []string{"internal/control", "internal/language", "internal/linux", "internal/printable", "internal/usage",
		"internal/app/settings", "internal/app/words", "internal/environ", "text"}},
	{[]string{"cmd/vocoder"}, append(append(stages, shared...), "internal/app")},
}

// applications are the packages that use the stages. Those that do a whole job do not
// import each other.
var (
	applications = []layer{
		{[]string{"internal/app/report"}, leaves},
		{[]string{"internal/app/hint", "internal/app/terminal"}, append(stages, shared...)},
		{[]string{"internal/app/daemon", "internal/app/doctor", "internal/app/selftest", "internal/app/setup"}, append(append(stages, shared...),
			"internal/app/helper", "internal/app/hint", "internal/app/microphone", "internal/app/recognition", "internal/app/report",
			"internal/app/settings", "internal/app/terminal", "internal/app/typing", "internal/app/validate")},
		{[]string{"internal/app/validate"}, append(shared, "internal/app/helper", "internal/app/recognition", "internal/app/settings", "internal/app/typing")},
		{[]string{"internal/app"}, append(append(stages, shared...), "internal/app/helper", "internal/app/hint", "internal/app/settings")},
	}

	stages = []string{"dictate", "evdev", "capture", "whisper", "text", "inject"}
	leaves = []string{"internal/key", "internal/language", "internal/linux", "internal/pcm", "internal/printable", "internal/script", "internal/spell", "internal/version"}
	shared = append(leaves, "internal/config", "internal/control", "internal/environ", "internal/helperproto",
		"internal/notification", "internal/sound", "internal/tray", "internal/usage")
)

// libraries are the packages that may import each library. Its types stay in them.
var libraries = map[string][]string{
	"github.com/abadojack/whatlanggo":     {"text"},
	"github.com/bendahl/uinput":           {"inject"},
	"github.com/coreos/go-systemd":        {"internal/linux/journal", "internal/linux/systemd", "cmd/vocoder", "cmd/vocoder-inputd", "internal/app/daemon"},
	"github.com/fsnotify/fsnotify":        {"evdev", "internal/control"},
	"github.com/goccy/go-yaml":            {"internal/config", "cmd/vocoder-inputd"},
	"github.com/go-text/typesetting":      {"internal/osd/paint"},
	"github.com/godbus/dbus":              {"internal/linux/session", "internal/osd/look", "internal/notification", "internal/tray", "inject/desktop"},
	"github.com/holoplot/go-evdev":        {"evdev"},
	"github.com/jezek/xgb":                {"inject", "internal/x11", "internal/osd/screen"},
	"github.com/jfreymuth/pulse/proto":    {"capture"},
	"github.com/landlock-lsm/go-landlock": {"cmd/vocoder", "internal/app/daemon"},
	"github.com/spf13/cobra":              {"internal/usage", "cmd"},
	"github.com/spf13/pflag":              {"internal/usage", "cmd"},
	"golang.org/x/image":                  {"internal/osd/paint"},
	"golang.org/x/sys":                    {"capture", "cmd", "evdev", "inject", "internal", "whisper"},
	"golang.org/x/term":                   {"internal/app/terminal"},
	"golang.org/x/text":                   {"inject", "internal/language", "internal/osd/paint", "text", "whisper"},
}

// apart are folders that the product does not import: tests, their tools, and programs
// that only the build runs. They may import any package.
var apart = []string{"e2e", "engine", "internal/test", "inject/keymap/internal", "packaging"}

func TestLayers(t *testing.T) {
	layers := append(slices.Clone(applications), layers...)
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file = filepath.ToSlash(file)
		if d.IsDir() {
			hidden := strings.HasPrefix(d.Name(), ".") && file != "."
			if hidden || d.Name() == "testdata" || slices.Contains(apart, file) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || path.Dir(file) == "." {
			return nil
		}
		seen[path.Dir(file)] = true
		checkImports(t, layers, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !seen["dictate"] {
		t.Error("no package was checked")
	}
}

// within reports whether a package is the folder or below it.
func within(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

// checkImports reports the imports of a file that its package may not have.
func checkImports(t *testing.T, layers []layer, file string) {
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range syntax.Comments {
		if strings.HasPrefix(c.List[0].Text, "//go:build ignore") {
			return // a generator
		}
	}
	pkg := path.Dir(file)
	in := func(folder string) bool { return within(pkg, folder) }
	i := slices.IndexFunc(layers, func(l layer) bool { return slices.ContainsFunc(l.packages, in) })
	if i < 0 {
		t.Errorf("%s: package %s has no layer", file, pkg)
		return
	}
	for _, spec := range syntax.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		own, ok := strings.CutPrefix(imp, module)
		switch {
		case imp == "C":
			t.Errorf("%s uses cgo: only engine/ does", file)
		case ok:
			top, _, _ := strings.Cut(pkg, "/")
			same := top != "internal" && top != "cmd" && within(own, top) // a stage and its parts
			if !same && !slices.ContainsFunc(layers[i].imports, func(folder string) bool { return within(own, folder) }) {
				t.Errorf("%s imports %s", file, own)
			}
		case strings.Contains(imp, "."): // no package of the standard library has a dot
			if !mayImport(in, imp) {
				t.Errorf("%s imports %s", file, imp)
			}
		}
	}
}

// mayImport reports whether the package for which in reports the folders that it is in
// may import a library.
func mayImport(in func(folder string) bool, library string) bool {
	for name, folders := range libraries {
		if within(library, name) && slices.ContainsFunc(folders, in) {
			return true
		}
	}
	return false
}

// TestLibraries checks that go.mod lists the libraries of the product and no others. Those
// of tests and tools alone belong to the modules in e2e/ and engine/, and to tools.mod.
func TestLibraries(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	listed := func(library string) bool {
		for _, r := range file.Require {
			if !r.Indirect && (within(library, r.Path) || within(r.Path, library)) {
				return true
			}
		}
		return false
	}
	for _, library := range slices.Sorted(maps.Keys(libraries)) {
		if !listed(library) {
			t.Errorf("go.mod does not list %s", library)
		}
	}
	for _, r := range file.Require {
		if !r.Indirect && !slices.ContainsFunc(slices.Collect(maps.Keys(libraries)), func(l string) bool { return within(l, r.Path) || within(r.Path, l) }) {
			t.Errorf("go.mod lists %s, which no package may import", r.Path)
		}
	}
}

// TestStatic builds the programs without cgo.
func TestStatic(t *testing.T) {
	c := exec.Command("go", "build", "./cmd/...")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
