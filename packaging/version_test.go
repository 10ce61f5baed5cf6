package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/version"
)

// TestVersion checks that each program, each manual page and each package has the version of
// internal/version, and that nothing else in the sources of the build has one.
func TestVersion(t *testing.T) {
	want := version.String()
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(want) {
		t.Fatalf("the version is %q", want)
	}
	dir := t.TempDir()
	c := exec.Command("go", "build", "-o", dir+"/", "./cmd/...")
	c.Dir, c.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"vocoder", "vocoderctl", "vocoder-osd", "vocoder-inputd"} {
		out, err := exec.Command(filepath.Join(dir, name), "--version").CombinedOutput()
		if err != nil || string(out) != name+" "+want+"\n" {
			t.Errorf("%s --version: %v: %s", name, err, out)
		}
	}
	dest := installed(t)
	pages, err := filepath.Glob(filepath.Join(dest, "usr/share/man/man*/*"))
	if err != nil || len(pages) < 5 {
		t.Fatalf("%q, %v", pages, err)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil || !strings.Contains(string(text), "\n.Os vocoder "+want+"\n") {
			t.Errorf("%s lacks the version: %v", page, err)
		}
	}
}

// A release is a section of the changelog.
type release struct {
	name, date string
	groups     []string
	items      int
}

// releases reads a changelog in the form of keepachangelog.com. It returns what is not in
// that form as faults.
func releases(text string) (all []release, faults []string) {
	head := regexp.MustCompile(`^## (?:\[([0-9.]+)\] - (\d{4}-\d\d-\d\d)|\[(Unreleased)\])$`)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "## "):
			m := head.FindStringSubmatch(line)
			if m == nil {
				faults = append(faults, "no version with a date: "+line)
				m = make([]string, 4)
			}
			all = append(all, release{name: m[1] + m[3], date: m[2]})
		case strings.HasPrefix(line, "### ") && len(all) > 0:
			r := &all[len(all)-1]
			group := strings.TrimPrefix(line, "### ")
			if !slices.Contains([]string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}, group) || slices.Contains(r.groups, group) {
				faults = append(faults, "not a group, or twice: "+line)
			}
			r.groups = append(r.groups, group)
		case strings.HasPrefix(line, "- "):
			if len(all) == 0 || len(all[len(all)-1].groups) == 0 {
				faults = append(faults, "in no group: "+line)
				continue
			}
			all[len(all)-1].items++
		}
	}
	for i, r := range all {
		if _, err := time.Parse(time.DateOnly, r.date); err != nil && r.name != "Unreleased" {
			faults = append(faults, err.Error())
		}
		if i > 0 && (r.name == "Unreleased" || all[i-1].name != "Unreleased" && r.date > all[i-1].date) {
			faults = append(faults, r.name+" is below an older version")
		}
		if r.name != "Unreleased" && !strings.Contains(text, "\n["+r.name+"]: https://") {
			faults = append(faults, "no address for "+r.name)
		}
		if r.items == 0 {
			faults = append(faults, r.name+" has no item")
		}
	}
	return all, faults
}

// TestChangelog checks the form of the changelog, and that its newest version is that of the
// programs.
func TestChangelog(t *testing.T) {
	text, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	all, faults := releases(string(text))
	for _, f := range faults {
		t.Error(f)
	}
	all = slices.DeleteFunc(all, func(r release) bool { return r.name == "Unreleased" })
	if len(all) == 0 || all[0].name != version.String() {
		t.Errorf("the newest version is %v, want %s", all, version.String())
	}
}

func TestChangelogForm(t *testing.T) {
	const address = "\n[2.0.0]: https://example.org/\n"
	for text, ok := range map[string]bool{
		"## [2.0.0] - 2026-11-30\n### Added\n- x\n" + address:                                                    true,
		"## [Unreleased]\n### Added\n- x\n## [2.0.0] - 2026-11-30\n### Fixed\n- x\n" + address:                   true,
		"## [2.0.0] - 2026-11-30\n### Added\n- x\n":                                                              false,
		"## [2.0.0] - 2026-13-30\n### Added\n- x\n" + address:                                                    false,
		"## [2.0.0]\n### Added\n- x\n" + address:                                                                 false,
		"## Unreleased\n### Added\n- x\n":                                                                        false,
		"## [2.0.0] - 2026-11-30\n- x\n" + address:                                                               false,
		"## [2.0.0] - 2026-11-30\n### News\n- x\n" + address:                                                     false,
		"## [2.0.0] - 2026-11-30\n### Added\n- x\n### Added\n- y\n" + address:                                    false,
		"## [2.0.0] - 2026-11-30\n### Added\n" + address:                                                         false,
		"## [2.0.0] - 2026-11-30\n### Added\n- x\n## [Unreleased]\n### Added\n- x\n" + address:                   false,
		"## [2.0.0] - 2026-01-30\n### Added\n- x\n## [2.0.0] - 2026-11-30\n### Fixed\n- x\n" + address + address: false,
	} {
		if _, faults := releases(text); (len(faults) == 0) != ok {
			t.Errorf("%q: %q", text, faults)
		}
	}
}
