package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/list"
	"github.com/arealicehole/vocoder/internal/test/measure"
)

// TestRows checks that a test or a benchmark reports each figure of the page, and that
// the tests of each run exist.
func TestRows(t *testing.T) {
	top := filepath.Join("..", "..", "..")
	tests, err := list.Read(top)
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder // the sources of all tests
	for folder, text := range tests {
		if folder != "e2e/cmd/bench" {
			printed.WriteString(text)
		}
	}
	for _, s := range sections {
		for _, what := range s.rows {
			name, unit, _ := strings.Cut(what, " ")
			if tests.Has("", "Benchmark"+name) && strings.Contains("ns/op allocs/op chars/s wrong", unit) {
				continue
			}
			// Tests make some names of parts: "idle" and ": memory".
			for _, part := range regexp.MustCompile(`(, |: )`).Split(what, -1) {
				part = regexp.MustCompile(`^\d+ s of|^size of `).ReplaceAllString(part, "")
				if !strings.Contains(printed.String(), part) && !isThere(top, "cmd/"+part) && !isThere(top, "engine/cmd/"+part) {
					t.Errorf("%q: no test prints %q", what, part)
				}
			}
		}
	}
	for _, g := range goals {
		for _, what := range g.of {
			if !slices.ContainsFunc(sections, func(s section) bool { return slices.Contains(s.rows, what) }) && !strings.HasPrefix(what, "layouts not") {
				t.Errorf("%s: %q is in no section", g.line, what)
			}
		}
	}
	for _, r := range runs {
		folder := path.Join(r.module(), r.args[len(r.args)-1])
		for _, name := range regexp.MustCompile(`Test\w+|BenchmarkProse`).FindAllString(strings.Join(r.args, " "), -1) {
			if !tests.Has(folder, name) {
				t.Errorf("%s: there is no %s in %s", r.name, name, folder)
			}
		}
	}
}

// TestLabels checks that each figure has a label of its own.
func TestLabels(t *testing.T) {
	of := map[string]string{}
	for _, s := range sections {
		for _, what := range s.rows {
			label := labels[what]
			if label == "" || of[label] != "" {
				t.Errorf("%q and %q have the label %q", what, of[label], label)
			}
			of[label] = what
		}
	}
	if len(of) != len(labels) {
		t.Errorf("%d labels, but %d figures", len(labels), len(of))
	}
}

// TestCommitted checks that the committed page has the texts and rows of today, in order.
func TestCommitted(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", page))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{head}
	for _, g := range goals {
		want = append(want, "| "+g.line+" | "+g.limit+" | ")
	}
	want = append(want, elsewhere)
	for _, s := range sections {
		want = append(want, "## "+s.title+"\n\n"+s.meaning+"\n")
		for _, what := range s.rows {
			want = append(want, "| "+labels[what]+" | ")
		}
		want = append(want, "How it was measured: "+s.how+"\n")
	}
	rest := string(b)
	for _, w := range want {
		_, after, is := strings.Cut(rest, w)
		if !is {
			t.Fatalf("%s lacks, or has elsewhere: %q", page, w)
		}
		rest = after
	}
}

func isThere(top, name string) bool {
	_, err := fs.Stat(os.DirFS(top), name)
	return err == nil
}

// TestTake checks that the output of tests and benchmarks is read, wherever go test cuts
// it.
func TestTake(t *testing.T) {
	f := figures{byWhat: map[string]dated{}}
	for i, lines := range [][]string{
		{measure.Figure{What: "idle: memory", Unit: "MiB", Values: []float64{12}}.String() + "\n", "    x.go:1: version: wtype 0.4-3\n",
			"BenchmarkTable-2 \t", "     652\t   1700000 ns/op\t  4096 B/op\t      10 allocs/op\n", "BenchmarkTable-2 \t", "     652\t   1900000 ns/op\t  4096 B/op\t      10 allocs/op\n"},
		{measure.Figure{What: "idle: memory", Unit: "MiB", Values: []float64{13}}.String() + "\n"},
	} {
		var b strings.Builder
		b.WriteString(`{"Action":"commit","Output":"abc1234"}` + "\n")
		for _, line := range lines {
			fmt.Fprintf(&b, `{"Time":"2020-01-01T00:00:0%dZ","Action":"output","Package":"p","Output":%q}`+"\n", i, line)
		}
		if err := f.take(strings.NewReader(b.String())); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.byWhat["Table ns/op"]; len(got.Values) != 2 || got.Median() != 1900000 || got.Unit != "ns/op" {
		t.Errorf("Table: %+v", got)
	}
	if got := f.byWhat["idle: memory"]; got.Median() != 13 {
		t.Errorf("the newest does not count: %+v", got)
	}
	if len(f.versions) != 1 || f.versions[0] != "wtype 0.4-3" {
		t.Errorf("versions %q", f.versions)
	}
	if got := once(f.commits); len(got) != 1 || got[0] != "abc1234" {
		t.Errorf("commits %q", got)
	}
}

// TestPage checks that the page says which goals were met, by how much, and what was not
// measured.
func TestPage(t *testing.T) {
	now := figures{byWhat: map[string]dated{}}
	for _, f := range []measure.Figure{
		{What: "idle: memory", Unit: "MiB", Values: []float64{16.5}},
		{What: "idle: wakeups", Unit: "per s", Values: []float64{0.2}},
		{What: "Prose chars/s", Unit: "chars/s", Values: []float64{169}},
		{What: "Table ns/op", Unit: "ns/op", Values: []float64{1569217}},
		{What: "press to first sample, pre-roll of 300 ms", Unit: "ms", Values: []float64{-300.2, -300.2}},
		{What: "release to text, 60 s of speech", Unit: "ms", Values: []float64{260}},
		{What: "release to text, 5 s of speech", Unit: "ms", Values: []float64{200}},
	} {
		now.put(f, now.first)
	}
	old := past{commit: "abc1234", date: "2020-01-02", rows: map[string]reading{
		"idle: memory":  {15.26, 0},
		"Prose chars/s": {250, 0},
		"press to first sample, pre-roll of 300 ms": {-200, 150}, // of much noise
	}}
	p := text(now, old, "A host.")
	for _, want := range []string{
		"| 16.5 MiB | **not met**: ", "| 0.2 a second | met |", "| 169 characters/s | **not met**: ", "| 1.3 times | met |",
		"| idle: memory | 16.5 MiB |  | 1 | 15.3 |", "| layout: prepare a keymap for typing | 1570000 ns/op |",
		"| pre-roll of 300 ms: from the press to the first sound | -300 ms | 0 | 2 | -200 |",
		"| typing: speed in a terminal under sway | 169 chars/s |  | 1 | **250** |",
		"2 of 3 figures below agree with those of the previous page: vocoder abc1234, measured on 2020-01-02. These do not:\n\n- typing: speed in a terminal under sway: 169 chars/s, before 250\n\n## ",
		"| daemon: from its start until it is ready | not measured |", "A host.",
	} {
		if !strings.Contains(p, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestAgree checks that medians agree up to the larger spread or a quarter, and memory
// with mapped files up to what differs from start to start.
func TestAgree(t *testing.T) {
	for _, tt := range []struct {
		what string
		a, b reading
		want bool
	}{
		{"start to READY", reading{100, 0}, reading{76, 0}, true},
		{"start to READY", reading{100, 0}, reading{74, 0}, false},
		{"start to READY", reading{100, 0}, reading{74, 30}, true},
		{"press to first sample, pre-roll of 300 ms", reading{-300, 0}, reading{-200, 0}, false},
		{"helper, idle: memory", reading{6.2, 0}, reading{8.5, 0}, true},
		{"helper, idle: memory", reading{6.2, 0}, reading{9.3, 0}, false},
		{"helper, idle: memory that is its own", reading{4.2, 0}, reading{6.5, 0}, false},
	} {
		if got := agree(tt.what, tt.a, tt.b); got != tt.want {
			t.Errorf("%s: %v and %v agree: %t", tt.what, tt.a, tt.b, got)
		}
	}
}

// TestLead checks that a program that loses characters does not count, however fast.
func TestLead(t *testing.T) {
	if got := lead([]float64{90, 30, 0, 300, 12, 45, 0}); got != 2 {
		t.Errorf("%v times, want 2", got)
	}
}

// TestForget checks that the kept output of one run is removed, and of no other.
func TestForget(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"host-hot-1.json", "host-hot-2.json", "host-hotel-1.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := forget(dir, "host-hot"); err != nil {
		t.Fatal(err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(left) != 1 || filepath.Base(left[0]) != "host-hotel-1.json" {
		t.Errorf("left %q", left)
	}
}
