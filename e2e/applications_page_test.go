//go:build e2e

package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/repo"
)

// An applicationRow is a row of docs/applications.md: an application on a layout.
type applicationRow struct {
	application, layout string
	changes             string // as application.changes
	typed, pasted, kept share
	wrong               map[string]int // texts by name, that did not arrive as they were dictated
	changed             bool           // of the typed ones, as changes says
}

// A share is how many of all are right.
type share struct{ right, all int }

func (s *share) add(right bool) {
	s.all++
	if right {
		s.right++
	}
}

func (s share) String() string {
	if s.all == 0 {
		return "-"
	}
	return fmt.Sprintf("%d of %d", s.right, s.all)
}

// add counts what became of a text. It fails the test if the text is not as it was dictated,
// except for what the application is known to change.
func (r *applicationRow) add(t *testing.T, text string, a arrival) {
	t.Helper()
	same := a.got == a.want
	typed := strings.HasPrefix(a.outcome, "typed")
	if typed {
		r.typed.add(same)
	} else {
		r.pasted.add(same)
	}
	r.kept.add(a.clipboard)
	switch {
	case !same && typed && r.changes != "":
		r.changed = true
		t.Logf("changed: got %q", a.got)
	case !same:
		if r.wrong == nil {
			r.wrong = map[string]int{}
		}
		r.wrong[text]++
		sameText(t, a.got, a.want)
	}
}

func (r *applicationRow) key() string { return fmt.Sprintf("| %s | %s |", r.application, r.layout) }

// String returns the row as it stands in the page.
func (r *applicationRow) String() string {
	var notes []string
	if r.changed {
		notes = append(notes, r.changes)
	}
	if len(r.wrong) > 0 {
		notes = append(notes, "**wrong:** "+strings.Join(slices.Sorted(maps.Keys(r.wrong)), ", "))
	}
	return fmt.Sprintf("%s %v | %v | %v | %s |", r.key(), r.typed, r.pasted, r.kept, strings.Join(notes, "; "))
}

// measuredRows begins the table of the page that the test writes.
const measuredRows = "| application | layout | typed right | pasted right | clipboard kept | what it changes |\n|---|---|---|---|---|---|\n"

// write replaces or adds the row in the page if all of its texts were dictated and
// VOCODER_PAGES=write.
func (r *applicationRow) write(t *testing.T) {
	t.Helper()
	t.Log(r)
	if os.Getenv("VOCODER_PAGES") != "write" || r.kept.all == 0 {
		return
	}
	top, err := repo.Top()
	ok(t, err)
	file := filepath.Join(top, "docs", "applications.md")
	page, err := os.ReadFile(file)
	ok(t, err)
	before, rest, found := strings.Cut(string(page), measuredRows)
	if !found {
		t.Fatalf("%s has no table that begins with\n%s", file, measuredRows)
	}
	var rows []string
	for strings.HasPrefix(rest, "|") {
		var row string
		row, rest, _ = strings.Cut(rest, "\n")
		rows = append(rows, row)
	}
	if i := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, r.key()) }); i >= 0 {
		rows[i] = r.String()
	} else {
		rows = append(rows, r.String())
	}
	slices.SortStableFunc(rows, func(a, b string) int { return applicationOf(a) - applicationOf(b) })
	ok(t, os.WriteFile(file, []byte(before+measuredRows+strings.Join(rows, "\n")+"\n"+rest), 0o644))
}

// applicationOf returns the number of the application that a row is of.
func applicationOf(row string) int {
	return slices.IndexFunc(applications, func(a application) bool { return strings.HasPrefix(row, "| "+a.name+" |") })
}
