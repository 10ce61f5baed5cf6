package vocoder_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/arealicehole/vocoder/"

// layers says which packages beyond the standard library each folder may
// import; those of this module are written without its path. A stage imports
// no stage: only a command knows them all. Each library has one owner.
var layers = map[string][]string{
	"internal/key":              {"internal/spell"},
	"internal/language":         {"golang.org/x/text"},
	"internal/pcm":              {"internal/language"},
	"internal/bubble":           {"github.com/godbus/dbus"},
	"internal/tray":             {"github.com/godbus/dbus"},
	"internal/spell":            {},
	"internal/environ":          {},
	"internal/linux/atomicfile": {},
	"internal/linux/ioctl":      {"golang.org/x/sys"},
	"internal/linux/systemd":    {"github.com/coreos/go-systemd", "golang.org/x/sys"},
	"internal/usage":            {"github.com/spf13/cobra", "github.com/spf13/pflag"},
	"internal/cue":              {"internal/pcm"},
	"internal/config":           {"internal/key", "internal/language", "internal/spell", "github.com/goccy/go-yaml"},
	"internal/helperproto":      {"internal/key"},
	"internal/control":          {"golang.org/x/sys"},
	"internal/session":          {"github.com/coreos/go-systemd", "github.com/godbus/dbus"},

	"dictate":     {"internal/key"},
	"evdev":       {"internal/key", "internal/linux/ioctl", "github.com/holoplot/go-evdev", "github.com/fsnotify/fsnotify", "golang.org/x/sys"},
	"capture":     {"capture/vad", "internal/pcm", "github.com/jfreymuth/pulse/proto"},
	"capture/vad": {"internal/pcm"},
	"whisper":     {"internal/language", "internal/pcm", "github.com/abadojack/whatlanggo"},

	"inject":                  {"internal/key", "inject/keymap", "github.com/bendahl/uinput", "golang.org/x/text", "golang.org/x/sys"},
	"inject/keymap":           {"internal/key", "golang.org/x/text"},
	"inject/layout":           {"internal/key", "internal/language", "inject/keymap", "inject/internal/wayland", "inject/internal/x11", "github.com/jezek/xgb", "github.com/godbus/dbus", "golang.org/x/sys"},
	"inject/paste":            {"inject/internal/wayland", "inject/internal/x11", "github.com/jezek/xgb", "golang.org/x/sys"},
	"inject/internal/wayland": {"golang.org/x/sys"},
	"inject/internal/x11":     {"github.com/jezek/xgb", "golang.org/x/sys"},

	"cmd/vocoder-inputd": {
		"evdev", "internal/key", "internal/linux/ioctl", "internal/session", "internal/helperproto",
		"github.com/goccy/go-yaml", "github.com/coreos/go-systemd", "golang.org/x/sys",
	},
	"cmd/vocoderctl":        {"internal/control", "internal/language", "internal/usage", "github.com/spf13/cobra"},
	"internal/app/terminal": {"capture", "internal/control", "internal/environ", "golang.org/x/term"},
	"internal/app/settings": {"evdev", "internal/config", "internal/control", "internal/environ", "internal/key", "internal/linux/atomicfile", "internal/linux/systemd", "internal/usage"},
	"cmd/vocoder": {
		"internal/app/settings", "internal/app/terminal",
		"dictate", "evdev", "capture", "capture/vad", "whisper", "inject", "inject/keymap", "inject/layout", "inject/paste",
		"internal/key", "internal/pcm", "internal/bubble", "internal/cue", "internal/config", "internal/control", "internal/environ", "internal/language", "internal/linux/atomicfile", "internal/linux/systemd", "internal/session", "internal/spell", "internal/tray", "internal/usage", "internal/helperproto",
		"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/coreos/go-systemd", "github.com/landlock-lsm/go-landlock", "golang.org/x/sys",
	},
}

// apart are folders that no part of the product imports: tests, their tools,
// and programs that only the build runs. They may import what they like.
var apart = []string{"e2e", "engine", "internal/bustest", "internal/measure", "internal/testlist", "internal/ttytest", "inject/keymap/internal"}

func TestLayers(t *testing.T) {
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
		check(t, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !seen["dictate"] {
		t.Error("no package was checked")
	}
}

// check reports the imports of a file that its folder may not have.
func check(t *testing.T, file string) {
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range syntax.Comments {
		if strings.HasPrefix(c.List[0].Text, "//go:build ignore") {
			return // a generator
		}
	}
	may, ok := layers[path.Dir(file)]
	if !ok {
		t.Errorf("%s: folder %s has no layer", file, path.Dir(file))
		return
	}
	for _, spec := range syntax.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(imp, ".") {
			continue // the standard library
		}
		imp = strings.TrimPrefix(imp, module)
		if !slices.ContainsFunc(may, func(m string) bool {
			library := strings.Contains(m, ".")
			return imp == m || library && strings.HasPrefix(imp, m+"/")
		}) {
			t.Errorf("%s imports %s", file, imp)
		}
	}
}
