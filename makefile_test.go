package vocoder_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/list"
)

// TestMakefile checks that the tests that the Makefile runs by name exist in the package
// where it looks for them: go test passes if it finds none.
func TestMakefile(t *testing.T) {
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := list.Read(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	name := regexp.MustCompile(`Test\w+`)
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		command := regexp.MustCompile(`\$\((GO|E2E)\) test .*-run (\S+)(.*)`).FindStringSubmatch(line)
		if command == nil {
			continue
		}
		for _, pkg := range regexp.MustCompile(`\s\.(/\S+)?(\s|$)`).FindAllString(command[3], -1) {
			folder := strings.TrimSpace(pkg)
			if command[1] == "E2E" {
				folder = path.Join("e2e", folder)
			}
			for _, n := range name.FindAllString(command[2], -1) {
				found++
				if !strings.Contains(tests[path.Clean(folder)], "\nfunc "+n) {
					t.Errorf("%s has no %s: %s", folder, n, strings.TrimSpace(line))
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("found %d tests in the Makefile, want more", found)
	}
}
