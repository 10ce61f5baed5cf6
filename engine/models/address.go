package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// unpinned fetches a model that is not pinned, from the address in the catalog or from
// the user's, and records the checksums of its files.
func (p Puller) unpinned(ctx context.Context, m Model, from string) error {
	brought := from != "" && !isAddress(from) // the user's files may differ from the installed ones
	if !brought && m.verify(p.Store.Folder(m.Name)) == nil {
		p.log().Info("the model is there, and as it was recorded", "model", m.Name)
		return nil
	}
	if from == "" {
		from = m.address
	}
	m.From = from
	if !isAddress(from) {
		return p.record(m, from)
	}
	file, err := p.download(ctx, from)
	if err != nil {
		return err
	}
	if err := p.record(m, file); err != nil {
		return err
	}
	return os.Remove(file) // the model has everything that it needs from the file
}

// isAddress reports whether a text is an address to download from.
func isAddress(from string) bool {
	u, err := url.Parse(from)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// download fetches a file into the cache. It records the checksum of an address at the
// first download; later downloads must have that checksum.
func (p Puller) download(ctx context.Context, address string) (string, error) {
	want, err := p.Store.recorded(address)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(p.Cache, 0o755); err != nil {
		return "", err
	}
	d := download{client: p.client(), url: address, path: p.cached(address), progress: p.Progress}
	d.file = File{Name: baseOf(address), SHA256: want}
	if err := d.measure(ctx); err != nil {
		return "", fmt.Errorf("download %s: %w", d.file.Name, err)
	}
	if err := d.run(ctx); err != nil {
		return "", err
	}
	if want != "" {
		return d.path, nil
	}
	sum, err := sumFile(d.path)
	if err != nil {
		return "", err
	}
	p.log().Warn("no checksum of this file is known: it is recorded now, and later downloads must have it", "file", d.file.Name, "sha256", sum)
	if err := os.MkdirAll(p.Store.Dir, 0o755); err != nil {
		return "", err
	}
	return d.path, p.Store.record(address, sum)
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

// measure asks the server for the length of the file. It removes a part of a different
// version; the server names each version of a file (RFC 9110, 8.8).
func (d *download) measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stall)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, d.url, nil)
	if err != nil {
		return err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // a HEAD response has no body
	switch {
	case resp.StatusCode != http.StatusOK:
		return statusError(resp.StatusCode)
	case resp.ContentLength <= 0:
		return errors.New("the server does not say how long it is")
	}
	d.file.Size = resp.ContentLength
	version := resp.Header.Get("ETag") + " " + resp.Header.Get("Last-Modified")
	if old, err := os.ReadFile(d.part() + ".version"); err == nil && string(old) != version || sizeOf(d.part()) > d.file.Size {
		_ = os.Remove(d.part()) // it is of a different version
	}
	return os.WriteFile(d.part()+".version", []byte(version), 0o644)
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
