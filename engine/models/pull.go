package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A Puller fetches models into a store. It needs Store and Cache; the zero values of the
// other fields are usable.
type Puller struct {
	Store    Store
	Cache    string       // folder for downloads from addresses of the user
	Mirror   string       // address of a server with the paths of Hugging Face; empty: Hugging Face
	Client   *http.Client // nil: http.DefaultClient, which uses the proxies of the environment
	Progress Progress     // may be nil
	Log      *slog.Logger // nil: silent
}

// Pull fetches the named model, checks it and puts it into the store, all of it or
// nothing. It does not change a model that is complete.
//
// A model of the catalog comes from where it is published. from, if not empty, is an
// address of an archive, an archive or a folder, that has its files. They may have any
// names, but must have the pinned checksums. A model that is not in the catalog needs
// from, whose files must be those of a known kind; their checksums are recorded. The
// error wraps ErrBroken, ErrForeign, ErrUnknown or ErrBusy if it is one of these.
func (p Puller) Pull(ctx context.Context, name, from string) error {
	m, err := p.Store.Lookup(name)
	known, is := inCatalog(name)
	switch {
	case is && errors.Is(err, ErrBroken):
		m = known
	case errors.Is(err, ErrUnknown) && from != "" && names.MatchString(name):
		m = Model{Name: name, Title: name}
	case errors.Is(err, ErrBroken):
		if m.Title = name; from == "" {
			return err
		}
	case err != nil:
		return err
	}
	brought := from != "" && !isAddress(from) // the user's files may differ from the installed ones
	if !brought && m.verify(p.Store.Folder(name)) == nil {
		p.log().Info("the model is there, and as it was recorded", "model", name)
		return nil
	}
	if is {
		return p.pinned(ctx, known, from)
	}
	return p.unpinned(ctx, m, cmp.Or(from, m.From)) // the address or path of the last time
}

// ErrBusy is wrapped if another Pull of the same model runs.
var ErrBusy = errors.New("another command fetches it now")

// pinned puts a model of the catalog into the store.
func (p Puller) pinned(ctx context.Context, m Model, from string) error {
	folder := filepath.Join(p.Store.Dir, ".pull-"+m.Name) // no model has such a name
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	unlock, err := lock(folder)
	if err != nil {
		return fmt.Errorf("fetch model %s: %w", m.Name, err)
	}
	defer unlock()
	if from == "" {
		err = p.fetch(ctx, m, folder)
	} else {
		m.Files, err = p.collect(ctx, m, from, folder)
	}
	if err != nil {
		if from != "" {
			_ = os.RemoveAll(folder) // the next Pull begins again
		}
		_ = os.Remove(folder) // if nothing was fetched; otherwise the next Pull continues
		return err
	}
	if err := m.verify(folder); err != nil {
		return err
	}
	m.Source = sourceOf(folder)
	if err := errors.Join(m.writeManifest(folder), os.Chmod(folder, 0o755)); err != nil {
		return err
	}
	return replace(folder, p.Store.own(m.Name))
}

// lock makes this process the only one that works in a folder.
func lock(folder string) (unlock func(), err error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = ErrBusy
	}
	if err != nil {
		_ = f.Close() // it was only read
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}

// fetch downloads the files of the model into a folder. Files that an earlier call left
// there are used.
func (p Puller) fetch(ctx context.Context, m Model, folder string) error {
	left := int64(0)
	for _, f := range m.Files {
		left += f.Size - max(sizeOf(filepath.Join(folder, f.Name)), sizeOf(filepath.Join(folder, f.Name+".part")))
	}
	if err := needSpace(folder, left); err != nil {
		return err
	}
	base := strings.TrimRight(cmp.Or(p.Mirror, hubAddress), "/")
	for _, f := range m.Files {
		path := filepath.Join(folder, f.Name)
		if b, is := m.brought[f.Name]; is {
			content, err := unzip(b)
			if err != nil {
				return err
			}
			if err := os.WriteFile(path, content, 0o644); err != nil {
				return err
			}
			continue
		}
		d := &download{client: p.client(), url: m.hub.address(base, f.Name), path: path, file: f, progress: p.Progress}
		if err := d.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// collect takes the files of the model out of an archive, a folder or the archive at an
// address.
func (p Puller) collect(ctx context.Context, m Model, from, folder string) ([]File, error) {
	if isAddress(from) {
		d := &download{client: p.client(), url: from, path: p.cached(from), progress: p.Progress}
		d.file.Name = baseOf(from)
		if err := d.run(ctx); err != nil {
			return nil, err
		}
		defer d.remove()
		from = d.path
	}
	if err := needSpace(folder, m.Size()); err != nil {
		return nil, err
	}
	c := collector{folder: folder, missing: m.all()}
	for name, b := range m.brought {
		content, err := unzip(b)
		if err != nil {
			return nil, err
		}
		if err := c.add(name, content); err != nil {
			return nil, err
		}
	}
	if err := walk(from, &c); err != nil {
		return nil, fmt.Errorf("unpack %s: %w", filepath.Base(from), err)
	}
	files, err := c.set(m)
	if err != nil {
		return nil, fmt.Errorf("take model %s from %s: %w", m.Name, filepath.Base(from), err)
	}
	return files, nil
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

// client returns the client of downloads. It follows redirects as usual, but not from HTTPS
// to a connection on which others can change what is sent.
func (p Puller) client() *http.Client {
	c := http.DefaultClient
	if p.Client != nil {
		c = p.Client
	}
	safe := *c
	safe.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https" {
			return finalError{fmt.Errorf("the server sends on to %s, without encryption", r.URL.Host)}
		}
		if len(via) >= maxRedirects {
			return finalError{fmt.Errorf("more than %d redirects", maxRedirects)}
		}
		return nil
	}
	return &safe
}

// maxRedirects is the limit of the standard library.
const maxRedirects = 10

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
