package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// linked builds a program with a run path, or skips where there is no cc.
func linked(t *testing.T, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler")
	}
	dir := t.TempDir()
	source, program := filepath.Join(dir, "a.c"), filepath.Join(dir, "a")
	if err := os.WriteFile(source, []byte("int main(void) { return 7; }"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(cc, append(flags, "-o", program, source)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

func TestRewrite(t *testing.T) {
	p := linked(t, "-Wl,--enable-new-dtags,-rpath,/home/builder/go/pkg/mod/library")
	if err := rewrite(p, "$ORIGIN:$ORIGIN/lib"); err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := f.DynString(elf.DT_RUNPATH); err != nil || !slices.Equal(got, []string{"$ORIGIN:$ORIGIN/lib"}) {
		t.Errorf("got %q, %v", got, err)
	}
	if err := exec.Command(p).Run(); err == nil || err.(*exec.ExitError).ExitCode() != 7 {
		t.Errorf("the program no longer runs: %v", err)
	}
}

func TestRewriteBroken(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("not a program"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"not there":   "/not/there",
		"not ELF":     text,
		"no run path": linked(t),
		"no room":     linked(t, "-Wl,--enable-new-dtags,-rpath,/x"),
	} {
		if err := rewrite(path, "$ORIGIN:$ORIGIN/lib"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
