package vocoder_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/testlist"
)

// mostHelperLines is how much is to be trusted with the keyboard: the lines of
// Go, neither blank nor comments alone, of vocoder-inputd and of what it imports
// from this module. SECURITY.md says why it is not less.
const mostHelperLines = 3050

// TestHelperSize: whoever reviews the helper reads this much and no more. The
// names of keys, a table made from a header of the kernel, are not counted.
func TestHelperSize(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f",
		`{{$dir := .Dir}}{{if .Module}}{{if .Module.Main}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}{{end}}`, "./cmd/vocoder-inputd").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines, files := 0, strings.Fields(string(out))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(text, []byte("// Code generated ")) {
			continue
		}
		n := 0
		for line := range bytes.Lines(text) {
			if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("//")) {
				n++
			}
		}
		t.Logf("%4d %s", n, file)
		lines += n
	}
	t.Logf("%d lines in %d files", lines, len(files))
	if lines == 0 || lines > mostHelperLines {
		t.Errorf("vocoder-inputd is %d lines of Go with what it imports, want %d at most", lines, mostHelperLines)
	}
}

// TestThreats: every threat in SECURITY.md is shown by a test that there is.
func TestThreats(t *testing.T) {
	page, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := testlist.Read(".")
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	next := 1
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "T") {
			continue
		}
		threat := strings.TrimSpace(cells[1])
		if threat != fmt.Sprint("T", next) {
			t.Errorf("%s stands where T%d should", threat, next)
		}
		next++
		test, named := "", 0
		for _, name := range quoted.FindAllStringSubmatch(cells[4], -1) {
			whole := name[1]
			if strings.HasPrefix(whole, "/") {
				whole = test + whole
			}
			test, _, _ = strings.Cut(whole, "/")
			if !tests.Has("", whole) {
				t.Errorf("%s names %s, which there is not", threat, name[0])
			}
			named++
		}
		if named == 0 {
			t.Errorf("%s is shown by no test", threat)
		}
	}
	if next != 16 {
		t.Errorf("%d threats, want 15", next-1)
	}
}
