package models

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A CheckError is the error of a model whose files are missing or not the expected ones.
type CheckError struct {
	Model string // its name
	Err   error  // wraps ErrMissing or ErrBroken if it is one of these
}

func (e *CheckError) Error() string { return "check model " + e.Model + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *CheckError) Unwrap() error { return e.Err }

// Verify reads every file of the named model and compares its length and SHA-256 with
// the expected ones. Its error names the wrong file and wraps ErrUnknown, ErrMissing or
// ErrBroken if it is one of these. It is a *CheckError if the name is known.
func (s Store) Verify(name string) error {
	m, err := s.Lookup(name)
	if err != nil {
		return err
	}
	return m.verify(s.Folder(name))
}

func (m Model) verify(folder string) error {
	if len(m.Files) == 0 {
		return &CheckError{m.Name, ErrMissing}
	}
	for _, f := range m.Files {
		if err := f.verify(folder); err != nil {
			return &CheckError{m.Name, err}
		}
	}
	return nil
}

// Present reports whether all files of the model are in the store and have the expected
// lengths. It is quick, because it does not read them as Verify does.
func (s Store) Present(m Model) bool {
	for _, f := range m.Files {
		if f.stat(s.Folder(m.Name)) != nil {
			return false
		}
	}
	return len(m.Files) > 0
}

func (f File) stat(folder string) error {
	info, err := os.Stat(filepath.Join(folder, f.Name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s in %s: %w", f.Name, folder, ErrMissing)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s in %s: %w: not a file", f.Name, folder, ErrBroken)
	case info.Size() != f.Size:
		return fmt.Errorf("%s in %s: %w: %d bytes, want %d", f.Name, folder, ErrBroken, info.Size(), f.Size)
	}
	return nil
}

func (f File) verify(folder string) error {
	if err := f.stat(folder); err != nil {
		return err
	}
	sum, err := sumFile(filepath.Join(folder, f.Name))
	if err != nil {
		return err
	}
	if sum != f.SHA256 {
		return fmt.Errorf("%s in %s: %w: SHA-256 %s, want %s", f.Name, folder, ErrBroken, sum, f.SHA256)
	}
	return nil
}

// sumFile returns the SHA-256 of a file in hexadecimal.
func sumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
