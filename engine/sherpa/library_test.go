package sherpa_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/internal/librarytest"
	"github.com/arealicehole/vocoder/engine/internal/onnxtest"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
)

// loads is a variable with a folder. If it is set, the test program only loads the model of
// kind CTC there, with the library that it finds by itself.
const loads = "VOCODER_TEST_LOAD"

func TestMain(m *testing.M) {
	if folder := os.Getenv(loads); folder != "" {
		if _, err := sherpa.Load(models.Model{Name: "made", Files: ctcFiles}, folder, 1); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	librarytest.Use()
	os.Exit(m.Run())
}

var (
	comments = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	structs  = regexp.MustCompile(`(?s)typedef struct (\w+) \{.*?\} \w+;`)
)

// structsOf returns the structures of a header by name, without comments and white space.
func structsOf(t *testing.T, path string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, s := range structs.FindAllStringSubmatch(comments.ReplaceAllString(string(b), ""), -1) {
		all[s[1]] = strings.Join(strings.Fields(s[0]), " ")
	}
	return all
}

// TestHeader: the structures are those of the library's own header.
func TestHeader(t *testing.T) {
	theirs := structsOf(t, filepath.Join(librarytest.Need(t), "c-api.h"))
	ours := structsOf(t, "sherpa.h")
	if len(ours) < 30 {
		t.Fatalf("%d structures", len(ours))
	}
	for name, s := range ours {
		if theirs[name] != s {
			t.Errorf("%s\n\t%s\nin the library\n\t%s", name, s, theirs[name])
		}
	}
}

// TestLibrary: a library that is missing or unusable is an error that says so, and where it
// was looked for.
func TestLibrary(t *testing.T) {
	m := models.Model{Name: "mine", Files: ctcFiles}
	for _, tt := range []struct {
		name    string
		content []byte // of the library; nil: there is none
		part    string
	}{
		{"none", nil, "no libsherpa-onnx-c-api.so in"},
		{"text", []byte("#!/bin/sh\n"), "libsherpa-onnx-c-api.so: "},
		{"cut off", []byte("\x7fELF\x02\x01\x01"), "libsherpa-onnx-c-api.so: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := t.TempDir()
			t.Setenv(sherpa.LibraryVariable, folder)
			if tt.content != nil {
				if err := os.WriteFile(filepath.Join(folder, "libsherpa-onnx-c-api.so"), tt.content, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			_, err := sherpa.Load(m, folder, 1)
			if !errors.Is(err, sherpa.ErrLibrary) || !strings.Contains(err.Error(), tt.part) || !strings.Contains(err.Error(), folder) {
				t.Errorf("%v, want %q and the folder in it", err, tt.part)
			}
		})
	}
}

var ctcFiles = []models.File{{Name: "model.int8.onnx"}, {Name: "tokens.txt"}}

// TestFolders: a program finds the library in its own folder and in ../lib/vocoder, where
// packages put it, also when it is called by a symbolic link.
func TestFolders(t *testing.T) {
	library, model := librarytest.Need(t), t.TempDir()
	onnxtest.CTC(t, model)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		folder string // of the library, seen from the program's
		found  bool
	}{{".", true}, {"../lib/vocoder", true}, {"../lib", false}} {
		root := t.TempDir()
		bin := filepath.Join(root, "bin")
		place := filepath.Join(bin, tt.folder)
		for _, d := range []string{bin, place} {
			if err := os.MkdirAll(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"libsherpa-onnx-c-api.so", "libonnxruntime.so"} {
			if err := os.Symlink(filepath.Join(library, name), filepath.Join(place, name)); err != nil {
				t.Fatal(err)
			}
		}
		real, link := filepath.Join(bin, "program"), filepath.Join(root, "link")
		if err := errors.Join(os.WriteFile(real, program, 0o755), os.Symlink(real, link)); err != nil {
			t.Fatal(err)
		}
		for _, called := range []string{real, link} {
			cmd := exec.Command(called)
			cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, sherpa.LibraryVariable+"=") }), loads+"="+model)
			if out, err := cmd.CombinedOutput(); (err == nil) != tt.found {
				t.Errorf("library in %s, called %s: %v: %s", tt.folder, filepath.Base(called), err, out)
			}
		}
	}
}
