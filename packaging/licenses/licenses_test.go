package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestIdentify(t *testing.T) {
	for _, id := range []string{"Apache-2.0", "MPL-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause"} {
		text, err := os.ReadFile("../../engine/licenses/" + id)
		if err != nil {
			t.Fatal(err)
		}
		commented := "// " + strings.ReplaceAll(string(text), "\n", "\n// ")
		for _, form := range []string{string(text), commented, strings.ToUpper(string(text))} {
			if got := identify(form); got != id {
				t.Errorf("%s is %q", id, got)
			}
		}
	}
	for text, want := range map[string]string{
		"/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */\nmore": "BSD-3-Clause OR GPL-2.0-only",
		"the GNU General Public License, version 3":                         "",
		"All rights reserved.":                                              "",
		"":                                                                  "",
		"Permission is hereby granted, free of charge, to any person obtaining a copy; see the GNU Lesser General Public License": "",
	} {
		if got := identify(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestLinked checks that each module of the programs is named with the whole of its license,
// notice and patent grant, for each processor that has packages.
func TestLinked(t *testing.T) {
	t.Chdir("../..")
	for _, tt := range []struct{ dir, cgo, pkg string }{{".", "0", "./cmd/..."}, {"engine", "1", "./cmd/vocoder-engine"}} {
		for _, arch := range []string{"amd64", "arm64"} {
			t.Setenv("CGO_ENABLED", tt.cgo)
			var out bytes.Buffer
			if err := run([]string{"-C", tt.dir, "-arch", arch, "copyright", tt.pkg}, &out); err != nil {
				t.Fatal(err)
			}
			list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{if .Version}}{{.Path}} {{.Dir}}{{end}}{{end}}{{end}}", tt.pkg)
			list.Dir, list.Env = tt.dir, append(os.Environ(), "GOARCH="+arch)
			modules, err := list.Output()
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for line := range strings.Lines(string(modules)) {
				name, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
				if name == strings.TrimSuffix(own, "/") {
					continue
				}
				n++
				if !strings.Contains(out.String(), "\nFiles: vendor/"+name+"/*\n") {
					t.Errorf("%s, %s: %s is not named", tt.dir, arch, name)
				}
				entries, err := os.ReadDir(dir)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range entries {
					if strings.Contains(strings.ToLower(e.Name()), "licen") || slices.Contains([]string{"NOTICE", "PATENTS"}, e.Name()) {
						contains(t, out.String(), filepath.Join(dir, e.Name()))
					}
				}
			}
			if n < 5 {
				t.Errorf("%s: only %d modules", tt.dir, n)
			}
		}
	}
}

// contains checks that the lines of a file are in a copyright file.
func contains(t *testing.T, copyright, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(copyright, " "+line+"\n") {
			t.Errorf("%s: %q is missing", file, line)
			return
		}
	}
}

// TestUnknown checks that a license that the program does not know is an error.
func TestUnknown(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"": "", "LICENSE": "Do what I say.\n", "COPYING": "GNU GENERAL PUBLIC LICENSE\n"} {
		if name != "" {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if p, err := read("example.org/x v1.0.0", dir); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestEmbedded checks that each embedded file and generated table, which may be the work of
// others, is in a folder with a license or is one of ours.
func TestEmbedded(t *testing.T) {
	t.Chdir("../..")
	ours := map[string]string{
		"internal/version/version.go": "the version",
		"internal/tray/icons.go":      "drawn by internal/tray",
		"internal/key/names.go":       "numbers of a header whose license, with Linux-syscall-note, permits programs to use them",
	}
	out, err := exec.Command("git", "grep", "-lE", "^//go:embed|^// Code generated", "--", "*.go", ":!*_test.go", ":!internal/test", ":!e2e").Output()
	if err != nil {
		t.Skip("no git: ", err)
	}
	files := strings.Fields(string(out))
	for _, file := range files {
		if len(licenseFiles(filepath.Dir(file))) == 0 && ours[file] == "" {
			t.Errorf("%s has a file of others without a LICENSE in its folder", file)
		}
	}
	if len(files) < 5 {
		t.Errorf("only %q were found", files)
	}
}

// TestSBOM checks that the SBOM is the same each time, and that every part is related to the
// document and has an identifier of its own.
func TestSBOM(t *testing.T) {
	t.Chdir("../..")
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	t.Setenv("CGO_ENABLED", "1")
	args := []string{"-C", "engine", "-parts", "engine/licenses/parts.txt", "-arch", "arm64", "sbom", "./cmd/vocoder-engine"}
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := run(args, out); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() {
		t.Error("not the same twice")
	}
	var doc struct {
		CreationInfo  struct{ Created string }
		Packages      []struct{ SPDXID, LicenseConcluded, Name string }
		Relationships []struct{ RelatedSpdxElement string }
	}
	if err := json.Unmarshal(first.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.CreationInfo.Created != "2023-11-14T22:13:20Z" || len(doc.Packages) < 25 {
		t.Errorf("%s, %d packages", doc.CreationInfo.Created, len(doc.Packages))
	}
	seen := map[string]bool{}
	for _, p := range doc.Packages {
		if seen[p.SPDXID] || p.LicenseConcluded == "" {
			t.Errorf("%+v", p)
		}
		seen[p.SPDXID] = true
	}
	for _, r := range doc.Relationships {
		delete(seen, r.RelatedSpdxElement)
	}
	if len(seen) > 0 {
		t.Errorf("not related: %v", seen)
	}
}
