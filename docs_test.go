package vocoder_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/pages"
)

// markdown returns all Markdown files of the repository with their text.
func markdown(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == "bin" || path == "dist" || path == "out" || path != "." && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir // what make builds, and git
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	})
	if err != nil || len(all) < 10 {
		t.Fatalf("%d pages: %v", len(all), err)
	}
	return all
}

// TestDocsLinks checks that each link to a file, a heading or a picture of this repository
// leads somewhere. It asks no other site.
func TestDocsLinks(t *testing.T) {
	all := markdown(t)
	for page, text := range all {
		for _, l := range pages.Links(text) {
			if problem := dead(all, page, l.Target); problem != "" {
				t.Errorf("%s:%d: %s: %s", page, l.Line, l.Target, problem)
			}
		}
	}
}

// dead returns why a link of a page leads nowhere, or nothing if it leads somewhere.
func dead(all map[string]string, page, target string) string {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return ""
	}
	file, anchor, anchored := strings.Cut(target, "#")
	path := page
	if file != "" {
		path = filepath.Join(filepath.Dir(page), file)
	}
	text, isPage := all[path]
	if _, err := os.Stat(path); err != nil && !isPage {
		return err.Error()
	}
	if anchored && isPage && !pages.Anchors(text)[anchor] {
		return "no such heading"
	}
	return ""
}

func TestDead(t *testing.T) {
	all := map[string]string{"docs/a.md": "# One\n", "README.md": "# Two words\n"}
	for target, want := range map[string]bool{
		"https://example.org/x": false, "mailto:a@example.org": false,
		"../README.md": false, "../README.md#two-words": false, "#one": false, "../Makefile": false, "pictures/": false,
		"../README.md#one": true, "#two-words": true, "no.md": true, "README.md": true,
	} {
		if got := dead(all, "docs/a.md", target); (got != "") != want {
			t.Errorf("%s: %q, want dead=%v", target, got, want)
		}
	}
}

// TestDocsTargets checks that each target of make in the pages exists.
func TestDocsTargets(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	target := regexp.MustCompile("(?m)(?:`|&& |sudo |^\\$? *)make ((?:[a-z]+-?)+(?: [a-z-]+)*)")
	n := 0
	for page, text := range markdown(t) {
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			for name := range strings.FieldsSeq(m[1]) {
				n++
				if !regexp.MustCompile(`(?m)^([a-z-]+ )*` + name + `( [a-z-]+)*:`).Match(makefile) {
					t.Errorf("%s: make %s: no such target", page, name)
				}
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d targets were found", n)
	}
}
