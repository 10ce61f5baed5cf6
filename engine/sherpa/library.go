package sherpa

// #cgo LDFLAGS: -ldl
// #include <stdlib.h>
// #include "library.h"
import "C"

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"unsafe"
)

// Version is the version of sherpa-onnx whose functions and structures the program uses.
const Version = "2.0.1"

// LibraryVariable names the folder of the libraries instead of the usual ones.
const LibraryVariable = "VOCODER_ENGINE_LIBRARY"

// file is the library. It loads libonnxruntime.so from its own folder.
const file = "libsherpa-onnx-c-api.so"

// ErrLibrary is wrapped if the library is missing or is another version.
var ErrLibrary = errors.New("sherpa-onnx " + Version + " is not usable")

// folders returns the folders in which the library may be.
func folders() ([]string, error) {
	if named := os.Getenv(LibraryVariable); named != "" {
		return []string{named}, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	here := filepath.Dir(self)
	return []string{here, filepath.Join(here, "..", "lib", "vocoder")}, nil
}

// open loads the library. The library stays loaded until the process ends.
func open() error {
	all, err := folders()
	if err != nil {
		return err
	}
	for _, folder := range all {
		path := filepath.Join(folder, file)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return openFile(path)
	}
	return fmt.Errorf("%w: no %s in %q", ErrLibrary, file, all)
}

func openFile(path string) error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	if wrong := C.vocoder_open(name); wrong != nil {
		defer C.free(unsafe.Pointer(wrong))
		return fmt.Errorf("%w: %s", ErrLibrary, C.GoString(wrong))
	}
	if v := C.GoString(C.vocoder_version()); v != Version {
		return fmt.Errorf("%w: %s is version %s", ErrLibrary, path, v)
	}
	return nil
}
