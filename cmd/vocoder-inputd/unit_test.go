package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// units writes the units as they are installed, for a program that exists, and
// returns their folder.
func units(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "vocoder-inputd")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"vocoder-inputd.service", "vocoder-inputd.socket"} {
		text, err := os.ReadFile("../../packaging/inputd/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text = []byte(strings.ReplaceAll(string(text), "@LIBEXECDIR@", dir))
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestUnitVerify: systemd-analyze verify(1) has nothing to say.
func TestUnitVerify(t *testing.T) {
	dir := units(t)
	for _, name := range []string{"vocoder-inputd.service", "vocoder-inputd.socket"} {
		out, err := exec.Command("systemd-analyze", "verify", "--man=no", filepath.Join(dir, name)).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestUnitExposure: systemd-analyze security(1) gives 0.6 or better.
func TestUnitExposure(t *testing.T) {
	dir := units(t)
	out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--no-pager", filepath.Join(dir, "vocoder-inputd.service")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	found := regexp.MustCompile(`Overall exposure level for vocoder-inputd.service: ([0-9.]+)`).FindSubmatch(out)
	if found == nil {
		t.Fatalf("no level in\n%s", out)
	}
	if level, err := strconv.ParseFloat(string(found[1]), 64); err != nil || level > 0.6 {
		t.Errorf("exposure %s (%v), want 0.6 at most", found[1], err)
	}
}

// mostLines bounds the code that runs with the rights of the helper: the lines
// of this folder and of the packages of this project that it imports, without
// tests, tables that were generated, comments and empty lines.
var mostLines = map[string]int{
	"cmd/vocoder-inputd":   1065,
	"internal/helperproto": 230,
	"evdev":                1350,
	"internal/linux/clock": 30,
	"internal/linux/ioctl": 35,
	"internal/session":     130,
	"internal/key":         70,
	"internal/spell":       40,
}

func TestSize(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/arealicehole/vocoder/"
	total := 0
	for name := range strings.FieldsSeq(string(out)) {
		folder, ours := strings.CutPrefix(name, module)
		if !ours {
			continue
		}
		n := codeLines(t, "../../"+folder)
		total += n
		most, known := mostLines[folder]
		if !known {
			t.Errorf("it imports %s", folder)
		} else if n > most {
			t.Errorf("%s has %d lines of code, want %d at most", folder, n, most)
		}
		t.Logf("%-20s %5d", folder, n)
	}
	t.Logf("%-20s %5d", "together", total)
}

func codeLines(t *testing.T, dir string) (n int) {
	files, err := filepath.Glob(dir + "/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files (%v)", dir, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(string(text), "\npackage ")
		if strings.HasSuffix(name, "_test.go") || strings.Contains(head, "//go:build ignore") || strings.Contains(string(text[:min(len(text), 200)]), "Code generated") {
			continue
		}
		for lines := bufio.NewScanner(strings.NewReader(string(text))); lines.Scan(); {
			if line := strings.TrimSpace(lines.Text()); line != "" && !strings.HasPrefix(line, "//") {
				n++
			}
		}
	}
	return n
}
