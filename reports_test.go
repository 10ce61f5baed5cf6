package vocoder_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/list"
)

var (
	// reportLink is the first cell of a row: a report and its address.
	reportLink = regexp.MustCompile(`^\[([\w.-]+/[\w.-]+)#(\d+)\]\(https://github\.com/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)\)$`)
	// namedTest is a test in the last cell of a row.
	namedTest = regexp.MustCompile("`([\\w/-]+)` ((?:Test|Fuzz)\\w+(?:/[^,|(]+)?)")
)

// TestReports checks that each row of e2e/reports.md has a report, which no other row has,
// and names tests that exist.
func TestReports(t *testing.T) {
	text, err := os.ReadFile("e2e/reports.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := list.Read(".")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "| [") {
			continue
		}
		link := reportLink.FindStringSubmatch(strings.TrimSpace(cells[0]))
		switch {
		case len(cells) != 4:
			t.Errorf("%d cells, want 4: %s", len(cells), line)
			continue
		case link == nil || link[1] != link[3] || link[2] != link[4]:
			t.Errorf("no report, or the address of a different one: %s", cells[0])
			continue
		case seen[link[0]]:
			t.Errorf("%s#%s has two rows", link[1], link[2])
		}
		seen[link[0]] = true
		named := namedTest.FindAllStringSubmatch(cells[3], -1)
		if len(named) == 0 || len(named) != strings.Count(cells[3], "Test")+strings.Count(cells[3], "Fuzz") {
			t.Errorf("%s#%s: no test, or not as `folder` TestName: %s", link[1], link[2], cells[3])
		}
		for _, n := range named {
			if !tests.Has(n[1], strings.TrimSpace(n[2])) {
				t.Errorf("%s#%s: there is no test %s %s", link[1], link[2], n[1], n[2])
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("%d rows, want at least 40", len(seen))
	}
	if tests.Has("evdev", "TestNone") {
		t.Error("a test that does not exist is found")
	}
}
