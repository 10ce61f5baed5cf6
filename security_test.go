package vocoder_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/list"
)

// maxHelperLines limits the code that has the rights of vocoder-inputd: the lines of Go of
// the program and of the packages of this module that it imports, without blank lines and
// comments. SECURITY.md gives the reason for the number.
const maxHelperLines = 3400

// TestHelperSize counts the lines that a review of the helper must read. It does not count a
// generated table, the names of keys from a header of the kernel.
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
		n := linesOfCode(text)
		t.Logf("%4d %s", n, file)
		lines += n
	}
	t.Logf("%d lines in %d files", lines, len(files))
	if lines == 0 || lines > maxHelperLines {
		t.Errorf("vocoder-inputd is %d lines of Go with what it imports, want %d at most", lines, maxHelperLines)
	}
}

// TestThreats checks that each threat in SECURITY.md names tests, and that they exist.
func TestThreats(t *testing.T) {
	page, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := list.Read(".")
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
			t.Errorf("got %s, want T%d", threat, next)
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
				t.Errorf("%s names %s, which does not exist", threat, name[0])
			}
			named++
		}
		if named == 0 {
			t.Errorf("%s names no test", threat)
		}
	}
	if next != 18 {
		t.Errorf("%d threats, want 17", next-1)
	}
}
