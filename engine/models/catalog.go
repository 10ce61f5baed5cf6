// Package models keeps the weights of recognizers in a folder. It knows some models by
// name, fetches them, checks them and reports what is wrong with them. It never gives a
// file to native code.
package models

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Default is the model that commands fetch and check if none is named.
const Default = "moonshine-tiny-en"

// Base is OpenAI's Whisper base for 99 languages.
const Base = "whisper-base"

// preferred are the models that are served if none is named, the best first.
var preferred = []string{Base, Default}

// A File is one file of a model.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // lower-case hexadecimal
}

// A Model is a recognizer's weights and vocabulary.
type Model struct {
	Name      string   `json:"name"`
	Title     string   `json:"title"`     // its name for people
	Kind      string   `json:"kind"`      // one of the Kind constants
	Languages []string `json:"languages"` // ISO 639-1; empty if not known
	License   string   `json:"licence,omitempty"`
	Files     []File   `json:"files"`

	Source string `json:"source,omitempty"` // the author of the weights and how they were made, if known
	From   string `json:"from,omitempty"`   // its address or path, if its checksums were recorded

	hub     hub               // where it is published, if it is pinned
	brought map[string][]byte // the files that this program brings along, compressed
	others  [][]File          // further sets of files that are this model, if it is pinned
}

// Catalog returns the models that are known by name. This program has the checksums of
// their files.
func Catalog() []Model { return slices.Clone(published) }

// Catalog returns the models that are known by name, those that are installed as they are
// in the store.
func (s Store) Catalog() []Model {
	all := Catalog()
	for i, m := range all {
		if here, err := s.Lookup(m.Name); err == nil {
			all[i] = here
		}
	}
	return all
}

// sets returns the sets of files that are the model, if the source code has their
// checksums. The first one is published.
func (m Model) sets() [][]File {
	if m.hub.repo == "" {
		return nil
	}
	return append([][]File{m.Files}, m.others...)
}

// Pinned reports whether the source code has the checksums of the model's files.
func (m Model) Pinned() bool {
	known, _ := inCatalog(m.Name)
	return slices.ContainsFunc(known.sets(), func(set []File) bool { return sameFiles(set, m.Files) })
}

// sameFiles reports whether two sets have the same files, in any order.
func sameFiles(a, b []File) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(f File) bool { return !slices.Contains(b, f) })
}

// ErrUnknown is wrapped if a name is neither in the catalog nor in the store.
var ErrUnknown = errors.New("no such model")

// ErrMissing is wrapped if a model's files do not exist.
var ErrMissing = errors.New("not downloaded")

// ErrBroken is wrapped if a model's files have the wrong content.
var ErrBroken = errors.New("broken")

// A Store is the folder that holds models, each in a folder of its name. The folder need
// not exist. A Store is safe for concurrent use.
type Store struct {
	Dir string
	// System are further folders with models, for all users of this machine. A Store only
	// reads them. If two folders have a model of the same name, Dir comes first.
	System []string
}

// DefaultStore returns the store of the user, with the models of the system: those in the
// folders vocoder/models below $XDG_DATA_HOME and $XDG_DATA_DIRS (XDG Base Directory
// Specification).
func DefaultStore() (Store, error) {
	dir, err := DefaultDir()
	s := Store{Dir: dir}
	for _, d := range filepath.SplitList(cmp.Or(os.Getenv("XDG_DATA_DIRS"), "/usr/local/share:/usr/share")) {
		if filepath.IsAbs(d) {
			s.System = append(s.System, filepath.Join(d, "vocoder", "models"))
		}
	}
	return s, err
}

// DefaultDir returns the default folder of models: $XDG_DATA_HOME/vocoder/models (XDG
// Base Directory Specification).
func DefaultDir() (string, error) {
	data, err := dataHome()
	return filepath.Join(data, "vocoder", "models"), err
}

func dataHome() (string, error) {
	if d := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return d, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find data folder: %w", err)
	}
	return filepath.Join(home, ".local", "share"), nil
}

// CacheDir returns the folder of downloads: $XDG_CACHE_HOME/vocoder.
func CacheDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find cache folder: %w", err)
	}
	return filepath.Join(cache, "vocoder"), nil
}

// own returns the folder of the named model in Dir. It need not exist.
func (s Store) own(name string) string { return filepath.Join(s.Dir, name) }

// Folder returns the folder of the named model: the one in Dir, or else that of the
// system. If there is none, it returns the one in Dir.
func (s Store) Folder(name string) string {
	for _, dir := range append([]string{s.Dir}, s.System...) {
		folder := filepath.Join(dir, name)
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			return folder
		}
	}
	return s.own(name)
}

// Lookup returns the named model. If it is in the store, its files are those of its
// manifest. Otherwise they are those of the catalog. The error wraps ErrUnknown, or
// ErrBroken if the model's manifest cannot be read.
func (s Store) Lookup(name string) (Model, error) {
	known, is := inCatalog(name)
	if !names.MatchString(name) {
		return Model{}, fmt.Errorf("find model %q: %w", name, ErrUnknown)
	}
	m, err := readManifest(s.Folder(name))
	switch {
	case errors.Is(err, fs.ErrNotExist) && is:
		return known, nil
	case errors.Is(err, fs.ErrNotExist):
		return Model{}, fmt.Errorf("find model %q: %w", name, ErrUnknown)
	case err != nil:
		return Model{Name: name}, &CheckError{name, err}
	case m.Name != name:
		return Model{Name: name}, &CheckError{name, fmt.Errorf("%w: its folder has model %s", ErrBroken, m.Name)}
	}
	if is {
		m.Title, m.Languages, m.License = known.Title, known.Languages, known.License
	}
	if len(m.Languages) == 0 {
		m.Languages = m.languagesOf(s.Folder(name))
	}
	return m, nil
}

// Preferred returns the model to serve if a command names none, and whether there is one:
// the one that Use named, if it is complete, or else the best installed one of the
// preferred ones.
func (s Store) Preferred() (Model, bool) {
	for _, name := range append([]string{s.Used()}, preferred...) {
		if m, err := s.Lookup(name); err == nil && s.Present(m) {
			return m, true
		}
	}
	return Model{}, false
}

func inCatalog(name string) (Model, bool) {
	for _, m := range Catalog() {
		if m.Name == name {
			return m, true
		}
	}
	return Model{}, false
}
