package vocoder_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// TestReadmeIsShort: a newcomer reads the README in five minutes.
func TestReadmeIsShort(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Fields(string(readme))); n > 900 {
		t.Errorf("README.md has %d words, want 900 at most: put the rest in docs", n)
	}
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

var repositoryFile = regexp.MustCompile(`(?:^|[^\w./~$@-])((?:capture|cmd|dictate|docs|e2e|engine|evdev|inject|internal|packaging|text|whisper)/[\w./@-]*\w)`)

// TestDocsFiles checks that each file of this repository that a page names exists, also one
// that it quotes from the output of a command. CHANGELOG.md tells of older ones.
func TestDocsFiles(t *testing.T) {
	n := 0
	for page, text := range markdown(t) {
		if page == "CHANGELOG.md" {
			continue
		}
		for _, found := range repositoryFile.FindAllStringSubmatch(text, -1) {
			n++
			file := found[1]
			_, err := os.Stat(file)
			if _, near := os.Stat(filepath.Join(filepath.Dir(page), file)); err != nil && near != nil && file != "packaging/minisign.pub" { // made with the key
				t.Errorf("%s: %v", page, err)
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d names were found", n)
	}
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

// TestDocsRun checks that TestPages of e2e runs each block of commands in the pages that
// people write, or that a comment says why not, and that the block shows its effect.
func TestDocsRun(t *testing.T) {
	generated := []string{"docs/first-minutes.md", "docs/performance.md", "docs/reliability.md", "docs/voice.md", "docs/whisper.md"}
	n := 0
	for page, text := range markdown(t) {
		if page != "README.md" && filepath.Dir(page) != "docs" || slices.Contains(generated, page) {
			continue
		}
		for _, b := range pages.Blocks(text) {
			if b.Kind != "sh" && b.Kind != "console" || b.Note.Skip != "" {
				continue
			}
			n++
			where := fmt.Sprintf("%s:%d", page, b.Line)
			shown := slices.ContainsFunc(b.Steps(), func(s pages.Step) bool { return len(s.Output) > 0 })
			switch {
			case !slices.Contains(pages.Followed, page):
				t.Errorf("%s: TestPages does not follow this page", where)
			case b.Kind == "sh" && len(b.Note.After) == 0:
				t.Errorf("%s: no comment says how to check what the commands did", where)
			case b.Kind == "console" && !shown:
				t.Errorf("%s: the block shows no output", where)
			}
		}
	}
	if n < 50 {
		t.Errorf("only %d blocks are run", n)
	}
}

// TestServicePage checks that docs/service.md explains each directive of each unit, with
// its value, and that the commands in its text are also in blocks, which are run.
func TestServicePage(t *testing.T) {
	page := markdown(t)["docs/service.md"]
	quoted := pages.Quotations(page)
	var units []string
	for _, pattern := range []string{"packaging/*.service", "packaging/*.socket", "packaging/*.conf", "packaging/*/*.service", "packaging/*/*.socket"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		units = append(units, found...)
	}
	for _, unit := range units {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(strings.NewReplacer("@BINDIR@", "/usr/bin", "@LIBEXECDIR@", "/usr/libexec").Replace(string(text))) {
			line = strings.TrimSpace(line)
			name, value, is := strings.Cut(line, "=")
			if !is || strings.HasPrefix(line, "#") || value == "" {
				continue
			}
			if !slices.Contains(quoted, line) && (len(value) < 70 || !slices.Contains(quoted, name+"=")) {
				t.Errorf("%s: %s is not explained", unit, line)
			}
		}
	}
	var run []string
	for _, b := range pages.Blocks(page) {
		run = append(run, b.Text)
	}
	command := regexp.MustCompile(`^(sudo )?(systemctl|journalctl|loginctl|systemd-analyze|systemd-run) \w*`)
	for _, q := range quoted {
		if command.MatchString(q) && !strings.ContainsAny(q, "=…") && !strings.Contains(strings.Join(run, "\n"), q) {
			t.Errorf("`%s` is in no block", q)
		}
	}
}
