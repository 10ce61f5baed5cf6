//go:build e2e

package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/internal/test/repo"
)

// resultsFolder returns the folder that keeps what was measured.
func resultsFolder(t *testing.T) string {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	dir := filepath.Join(top, "out", "applications")
	ok(t, os.MkdirAll(dir, 0o755))
	return dir
}

// readArrivals returns what became of the texts so far, by the row of the page.
func readArrivals(t *testing.T) map[string][]arrival {
	t.Helper()
	all := map[string][]arrival{}
	b, err := os.ReadFile(filepath.Join(resultsFolder(t), "arrivals.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return all
	}
	ok(t, err)
	ok(t, json.Unmarshal(b, &all))
	return all
}

func keepArrival(t *testing.T, row string, a arrival) {
	t.Helper()
	all := readArrivals(t)
	all[row] = append(all[row], a)
	b, err := json.MarshalIndent(all, "", " ")
	ok(t, err)
	ok(t, atomicfile.Write(filepath.Join(resultsFolder(t), "arrivals.json"), b))
}

// An applicationRow is a row of docs/applications.md: an application on a layout.
type applicationRow struct {
	name                string // "application | layout"
	typed, pasted, kept share
	notes               []string
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

// newRow counts what became of the texts. changes is what the application does to typed ones.
func newRow(name, changes string, all []arrival) *applicationRow {
	r := &applicationRow{name: name}
	wrong, changed := map[string]bool{}, false
	for _, a := range all {
		if a.typed() {
			r.typed.add(a.Same)
		} else {
			r.pasted.add(a.Same)
		}
		r.kept.add(a.Clipboard)
		if !a.Same && a.typed() && changes != "" {
			changed = true
		} else if !a.Same {
			wrong[a.Text] = true
		}
	}
	if changed {
		r.notes = append(r.notes, changes+"; `paste: always` avoids it")
	}
	if len(wrong) > 0 {
		r.notes = append(r.notes, "**wrong:** "+strings.Join(slices.Sorted(maps.Keys(wrong)), ", "))
	}
	return r
}

// String returns the row as it is in the page.
func (r *applicationRow) String() string {
	return fmt.Sprintf("%s %v | %v | %v | %s |", r.begin(), r.typed, r.pasted, r.kept, strings.Join(r.notes, "; "))
}

func (r *applicationRow) begin() string { return "| " + r.name + " |" }

// measuredRows begins the table of the page that the test writes.
const measuredRows = "| application | layout | typed right | pasted right | clipboard kept | what it changes |\n|---|---|---|---|---|---|\n"

// write replaces or adds the row in the page if VOCODER_PAGES=write.
func (r *applicationRow) write(t *testing.T) {
	t.Helper()
	t.Log(r)
	if os.Getenv("VOCODER_PAGES") != "write" {
		return
	}
	file := filepath.Join(resultsFolder(t), "..", "..", "docs", "applications.md")
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
	if i := slices.IndexFunc(rows, func(row string) bool { return strings.HasPrefix(row, r.begin()) }); i >= 0 {
		rows[i] = r.String()
	} else {
		rows = append(rows, r.String())
	}
	slices.SortStableFunc(rows, func(a, b string) int { return applicationOf(a) - applicationOf(b) })
	ok(t, os.WriteFile(file, []byte(before+measuredRows+strings.Join(rows, "\n")+"\n"+rest), 0o644))
}

// applicationOf returns the number of the application that a row is of.
func applicationOf(row string) int {
	return slices.IndexFunc(applications, func(a application) bool {
		return strings.HasPrefix(row, "| "+a.name+" |") || strings.HasPrefix(row, "| "+a.name+pastedAlways+" |")
	})
}
