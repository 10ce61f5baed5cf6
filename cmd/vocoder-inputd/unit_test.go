package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// units writes the units as they are installed, with an existing program, and
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

// TestUnitVerify: systemd-analyze verify(1) finds no fault.
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
