package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// A manifest is the file in a model's folder that describes the model. Pull writes it, and
// all later checks use it.
const manifest = "model.json"

// maxManifest bounds the size of a manifest, in bytes.
const maxManifest = 1 << 20

// names matches the valid names of models. The name is also that of the folder.
var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// readManifest returns the model that the manifest of a folder describes. Its error is
// fs.ErrNotExist if there is no manifest, and wraps ErrBroken if it is invalid.
func readManifest(folder string) (Model, error) {
	path := filepath.Join(folder, manifest)
	info, err := os.Stat(path)
	if err != nil {
		return Model{}, err
	}
	if info.Size() > maxManifest {
		return Model{}, fmt.Errorf("%s: %w: %d bytes", path, ErrBroken, info.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Model{}, err
	}
	m, err := decodeManifest(b)
	if err != nil {
		return Model{}, fmt.Errorf("%s: %w: %v", path, ErrBroken, err)
	}
	return m, nil
}

// decodeManifest decodes a manifest. It accepts plain file names only, so that no file
// outside of the folder is ever read.
func decodeManifest(b []byte) (Model, error) {
	var m Model
	if err := json.Unmarshal(b, &m); err != nil {
		return Model{}, errors.New("not JSON of a model")
	}
	if !names.MatchString(m.Name) || len(m.Files) == 0 {
		return Model{}, errors.New("it lacks a name or files")
	}
	for _, f := range m.Files {
		if f.Name != filepath.Base(f.Name) || f.Name == "." || f.Name == ".." || f.Name == "" || len(f.SHA256) != 64 || f.Size < 0 {
			return Model{}, errors.New("it has a file without a plain name, a length or a checksum")
		}
	}
	kind, _, err := m.Roles()
	if err != nil {
		return Model{}, err
	}
	m.Kind = kind
	return m, nil
}

func (m Model) writeManifest(folder string) error {
	b, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return fmt.Errorf("write %s: %w", manifest, err)
	}
	return os.WriteFile(filepath.Join(folder, manifest), append(b, '\n'), 0o644)
}

// Installed returns the models of the store that have a manifest. It omits broken models;
// Verify reports them.
func (s Store) Installed() []Model {
	var all []Model
	seen := map[string]bool{}
	for _, dir := range append([]string{s.Dir}, s.System...) {
		entries, _ := os.ReadDir(dir) // there may be no such folder
		for _, e := range entries {
			m, err := readManifest(s.Folder(e.Name()))
			if err == nil && m.Name == e.Name() && !seen[m.Name] {
				seen[m.Name] = true
				all = append(all, m)
			}
		}
	}
	return all
}

// sums is the file in the store with the SHA-256 of each download, by address. It
// remains when models are removed, so that a changed file at an address is always
// noticed.
const sums = "checksums.json"

// recorded returns the checksum that was recorded for an address, or an empty string.
func (s Store) recorded(address string) (string, error) {
	all, err := s.sums()
	return all[address], err
}

// sums reads the file. An invalid file is an error: with an empty list, a wrong download
// would be accepted.
func (s Store) sums() (map[string]string, error) {
	all := map[string]string{}
	b, err := os.ReadFile(filepath.Join(s.Dir, sums))
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &all); err != nil || all == nil {
		return nil, fmt.Errorf("%s: %w: remove it to record the checksums again", filepath.Join(s.Dir, sums), ErrBroken)
	}
	return all, nil
}

// record stores the checksum of the download from an address.
func (s Store) record(address, sum string) error {
	all, err := s.sums()
	if err != nil {
		return err
	}
	all[address] = sum
	b, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return fmt.Errorf("record checksum: %w", err)
	}
	fresh := filepath.Join(s.Dir, sums+".new")
	if err := os.WriteFile(fresh, append(b, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, filepath.Join(s.Dir, sums))
}
