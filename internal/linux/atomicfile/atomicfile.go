// Package atomicfile reads and writes small files of the user.
package atomicfile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Write writes a file whole or not at all, with mode 0600. It makes the folder if that
// is missing. If the name is a symbolic link, as dotfile managers make them, the file
// that it leads to is replaced and the link stays.
func Write(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".vocoder-*"+filepath.Ext(name))
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename there is none
	if _, err := f.Write(text); err != nil {
		_ = f.Close() // the first error says more
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// ReadUpTo reads a file of at most limit bytes. A longer one is an error, also one that is
// no regular file and has no size. It does not wait for a writer of a named pipe.
func ReadUpTo(name string, limit int64) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s: more than %d bytes", name, limit)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}
