// Package packaging_test checks the installed files: the units and their sandbox with the
// systemd of this machine, and that uninstall removes what install has installed.
package packaging_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/pages"
)

// installed runs make install with all parts, as for a package, and returns DESTDIR. The
// programs are fakes.
func installed(t *testing.T) string {
	t.Helper()
	for _, p := range []string{"make", "sed", "install"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip(err)
		}
	}
	top := sources(t)
	dest := filepath.Join(t.TempDir(), "dest")
	parts(t, top, "install", dest)
	return dest
}

// sources returns a copy of the files that install reads, with fake programs.
func sources(t *testing.T) string {
	t.Helper()
	top := t.TempDir()
	for _, dir := range []string{"packaging", "docs", "internal/control", "internal/version", "engine"} {
		if err := os.CopyFS(filepath.Join(top, dir), os.DirFS(filepath.Join("..", dir))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"Makefile", "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "e2e/README.md"} {
		text, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(top, file), string(text))
	}
	for _, name := range []string{"vocoder", "vocoderctl", "vocoder-osd", "vocoder-inputd", "vocoder-engine", "libonnxruntime.so", "libsherpa-onnx-c-api.so", "copyright", "copyright-engine", "license", "license-engine"} {
		program := "#!/bin/sh\n"
		if name == "vocoder-engine" { // which needs the C library
			text, err := os.ReadFile("/bin/true")
			if err != nil {
				t.Skip(err)
			}
			program = string(text)
		}
		write(t, filepath.Join(top, "bin", name), program)
	}
	for _, name := range []string{"vocoder", "vocoderctl", "vocoder-engine"} {
		for _, shell := range []string{"bash", "zsh", "fish"} {
			write(t, filepath.Join(top, "bin/completions", name+"."+shell), "completion\n")
		}
	}
	return top
}

// TestInstalledLinks checks that the links of installed pages lead to installed files.
func TestInstalledLinks(t *testing.T) {
	const docs = "usr/share/doc/"
	dest := installed(t)
	n := 0
	for _, page := range files(t, dest) {
		if filepath.Ext(page) != ".md" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dest, page))
		if err != nil {
			t.Fatal(err)
		}
		folder, _, _ := strings.Cut(strings.TrimPrefix(page, docs), "/")
		for _, l := range pages.Links(string(text)) {
			file, _, _ := strings.Cut(l.Target, "#")
			if file == "" || strings.Contains(file, "://") {
				continue
			}
			n++
			to := filepath.Join(filepath.Dir(page), file)
			if _, err := os.Stat(filepath.Join(dest, to)); err != nil {
				t.Errorf("%s:%d: %v", page, l.Line, err)
			} else if !strings.HasPrefix(to+"/", docs+folder+"/") {
				t.Errorf("%s:%d: %s is in another package", page, l.Line, to)
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d links were found", n)
	}
}

// TestInstalledManuals checks that each manual page that a unit or another page names as
// vocoder's own is installed.
func TestInstalledManuals(t *testing.T) {
	dest := installed(t)
	all := files(t, dest)
	named := regexp.MustCompile(`(?m)^Documentation=man:(vocoder[a-z.-]*)\((\d)\)|^\.Xr (vocoder[a-z.-]*) (\d)`)
	n := 0
	for _, file := range all {
		text, err := os.ReadFile(filepath.Join(dest, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range named.FindAllStringSubmatch(string(text), -1) {
			n++
			name, section := found[1]+found[3], found[2]+found[4]
			if page := "usr/share/man/man" + section + "/" + name + "." + section; !slices.Contains(all, page) {
				t.Errorf("%s names %s(%s), which is not installed", file, name, section)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d names were found", n)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// parts runs a target of make. It must build nothing, so it has no Go.
func parts(t *testing.T, top, target, dest string) {
	t.Helper()
	targets := []string{target}
	if target == "install" {
		targets = []string{"install-vocoder", "install-inputd", "install-engine"}
	}
	args := append([]string{"-C", top, "GO=false", "PREFIX=/usr", "DESTDIR=" + dest}, targets...)
	if out, err := exec.Command("make", args...).CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v\n%s", target, err, out)
	}
}

// TestUninstall checks that uninstall removes all installed files, and settings of the helper
// only if they are as installed.
func TestUninstall(t *testing.T) {
	top := sources(t)
	dest := filepath.Join(t.TempDir(), "dest")
	parts(t, top, "install", dest)
	if all := files(t, dest); len(all) < 30 || !slices.Contains(all, "etc/vocoder/input.yaml") {
		t.Errorf("only these were installed: %q", all)
	}
	parts(t, top, "uninstall", dest)
	if left := files(t, dest); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	err := fs.WalkDir(os.DirFS(dest), ".", func(name string, _ fs.DirEntry, err error) error {
		if strings.Contains(name, "vocoder") {
			t.Errorf("the folder %s is left behind", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	parts(t, top, "install", dest)
	write(t, filepath.Join(dest, "etc/vocoder/input.yaml"), "allow: []\n")
	parts(t, top, "install", dest)
	parts(t, top, "uninstall", dest)
	if left := files(t, dest); !slices.Equal(left, []string{"etc/vocoder/input.yaml"}) {
		t.Errorf("left behind: %q", left)
	}
}

// TestInstallUnbuilt checks that make install, which builds nothing, says what to build.
func TestInstallUnbuilt(t *testing.T) {
	for file, want := range map[string]string{"vocoder": "make build", "vocoder-inputd": "make build", "completions/vocoder.bash": "make build",
		"vocoder-engine": "make engine", "libonnxruntime.so": "make engine"} {
		top := sources(t)
		if err := os.Remove(filepath.Join(top, "bin", file)); err != nil {
			t.Fatal(err)
		}
		dest := t.TempDir()
		out, err := exec.Command("make", "-C", top, "GO=false", "PREFIX=/usr", "DESTDIR="+dest, "install-inputd", "install-vocoder", "install-engine").CombinedOutput()
		if err == nil || !strings.Contains(string(out), "bin/"+file+" is missing. Build it first, not as root: "+want) {
			t.Errorf("without %s: %v\n%s", file, err, out)
		}
	}
}

// TestNoHome checks that without HOME, as where packages are built, the user units are where
// a package has them.
func TestNoHome(t *testing.T) {
	top, dest := sources(t), t.TempDir()
	c := exec.Command("make", "-C", top, "GO=false", "PREFIX=/usr", "DESTDIR="+dest, "install")
	c.Env = []string{"PATH=" + os.Getenv("PATH")}
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dest, "usr/lib/systemd/user/vocoder.service")); err != nil {
		t.Error(err)
	}
}

// TestHomePrefix checks that below the home folder the user units are where systemd looks.
func TestHomePrefix(t *testing.T) {
	top, home := sources(t), t.TempDir()
	c := exec.Command("make", "-C", top, "GO=false", "PREFIX="+home+"/.local", "install")
	c.Env = append(os.Environ(), "HOME="+home)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	unit, err := os.ReadFile(filepath.Join(home, ".local/share/systemd/user/vocoder.service"))
	if err != nil || !strings.Contains(string(unit), "\nExecStart="+home+"/.local/bin/vocoder ") {
		t.Errorf("%v\n%s", err, unit)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestVerify checks that systemd-analyze verify(1) accepts each unit without a warning.
func TestVerify(t *testing.T) {
	dest := installed(t)
	for _, tt := range []struct{ scope, dir string }{{"--user", "user"}, {"--system", "system"}} {
		dir := rewritten(t, dest, tt.dir)
		units, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(units) == 0 {
			t.Fatal("no units", err)
		}
		for _, unit := range units {
			unit = strings.Replace(unit, "@.", "@1000.", 1)
			verify := exec.Command("systemd-analyze", "verify", tt.scope, "--man=no", unit)
			verify.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+t.TempDir())
			out, err := verify.CombinedOutput()
			if err != nil || len(out) > 0 {
				t.Errorf("%s: %v\n%s", unit, err, out)
			}
		}
	}
}

// rewritten returns a folder with the units of a scope, changed to use the programs below
// dest.
func rewritten(t *testing.T, dest, scope string) string {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	dir := t.TempDir()
	from := filepath.Join(dest, "usr/lib/systemd", scope)
	units, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		text, err := os.ReadFile(filepath.Join(from, u.Name()))
		if err != nil {
			t.Fatal(err)
		}
		moved := strings.ReplaceAll(string(text), "/usr/", dest+"/usr/")
		write(t, filepath.Join(dir, u.Name()), moved)
		if err := os.Chmod(filepath.Join(dir, u.Name()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestExposure checks the score of systemd-analyze security(1) for each unit, alone and with
// its drop-ins.
func TestExposure(t *testing.T) {
	dest := installed(t)
	for _, tt := range []struct {
		name, scope, unit string
		dropIns           []string
		most              float64
	}{
		{"helper", "system", "vocoder-inputd.service", nil, 0.6},
		{"kiosk", "system", "vocoder@.service", nil, 1.6},
		{"base", "user", "vocoder.service", nil, 6.2},
		{"profile", "user", "vocoder@.service", nil, 6.2},
		{"sandbox", "user", "vocoder.service", []string{"50-sandbox.conf"}, 1.5},
		{"strict", "user", "vocoder.service", []string{"50-sandbox.conf", "60-strict.conf"}, 0.8},
		{"overlay", "user", "vocoder-osd.service", []string{"50-sandbox.conf"}, 0.8},
		{"engine", "user", "vocoder-engine.service", []string{"50-sandbox.conf"}, 0.8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			unit := filepath.Join(rewritten(t, dest, tt.scope), tt.unit)
			text, err := os.ReadFile(unit)
			if err != nil {
				t.Fatal(err)
			}
			base, _, _ := strings.Cut(tt.unit, ".")
			for _, d := range tt.dropIns {
				more, err := os.ReadFile(filepath.Join(dest, "usr/share/vocoder", base+".service.d", d))
				if err != nil {
					t.Fatal(err)
				}
				text = append(append(text, '\n'), more...)
			}
			unit = strings.Replace(unit, "@.", "@1000.", 1)
			write(t, unit, string(text))
			level, out := exposure(t, unit)
			t.Logf("%.1f, at most %.1f", level, tt.most)
			if level > tt.most {
				t.Errorf("exposure %.1f, want %.1f at most\n%s", level, tt.most, out)
			}
		})
	}
}

// exposure returns the score of a unit, and its reasons.
func exposure(t *testing.T, unit string) (level float64, why []byte) {
	t.Helper()
	out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--no-pager", unit).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	found := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`).FindSubmatch(out)
	if found == nil {
		t.Fatalf("no level in\n%s", out)
	}
	level, err = strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return level, out
}

// TestThreads: on a machine with many processors, Go starts no more threads than the unit
// allows. It has GOMAXPROCS that run, and some that wait for the kernel.
func TestThreads(t *testing.T) {
	tasks, processors := regexp.MustCompile(`(?m)^TasksMax=(\d+)$`), regexp.MustCompile(`(?m)^Environment=.*\bGOMAXPROCS=(\d+)`)
	for _, pattern := range []string{"*.service", "*/*.service"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v, %v", pattern, names, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			limit, running := tasks.FindSubmatch(text), processors.FindSubmatch(text)
			if limit == nil || running == nil {
				t.Errorf("%s: TasksMax %q, GOMAXPROCS %q", name, limit, running)
				continue
			}
			most, _ := strconv.Atoi(string(limit[1])) // digits
			n, _ := strconv.Atoi(string(running[1]))
			if most < 8*n {
				t.Errorf("%s: TasksMax=%d for GOMAXPROCS=%d", name, most, n)
			}
		}
	}
}

// TestModels checks that a model's files are installed in the folder in which vocoder-engine
// looks, and removed again.
func TestModels(t *testing.T) {
	top := sources(t)
	want := []string{"usr/share/doc/vocoder-model-whisper-base/copyright"}
	for _, name := range []string{"LICENSE", "base-decoder.int8.onnx", "model.json"} {
		write(t, filepath.Join(top, "data/whisper-base", name), name)
		want = append(want, "usr/share/vocoder/models/whisper-base/"+name)
	}
	dest := filepath.Join(t.TempDir(), "dest")
	for _, target := range []string{"install-model-whisper-base", "uninstall"} {
		out, err := exec.Command("make", "-C", top, "GO=false", "PREFIX=/usr", "DESTDIR="+dest, "DATA=data", target).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := files(t, dest); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
		want = nil
	}
}
