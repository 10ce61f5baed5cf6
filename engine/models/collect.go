package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A collector takes the files of a pinned model out of an archive or a folder. It knows
// them by size and checksum: their names and places differ between publishers.
type collector struct {
	folder  string
	missing []File
	wrong   string // a file with the size of a missing one, but another checksum
}

// all returns the files of all sets of the model.
func (m Model) all() []File { return slices.Concat(m.sets()...) }

func (c *collector) wants(name string, size int64) bool {
	return isDocument(name) || slices.ContainsFunc(c.missing, func(f File) bool { return f.Size == size })
}

// put copies one file into the folder, and removes it if it has no checksum of the model.
func (c *collector) put(name string, r io.Reader) error {
	if isDocument(name) {
		return putDocument(c.folder, name, r)
	}
	f, err := os.CreateTemp(c.folder, ".file-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // if it has another name then, this fails
	defer f.Close()
	sum, from := sha256.New(), &source{r: r}
	n, err := io.Copy(io.MultiWriter(f, sum, &spaceCheck{folder: c.folder}), from)
	switch {
	case from.err != nil:
		return fmt.Errorf("read %s: %w: %v", name, ErrBroken, from.err)
	case err != nil:
		return fmt.Errorf("write %s: %w", name, err)
	}
	is := hex.EncodeToString(sum.Sum(nil))
	i := slices.IndexFunc(c.missing, func(f File) bool { return f.SHA256 == is && f.Size == n })
	if i < 0 {
		c.wrong = name + " has SHA-256 " + is
		return nil
	}
	if err := errors.Join(f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	c.missing = slices.DeleteFunc(c.missing, func(f File) bool { return f.SHA256 == is })
	return os.Rename(f.Name(), filepath.Join(c.folder, is)) // set gives it its name
}

// add puts a file that the program brings along.
func (c *collector) add(name string, content []byte) error {
	return c.put(name, bytes.NewReader(content))
}

// set returns the set of the model's files that is complete, and gives them their names.
// It removes files of other sets.
func (c *collector) set(m Model) ([]File, error) {
	gone := func(f File) bool {
		return slices.ContainsFunc(c.missing, func(g File) bool { return g.SHA256 == f.SHA256 })
	}
	for _, set := range m.sets() {
		if slices.ContainsFunc(set, gone) {
			continue
		}
		for _, f := range set {
			if err := os.Rename(filepath.Join(c.folder, f.SHA256), filepath.Join(c.folder, f.Name)); err != nil {
				return nil, err
			}
		}
		for _, f := range m.all() {
			_ = os.Remove(filepath.Join(c.folder, f.SHA256)) // there may be none
		}
		return set, nil
	}
	var names []string
	for _, f := range m.Files {
		if gone(f) {
			names = append(names, fmt.Sprintf("%s with SHA-256 %s", f.Name, f.SHA256))
		}
	}
	err := fmt.Errorf("%w: it lacks %s", ErrBroken, strings.Join(names, ", "))
	if c.wrong != "" {
		err = fmt.Errorf("%w; %s", err, c.wrong)
	}
	return nil, err
}
