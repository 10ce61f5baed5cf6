// Package librarytest finds sherpa-onnx for tests, where library/fetch.sh keeps it.
package librarytest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
)

// Use makes this process and the ones that it starts use the library. TestMain calls it.
func Use() {
	if os.Getenv(sherpa.LibraryVariable) != "" {
		return
	}
	if folder, err := folder(); err == nil {
		_ = os.Setenv(sherpa.LibraryVariable, folder) // the name is valid
	}
}

func folder() (string, error) {
	cache, err := models.CacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, fmt.Sprintf("sherpa-onnx-%s-%s", sherpa.Version, runtime.GOARCH))
	_, err = os.Stat(filepath.Join(folder, "libsherpa-onnx-c-api.so"))
	return folder, err
}

// required is a variable. If it is 1, a test fails instead of skipping without the library.
const required = "VOCODER_REAL"

// Need skips a test without the library, and returns the library's folder.
func Need(t testing.TB) string {
	t.Helper()
	if named := os.Getenv(sherpa.LibraryVariable); named != "" {
		return named
	}
	if os.Getenv(required) == "1" {
		t.Fatal("no library; engine/library/fetch.sh fetches it")
	}
	t.Skip("no library; engine/library/fetch.sh fetches it")
	return ""
}
