package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/list"
)

// TestRows checks that all rows are in order and that their tests exist.
func TestRows(t *testing.T) {
	tests, err := list.Read(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if want := fmt.Sprintf("F-%02d", i+1); r.id != want {
			t.Errorf("row %d is %s, want %s", i+1, r.id, want)
		}
		if len(r.fakes)+len(r.real) == 0 {
			t.Errorf("%s has no test", r.id)
		}
		for _, tt := range append(append([]test{}, r.fakes...), r.real...) {
			if !tests.Has(tt.folder, tt.name) {
				t.Errorf("%s: there is no test %s %s", r.id, tt.folder, tt.name)
			}
		}
	}
	for _, tt := range both(byChance.fakes, byChance.real) {
		if !tests.Has(tt.folder, tt.name) {
			t.Errorf("there is no test %s %s", tt.folder, tt.name)
		}
	}
	// A test that does not exist is found missing.
	for _, tt := range []test{{"evdev", "TestNone"}, {"e2e", "TestHold/no such"}, {"nowhere", "TestHold"}} {
		if tests.Has(tt.folder, tt.name) {
			t.Errorf("%v is said to exist", tt)
		}
	}
}

func TestPattern(t *testing.T) {
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{[]string{"TestB", "TestA", "TestB"}, "^(TestA|TestB)$"},
		{[]string{"TestHold/a b", "TestHold/c"}, "^(TestHold)$/^(a_b|c)$"},
	} {
		if got := pattern(tt.names); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.names, got, tt.want)
		}
	}
	if some, err := choose("F-2[0-9]"); err != nil || len(some) != 10 {
		t.Errorf("%d rows, %v", len(some), err)
	}
	if _, err := choose("X"); err == nil {
		t.Error("a pattern that matches nothing is no error")
	}
}

// TestAt checks that a test in GNOME counts on Debian 13 alone.
func TestAt(t *testing.T) {
	r := row{fakes: fake("evdev", "TestHold"), real: machine("TestHold/a", "TestDesktopExtension/b")}
	for place, want := range map[string]int{fakes: 1, bookworm: 1, trixie: 2} {
		if got := r.at(place); len(got) != want {
			t.Errorf("%s: %v", place, got)
		}
	}
	s := nothing()
	if got := s.cell(bookworm, row{real: machine("TestDesktopExtension/b")}.at(bookworm)); got != "" {
		t.Errorf("a row without a test on Debian 12 has %q", got)
	}
}

// TestForget checks that running a part keeps the output of the others, and running all
// removes that of one place.
func TestForget(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"fakes-evdev-1.json", "bookworm-TestHold-1.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		chosen []row
		left   int
	}{{rows[:1], 2}, {rows, 1}} {
		if err := forget(dir, bookworm, tt.chosen); err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != tt.left {
			t.Errorf("%d rows: %v are left, %v", len(tt.chosen), left, err)
		}
	}
}

// TestSeen checks that the newest verdict counts and that a test that did not end is "not
// run".
func TestSeen(t *testing.T) {
	s := nothing()
	line := func(second int, action, name string) string {
		return fmt.Sprintf(`{"Time":"2020-01-01T00:00:%02dZ","Action":%q,"Package":"%s/e2e","Test":%q}`+"\n", second, action, module, name)
	}
	for _, said := range []string{
		`{"Action":"commit","Output":"abc1234"}` + "\n" + line(1, "run", "TestHold/a_b") + line(2, "fail", "TestHold/a_b") + line(3, "run", "TestHold/cut"),
		line(5, "run", "TestHold/a_b") + line(6, "pass", "TestHold/a_b"),
		line(3, "fail", "TestHold/a_b") + line(4, "skip", "TestHold/c"),
	} {
		if err := s.take(bookworm, strings.NewReader(said)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"a b": "pass", "c": "skipped", "cut": "not run", "d": "not run"} {
		if got := s.of(bookworm, test{"e2e", "TestHold/" + name}); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := s.cell(bookworm, machine("TestHold/a b", "TestHold/c")); got != "skipped: TestHold/c" {
		t.Error(got)
	}
	if got := s.cell(trixie, machine("TestHold/a b")); got != "not run" {
		t.Error(got)
	}
	if err := s.take(fakes, strings.NewReader("FAIL\n")); err == nil {
		t.Error("no error for output that is not JSON")
	}
	counted := `{"Action":"commit","Output":"def5678"}` + "\n" + line(7, "pass", "TestRandomFaults") +
		strings.Replace(line(6, "output", "TestRandomFaults"), "}", `,"Output":"    x.go:1: outcome: 5 typed\n"}`, 1)
	if err := s.take(chance, strings.NewReader(counted)); err != nil {
		t.Fatal(err)
	}
	const older = "\n- `e2e TestRandomFaults`: pass, vocoder abc1234: 4 typed\n- `evdev TestWhateverHappens`: pass, vocoder abc1234: 3 seeds\n"
	p := s.page(older)
	if !strings.Contains(p, "`e2e TestRandomFaults`: pass, vocoder def5678, 2020-01-01: 5 typed\n") {
		t.Error("the page lacks the new result of random faults")
	}
	if !strings.Contains(p, "`evdev TestWhateverHappens`: pass, vocoder abc1234: 3 seeds\n") || !strings.Contains(p, "`dictate TestRandomSequences`: not run\n") {
		t.Error("the page lacks the previous result of random faults, or has a wrong one")
	}
	if strings.Count(p, "\n| F-") != len(rows) || !strings.Contains(p, "| F-13 | ") {
		t.Errorf("the page does not have the %d rows", len(rows))
	}
	if !strings.Contains(p, "Tested: vocoder abc1234.") {
		t.Error("the page does not say what was tested")
	}
}

// TestCommitted checks that the committed page has the texts and rows of today, in order.
func TestCommitted(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", page))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{head}
	for _, r := range rows {
		want = append(want, "\n| "+r.id+" | "+r.fault+" | "+r.result+" | ")
	}
	for _, r := range rows {
		if r.limit != "" {
			want = append(want, "\n- **"+r.id+"** "+r.limit+".\n")
		}
	}
	want = append(want, invariants, random)
	for _, r := range rows {
		want = append(want, "\n- **"+r.id+"** "+strings.Join(names(r), ", "))
	}
	rest := string(b)
	for _, w := range want {
		at := strings.Index(rest, w)
		if at < 0 {
			t.Fatalf("%s lacks, or has elsewhere: %q", page, w)
		}
		rest = rest[at+len(w)-1:] // a newline ends one and begins the next
	}
}
