package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const code = `package x

// f adds a - b, in words.
func f(a, b int) int {
	if a < b || "a < b" == "" {
		a++
	}
	return -a + b
}
`

func TestChange(t *testing.T) {
	for _, tt := range []struct {
		line, column int
		kind, want   string
	}{
		{5, 7, "CONDITIONALS_BOUNDARY", "if a <= b"},
		{5, 7, "CONDITIONALS_NEGATION", "if a >= b"},
		{5, 22, "CONDITIONALS_NEGATION", `"a < b" != ""`},
		{6, 4, "INCREMENT_DECREMENT", "a--"},
		{8, 9, "INVERT_NEGATIVES", "return +a + b"},
		{8, 12, "ARITHMETIC_BASE", "return -a - b"},
		{8, 12, "CONDITIONALS_NEGATION", ""},
		{8, 10, "ARITHMETIC_BASE", ""},
		{90, 1, "ARITHMETIC_BASE", ""},
	} {
		got, _, err := change([]byte(code), mutant{File: "x.go", Line: tt.line, Column: tt.column, Type: tt.kind})
		if tt.want == "" {
			if err == nil {
				t.Errorf("%d:%d: %s is possible", tt.line, tt.column, tt.kind)
			}
			continue
		}
		if err != nil || !strings.Contains(string(got), tt.want) {
			t.Errorf("%d:%d: %v, %s, want %s", tt.line, tt.column, err, got, tt.want)
		}
	}
}

// TestPage checks that the words of a page stay when lines have moved, and only those of
// survivors.
func TestPage(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("a", 0o755); err != nil {
		t.Fatal(err)
	}
	mutants := func(text string, line int) []mutant {
		if err := os.WriteFile(filepath.Join("a", "x.go"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return []mutant{
			{"a/x.go", line, 7, "CONDITIONALS_BOUNDARY", survived, `if a < b || "a < b" == "" {`},
			{"a/x.go", line + 3, 9, "INVERT_NEGATIVES", killed, "return -a + b"},
			{"a/x.go", line + 3, 12, "ARITHMETIC_BASE", hangs, "return -a + b"},
			{"a/y.go", 1, 1, "ARITHMETIC_BASE", notCovered, "x"},
		}
	}
	first, err := render(mutants(code, 5), content{})
	if err != nil || !strings.Contains(first, "| `a` | 1 | 1 | 1 | 1 | 66.7 % |\n| all | 1 | 1 | 1 | 1 | 66.7 % |") || strings.Count(first, " → ") != 1 {
		t.Fatalf("%v\n%s", err, first)
	}
	first = strings.Replace(first, "< → <= |  |", "< → <= | it is the same |", 1)
	second, err := render(mutants("// moved\n"+code, 6), parse(first))
	if err != nil || !strings.Contains(second, "| a/x.go:6:7 | `if a < b \\|\\| \"a < b\" == \"\" {` | < → <= | it is the same |\n") {
		t.Errorf("%v\n%s", err, second)
	}
	other := []mutant{{"b/z.go", 1, 1, "ARITHMETIC_BASE", killed, "x"}}
	third, err := render(other, parse(second))
	for _, row := range []string{"| `a` | 1 | 1 | 1 | 1 | 66.7 % |\n| `b` | 1 | 0 | 0 | 0 | 100.0 % |\n| all | 2 | 1 | 1 | 1 | 75.0 % |", "| < → <= | it is the same |"} {
		if !strings.Contains(third, row) {
			t.Errorf("%v: another package was run alone, and there is no %s in\n%s", err, row, third)
		}
	}
	if _, err := render(mutants("package x\n", 5), content{}); err == nil {
		t.Error("a result of other code is shown")
	}
}

// TestTry runs the tests of a module: a change that they notice, one that they do not, and
// one that makes them hang.
func TestTry(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"go.mod":      "module x\n\ngo 1.26\n",
		"p/p.go":      "package p\n\nfunc count(n int) (all int) {\n\tfor i := 0; i < n; i++ {\n\t\tall += 1 * 1\n\t}\n\treturn all - 0\n}\n\nfunc join(s string) string { return s + s }\n",
		"p/p_test.go": "package p\n\nimport \"testing\"\n\nfunc TestP(t *testing.T) {\n\tif join(\"a\") != \"aa\" || count(3) != 3 {\n\t\tt.Error(count(3))\n\t}\n}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	report := `{"files":[{"file_name":"p.go","mutations":[
		{"type":"CONDITIONALS_BOUNDARY","status":"RUNNABLE","line":4,"column":16},
		{"type":"ARITHMETIC_BASE","status":"RUNNABLE","line":5,"column":12},
		{"type":"INCREMENT_DECREMENT","status":"RUNNABLE","line":4,"column":22},
		{"type":"ARITHMETIC_BASE","status":"NOT COVERED","line":7,"column":13},
		{"type":"ARITHMETIC_BASE","status":"RUNNABLE","line":10,"column":39}]}]}`
	all, err := read([]byte(report), "p")
	if err != nil {
		t.Fatal(err)
	}
	if err := try("./...", all, 2); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range all {
		got = append(got, fmt.Sprint(m.Line, " ", m.Status))
	}
	if want := "4 KILLED, 4 HANGS, 5 LIVED, 7 NOT COVERED, 10 NOT VIABLE"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
}
