package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSpecFiles checks that the list of the RPM spec has each installed file, and no other.
// rpmbuild fails for that too, but it is not run often.
func TestSpecFiles(t *testing.T) {
	spec, err := os.ReadFile("distributions/vocoder.spec")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(spec), "\n%files\n")
	list, _, _ = strings.Cut(list, "\n%changelog\n")
	macros := strings.NewReplacer("%{_bindir}", "/usr/bin", "%{_libexecdir}", "/usr/libexec", "%{_sysconfdir}", "/etc",
		"%{_datadir}", "/usr/share", "%{_mandir}", "/usr/share/man", "%{_docdir}", "/usr/share/doc")
	used := map[string]bool{}
	for line := range strings.Lines(list) {
		words := strings.Fields(macros.Replace(line))
		if len(words) == 0 || words[0] == "%dir" || words[0] == "%license" {
			continue
		}
		used[words[len(words)-1]] = false
	}
	dest := t.TempDir()
	if out, err := exec.Command("make", "-C", sources(t), "GO=false", "PREFIX=/usr", "DESTDIR="+dest, "install-vocoder", "install-inputd").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, file := range files(t, dest) {
		found := false
		for path := "/" + file; path != "/" && !found; path = filepath.Dir(path) { // the list may have its folder
			for pattern := range used {
				if matches, err := filepath.Match(strings.TrimSuffix(pattern, "/"), path); err == nil && matches {
					found, used[pattern] = true, true
				}
			}
		}
		if !found {
			t.Errorf("vocoder.spec lacks /%s", file)
		}
	}
	for pattern, is := range used {
		if !is {
			t.Errorf("vocoder.spec has %s, which is not installed", pattern)
		}
	}
}
