package models

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// whisper is a model of some kilobytes, with the other files of its archive.
func whisper() map[string][]byte {
	return map[string][]byte{
		"w/tiny-encoder.int8.onnx": noise(1, 9000),
		"w/tiny-encoder.onnx":      noise(2, 20000),
		"w/tiny-decoder.onnx":      noise(3, 20000),
		"w/tiny-decoder.int8.onnx": noise(4, 9000),
		"w/tiny-tokens.txt":        []byte("a 0\nb 1\n"),
		"w/test_wavs/0.wav":        noise(5, 3000),
		"w/../../../evil.onnx":     []byte("out"),
		"../../etc/tokens.txt.sh":  []byte("out"),
	}
}

func zipped(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// files serves archives and counts what it sends. Each has a version.
type files struct {
	content atomic.Pointer[[]byte]
	sent    atomic.Int64
	cut     atomic.Int64 // how many bytes of the next answers are sent; 0 for all
}

func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b := *f.content.Load()
	w.Header().Set("ETag", fmt.Sprintf(`"%s"`, fileOf("", b).SHA256[:8]))
	var h http.Handler = serveFile(b)
	if n := f.cut.Load(); n > 0 && r.Method == http.MethodGet {
		h = hangUp(h, int(n))
	}
	count := &counter{ResponseWriter: w}
	defer func() { f.sent.Add(count.n) }()
	h.ServeHTTP(count, r)
}

type counter struct {
	http.ResponseWriter
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.n += int64(n)
	return n, err
}

func (c *counter) Flush() { c.ResponseWriter.(http.Flusher).Flush() }

func serveFiles(t *testing.T, b []byte) (*files, string) {
	t.Helper()
	f := new(files)
	f.content.Store(&b)
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s.URL + "/models/whisper.tar.gz"
}

// TestPullAnywhere checks that a model can come from an address, an archive of each kind
// and a folder. Other files are skipped, and no file is written outside the folder.
func TestPullAnywhere(t *testing.T) {
	tarball, zipball := pack(t, whisper()), zipped(t, whisper())
	_, address := serveFiles(t, tarball)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.tgz"), tarball)
	writeFile(t, filepath.Join(dir, "a.zip"), zipball)
	for name, content := range whisper() {
		if !strings.Contains(name, "..") {
			writeFile(t, filepath.Join(dir, "folder", name), content)
		}
	}
	for name, from := range map[string]string{"address": address, "tarball": dir + "/a.tgz", "zip": dir + "/a.zip", "folder": dir + "/folder"} {
		t.Run(name, func(t *testing.T) {
			p := puller(t)
			if err := p.Pull(t.Context(), "mine", from); err != nil {
				t.Fatal(err)
			}
			if err := p.Store.Verify("mine"); err != nil {
				t.Error(err)
			}
			m, err := p.Store.Lookup("mine")
			if err != nil || m.Kind != KindWhisper || len(m.Files) != 3 || m.From != from || !p.Store.Present(m) {
				t.Errorf("%+v: %v", m, err)
			}
			in, err := os.ReadDir(p.Store.Folder("mine"))
			if err != nil || len(in) != 4 { // and the manifest
				t.Errorf("%v: %v", in, err)
			}
			if b, err := os.ReadFile(filepath.Join(p.Store.Folder("mine"), "tiny-encoder.int8.onnx")); err != nil || !bytes.Equal(b, noise(1, 9000)) {
				t.Errorf("%d bytes: %v", len(b), err)
			}
			if all := p.Store.Installed(); len(all) != 1 || all[0].Name != "mine" {
				t.Errorf("installed: %v", all)
			}
		})
	}
}

// TestPullBzip2 pulls an archive like those of sherpa-onnx. Python's tarfile made it.
func TestPullBzip2(t *testing.T) {
	p := puller(t)
	if err := p.Pull(t.Context(), "mine", "testdata/tiny.tar.bz2"); err != nil {
		t.Fatal(err)
	}
	m, err := p.Store.Lookup("mine")
	if err != nil || m.Kind != KindWhisper || len(m.Files) != 3 || m.Languages[0] != "en" {
		t.Errorf("%+v: %v", m, err)
	}
	if err := p.Store.Verify("mine"); err != nil {
		t.Error(err)
	}
}

// TestPullRecords checks that the first download logs that its checksum is recorded. The
// second must have it, also if the model was removed in between.
func TestPullRecords(t *testing.T) {
	tarball := pack(t, whisper())
	web, address := serveFiles(t, tarball)
	var said bytes.Buffer
	p := puller(t)
	p.Log = slog.New(slog.NewTextHandler(&said, nil))
	if err := p.Pull(t.Context(), "mine", address); err != nil {
		t.Fatal(err)
	}
	if sum := fileOf("", tarball).SHA256; !strings.Contains(said.String(), "recorded") || !strings.Contains(said.String(), sum) {
		t.Errorf("it says %s", said.String())
	}
	before := web.sent.Load()
	if err := p.Pull(t.Context(), "mine", address); err != nil || web.sent.Load() != before {
		t.Errorf("a model that is whole: %v, %d bytes were sent", err, web.sent.Load()-before)
	}
	if err := os.RemoveAll(p.Store.Folder("mine")); err != nil {
		t.Fatal(err)
	}
	changed := whisper()
	changed["w/tiny-tokens.txt"] = []byte("c 0\nb 1\n")
	other := pack(t, changed)
	web.content.Store(&other)
	if err := p.Pull(t.Context(), "mine", address); !errors.Is(err, ErrBroken) {
		t.Errorf("another file at the address: %v", err)
	}
	if _, err := p.Store.Lookup("mine"); !errors.Is(err, ErrUnknown) {
		t.Errorf("it is there: %v", err)
	}
	web.content.Store(&tarball)
	if err := p.Pull(t.Context(), "mine", address); err != nil {
		t.Errorf("the same again: %v", err)
	}
	// A model with a changed file is broken, and repaired from its origin.
	writeFile(t, filepath.Join(p.Store.Folder("mine"), "tiny-tokens.txt"), []byte("x 0\nb 1\n"))
	if err := p.Store.Verify("mine"); !errors.Is(err, ErrBroken) {
		t.Errorf("a changed file: %v", err)
	}
	if err := p.Pull(t.Context(), "mine", ""); err != nil {
		t.Errorf("mend it: %v", err)
	}
	if err := p.Store.Verify("mine"); err != nil {
		t.Error(err)
	}
}

// TestPullResumes checks that bytes from before an interruption are not sent again, unless
// the file at the address has changed.
func TestPullResumes(t *testing.T) {
	big := whisper()
	big["w/tiny-encoder.int8.onnx"] = noise(7, 400000)
	tarball := pack(t, big)
	web, address := serveFiles(t, tarball)
	web.cut.Store(100000)
	p := puller(t)
	last := int64(0)
	p.Progress = func(_ string, done, size int64) {
		if done < last || size != int64(len(tarball)) {
			t.Errorf("progress %d of %d after %d", done, size, last)
		}
		last = done
	}
	if err := p.Pull(t.Context(), "mine", address); err != nil {
		t.Fatal(err)
	}
	if sent := web.sent.Load(); sent > int64(len(tarball))+1 || last != int64(len(tarball)) {
		t.Errorf("%d bytes sent of %d, the last told was %d", sent, len(tarball), last)
	}

	p = puller(t) // there is a part of an older version
	d := &download{path: p.cached(address)}
	writeFile(t, d.part(), noise(8, 50000))
	writeFile(t, d.part()+".version", []byte("another"))
	if err := p.Pull(t.Context(), "mine", address); err != nil {
		t.Errorf("over an old part: %v", err)
	}
}

// TestPullRefuses checks that after any error the store is empty.
func TestPullRefuses(t *testing.T) {
	tarball := pack(t, whisper())
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		writeFile(t, filepath.Join(dir, name), b)
		return filepath.Join(dir, name)
	}
	missing := httptest.NewServer(http.NotFoundHandler())
	defer missing.Close()
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Transfer-Encoding", "chunked")
		w.(http.Flusher).Flush()
	}))
	defer endless.Close()
	for _, tt := range []struct {
		name, model, from string
		want              error
	}{
		{"no such address", "mine", missing.URL + "/a.tgz", nil},
		{"no length", "mine", endless.URL + "/a.tgz", nil},
		{"no listener", "mine", "http://127.0.0.1:9/a.tgz", nil},
		{"no such file", "mine", dir + "/nowhere", os.ErrNotExist},
		{"not an archive", "mine", write("text", []byte("hello")), ErrBroken},
		{"truncated", "mine", write("cut.tgz", tarball[:len(tarball)/2]), ErrBroken},
		{"zip of nothing", "mine", write("a.zip", zipped(t, nil)), nil},
		{"no model", "mine", write("b.tgz", pack(t, map[string][]byte{"a/tokens.txt": nil})), ErrForeign},
		{"not the pinned files", "parakeet-tdt-0.6b-v2", write("c.tgz", tarball), ErrBroken},
		{"a folder without one", "mine", t.TempDir(), ErrForeign},
		{"no name", "../mine", write("d.tgz", tarball), ErrUnknown},
		{"no such model", "mine", "", ErrUnknown},
		{"xz", "mine", write("e.tar.xz", append([]byte("\xfd7zXZ\x00"), make([]byte, 600)...)), ErrForeign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := puller(t)
			err := p.Pull(t.Context(), tt.model, tt.from)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			in, _ := os.ReadDir(p.Store.Dir)
			for _, e := range in {
				if e.Name() != sums {
					t.Errorf("left behind: %s", e.Name())
				}
			}
		})
	}
}

// TestPullNoSpace checks that a download ends at once if the disk has no room for the file.
func TestPullNoSpace(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "4611686018427387904")
	}))
	defer s.Close()
	p := puller(t)
	address := s.URL + "/a.tgz"
	if err := p.Pull(t.Context(), "mine", address); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	if n := sizeOf((&download{path: p.cached(address)}).part()); n > 0 {
		t.Errorf("%d bytes of it", n)
	}
}

// TestManifestBroken checks that a broken manifest is reported, and that pull repairs it.
func TestManifestBroken(t *testing.T) {
	_, address := serveFiles(t, pack(t, whisper()))
	p := puller(t)
	if err := p.Pull(t.Context(), "mine", address); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(p.Store.Folder("mine"), manifest)
	for _, b := range []string{"", "null", "{}", `{"name":"other"}`, "\x00"} {
		writeFile(t, path, []byte(b))
		if err := p.Store.Verify("mine"); !errors.Is(err, ErrBroken) {
			t.Errorf("%q: %v", b, err)
		}
		if err := p.Pull(t.Context(), "mine", address); err != nil {
			t.Errorf("%q: mend it: %v", b, err)
		}
	}
	writeFile(t, filepath.Join(p.Store.Dir, sums), []byte("{"))
	if err := os.RemoveAll(p.Store.Folder("mine")); err != nil {
		t.Fatal(err)
	}
	if err := p.Pull(t.Context(), "mine", address); !errors.Is(err, ErrBroken) {
		t.Errorf("the checksums cannot be read: %v", err)
	}
}

// FuzzManifest checks that no manifest names a file outside of its folder, and that writing
// a manifest that was read gives the same.
func FuzzManifest(f *testing.F) {
	good, err := json.Marshal(Model{Name: "a", Files: []File{fileOf("model.onnx", nil), fileOf("tokens.txt", nil)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(strings.Replace(string(good), "tokens.txt", "../tokens.txt", 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeManifest(b)
		if err != nil {
			return
		}
		for _, file := range m.Files {
			if strings.ContainsRune(file.Name, '/') || file.Name == ".." {
				t.Fatalf("file %q", file.Name)
			}
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		same, err := decodeManifest(again)
		if err != nil || same.Name != m.Name || same.Kind != m.Kind || len(same.Files) != len(m.Files) {
			t.Fatalf("%+v became %+v: %v", m, same, err)
		}
	})
}
