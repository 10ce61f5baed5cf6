package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// unpinned fetches a model that is not in the catalog, and records the checksums of its
// files.
func (p Puller) unpinned(ctx context.Context, m Model, from string) error {
	m.From = from
	if !isAddress(from) {
		return p.record(m, from)
	}
	d, err := p.download(ctx, from)
	if err != nil {
		return err
	}
	if err := p.record(m, d.path); err != nil {
		if errors.Is(err, ErrBroken) || errors.Is(err, ErrForeign) {
			d.remove() // the next pull fetches it again
			return fmt.Errorf("%s: %w", from, err)
		}
		return err
	}
	if err := p.recordSum(d); err != nil {
		return err
	}
	d.remove() // the model has everything that it needs from the file
	return nil
}

// isAddress reports whether a text is an address to download from.
func isAddress(from string) bool {
	u, err := url.Parse(from)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// download fetches a file into the cache. If a model was made of an earlier download
// from this address, the file must have the same checksum.
func (p Puller) download(ctx context.Context, address string) (*download, error) {
	want, err := p.Store.recorded(address)
	if err != nil {
		return nil, err
	}
	d := &download{client: p.client(), url: address, path: p.cached(address), progress: p.Progress}
	d.file = File{Name: baseOf(address), SHA256: want}
	err = d.run(ctx)
	if want != "" && errors.Is(err, ErrBroken) {
		return nil, fmt.Errorf("%w; the checksum is that of the first download, and %s has it: if the publisher has changed the file, remove its line there",
			err, filepath.Join(p.Store.Dir, sums))
	}
	return d, err
}

// recordSum records the checksum of a download of which a model was made. Later downloads
// from its address must have that checksum.
func (p Puller) recordSum(d *download) error {
	if d.file.SHA256 != "" {
		return nil
	}
	sum, err := sumFile(d.path)
	if err != nil {
		return err
	}
	p.log().Warn("no checksum of this file is known: it is recorded now, and later downloads must have it", "file", d.file.Name, "sha256", sum)
	return p.Store.record(d.url, sum)
}

// cached returns the path in the cache of the file of an address.
func (p Puller) cached(address string) string {
	sum := sha256.Sum256([]byte(address))
	return filepath.Join(p.Cache, hex.EncodeToString(sum[:4])+"-"+baseOf(address))
}

var unsafe = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// baseOf returns the file name of an address.
func baseOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "download"
	}
	return "f" + strings.TrimLeft(unsafe.ReplaceAllString(path.Base(u.Path), "_"), ".")
}

// record copies a model from an archive or folder into the store, together with the
// checksums of its files.
func (p Puller) record(m Model, from string) error {
	if err := os.MkdirAll(p.Store.Dir, 0o755); err != nil {
		return err
	}
	if err := needSpace(p.Store.Dir, 2*sizeOf(from)); err != nil { // about the unpacked size
		return err
	}
	fresh, err := os.MkdirTemp(p.Store.Dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	in := intake{folder: fresh}
	if err := in.take(from); err != nil {
		return fmt.Errorf("unpack %s: %w", filepath.Base(from), err)
	}
	found, err := in.model(m.Name)
	if err != nil {
		return err
	}
	if m.Kind != "" && found.Kind != m.Kind {
		return fmt.Errorf("model %s: %w: it is of kind %s, want %s", m.Name, ErrForeign, found.Kind, m.Kind)
	}
	m.Kind, m.Files, m.Source = found.Kind, found.Files, found.Source
	if err := errors.Join(m.writeManifest(fresh), os.Chmod(fresh, 0o755)); err != nil {
		return err
	}
	p.log().Info("the checksums of the model's files are recorded; models verify compares them", "model", m.Name, "kind", m.Kind, "files", len(m.Files))
	return replace(fresh, p.Store.Folder(m.Name))
}
