package sherpa_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/internal/librarytest"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
)

func TestMain(m *testing.M) {
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
	m := models.Model{Name: "mine", Files: []models.File{{Name: "model.onnx"}, {Name: "tokens.txt"}}}
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
