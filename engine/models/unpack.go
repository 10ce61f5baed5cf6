package models

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Limits of a model, in bytes and files. The longest models that the library runs have
// some gigabytes, in ten files.
const (
	maxPart  = 4 << 30
	maxModel = 16 << 30
	maxFiles = 100
)

// An intake copies the files of an unknown model into a folder. It skips files that no
// model needs, and a file if a better one has its role. It keeps the license and the
// source with the model.
type intake struct {
	folder string
	files  map[string]File // by name
	roles  map[string]string

	count   int   // of the files so far
	written int64 // bytes
}

// A sink takes files. name is a file's name without its folder.
type sink interface {
	wants(name string, size int64) bool
	put(name string, r io.Reader) error
}

// take copies the model's files from a folder or an archive.
func (in *intake) take(from string) error {
	in.files, in.roles = map[string]File{}, map[string]string{}
	return walk(from, in)
}

// walk gives the files of a folder or an archive to a sink: tar, plain or compressed with
// gzip or bzip2, or zip. Its error wraps ErrBroken if the archive is broken.
func walk(from string, to sink) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return walkFolder(from, to)
	}
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 64<<10)
	head, _ := r.Peek(512) // a shorter file is no archive
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return walkZip(f, info.Size(), to)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return fmt.Errorf("%w: %v", ErrBroken, err)
		}
		return walkTar(z, to)
	case bytes.HasPrefix(head, []byte("BZh")):
		return walkTar(bzip2.NewReader(r), to)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return walkTar(r, to)
	case bytes.HasPrefix(head, []byte("\xfd7zXZ")):
		return fmt.Errorf("%w: xz is not understood: unpack it, and name the folder", ErrForeign)
	}
	if bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")) {
		return fmt.Errorf("%w: a web page, no archive: does this network want a login?", ErrBroken)
	}
	return fmt.Errorf("%w: not an archive: neither tar, gzip, bzip2 nor zip", ErrBroken)
}

// deepest is how many levels of folders are searched for files.
const deepest = 6

func walkFolder(from string, to sink) error {
	return filepath.WalkDir(from, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(from, file)
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.Count(inside, string(filepath.Separator)) >= deepest || strings.HasPrefix(d.Name(), ".") && inside != ".") {
			return fs.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		info, err := os.Stat(file) // of the target of a link
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the link of another file
		}
		if err != nil || !info.Mode().IsRegular() || !to.wants(d.Name(), info.Size()) {
			return err
		}
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		return to.put(d.Name(), f)
	})
}

func walkTar(r io.Reader, to sink) error {
	t := tar.NewReader(r)
	for {
		head, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %v", ErrBroken, err)
		}
		name := path.Base(head.Name) // without folders: it stays in the folder
		if head.Typeflag != tar.TypeReg || !to.wants(name, head.Size) {
			continue
		}
		if err := to.put(name, t); err != nil {
			return err
		}
	}
}

func walkZip(r io.ReaderAt, size int64, to sink) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrBroken, err)
	}
	for _, entry := range z.File {
		name := path.Base(entry.Name)
		if !entry.Mode().IsRegular() || !to.wants(name, int64(entry.UncompressedSize64)) {
			continue
		}
		f, err := entry.Open()
		if err != nil {
			return fmt.Errorf("%w: %v", ErrBroken, err)
		}
		err = to.put(name, f)
		_ = f.Close() // it was only read
		if err != nil {
			return err
		}
	}
	return nil
}

// The documents of a model: its license, and the author of the weights and how they were
// made.
const (
	licenseFile = "LICENSE"
	sourceFile  = "SOURCE"
	maxDocument = 64 << 10 // bytes
)

func isDocument(name string) bool { return name == licenseFile || name == sourceFile }

// putDocument copies the beginning of a document into a folder.
func putDocument(folder, name string, r io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(r, maxDocument))
	if err != nil {
		return fmt.Errorf("read %s: %w: %v", name, ErrBroken, err)
	}
	return os.WriteFile(filepath.Join(folder, name), b, 0o644)
}

// sourceOf returns the first line of the document about the origin of the model in a folder.
func sourceOf(folder string) string {
	b, err := os.ReadFile(filepath.Join(folder, sourceFile))
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.ToValidUTF8(line, "")
}

// wants reports whether a file may be part of the model.
func (in *intake) wants(name string, _ int64) bool {
	if isDocument(name) {
		return true
	}
	if belongs(name) {
		return names.MatchString(name)
	}
	r := role(name)
	if r == "" || !names.MatchString(name) {
		return false
	}
	old, twice := in.roles[r]
	return !twice || better(name, old)
}

// put copies one file. It replaces the file that has its role.
func (in *intake) put(name string, r io.Reader) error {
	if isDocument(name) {
		return putDocument(in.folder, name, r)
	}
	if _, twice := in.files[name]; twice {
		return fmt.Errorf("%w: %s is in it twice", ErrBroken, name)
	}
	if role := role(name); role != "" {
		if old, is := in.roles[role]; is {
			if err := in.drop(old); err != nil {
				return err
			}
		}
		in.roles[role] = name
	}
	f, err := os.OpenFile(filepath.Join(in.folder, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	most := min(maxPart, maxModel-in.written)
	sum, wrong := sha256.New(), &source{r: io.LimitReader(r, most+1)}
	n, err := io.Copy(io.MultiWriter(f, sum, &spaceCheck{folder: in.folder}), wrong)
	in.count++
	in.written += n
	switch {
	case n > most || in.count > maxFiles:
		return fmt.Errorf("read %s: %w: more than a model has: at most %d files of %d MB, and %d MB in all", name, ErrBroken, maxFiles, maxPart>>20, maxModel>>20)
	case wrong.err != nil:
		return fmt.Errorf("read %s: %w: %v", name, ErrBroken, wrong.err)
	case err != nil:
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	in.files[name] = File{Name: name, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}
	return nil
}

// A spaceCheck is a writer that fails when the disk is almost full. An archive does not
// say how much it unpacks to.
type spaceCheck struct {
	folder string
	since  int64 // bytes since the last question
}

func (s *spaceCheck) Write(b []byte) (int, error) {
	if s.since += int64(len(b)); s.since > spare/2 {
		s.since = 0
		if err := needSpace(s.folder, 0); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// A source distinguishes a broken archive from a full disk.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func (in *intake) drop(name string) error {
	delete(in.files, name)
	return os.Remove(filepath.Join(in.folder, name))
}

// model returns the model of the copied files. It removes files without a role. If all
// networks are int8, it also removes separate weights, which int8 networks do not have.
func (in *intake) model(name string) (Model, error) {
	m := Model{Name: name, Source: sourceOf(in.folder)}
	all := make([]string, 0, len(in.files))
	for file := range in.files {
		all = append(all, file)
	}
	kind, roles, err := recognize(all)
	if err != nil {
		return Model{}, err
	}
	m.Kind = kindIn(in.folder, kind, roles)
	apart := false
	for _, file := range roles {
		apart = apart || strings.HasSuffix(file, ".onnx") && !strings.Contains(file, ".int8.")
	}
	for _, file := range slices.Sorted(slices.Values(all)) {
		used := apart && belongs(file)
		for _, chosen := range roles {
			used = used || file == chosen
		}
		if used {
			m.Files = append(m.Files, in.files[file])
			continue
		}
		if err := in.drop(file); err != nil {
			return Model{}, err
		}
	}
	return m, nil
}
