package models

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// small is a model of some kilobytes. The program brings its vocabulary along.
func small(t *testing.T) Model {
	t.Helper()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(vocabulary); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	m := Model{
		Name: "small", Title: "Small", Kind: KindWhisper, Languages: []string{"en"}, License: "MIT",
		Files:   []File{fileOf("a-encoder.onnx", encoder), fileOf("a-decoder.onnx", decoder), fileOf("a-tokens.txt", vocabulary)},
		brought: map[string][]byte{"a-tokens.txt": z.Bytes()},
		hub:     hub{"some/thing", "abc", map[string]string{"a-encoder.onnx": "onnx/e.onnx"}},
	}
	before := published
	published = []Model{m}
	t.Cleanup(func() { published = before })
	return m
}

var encoder, decoder, vocabulary = noise(3, 400_000), noise(4, 5000), []byte("a 0\nb 1\n")

// A hubServer serves the files of small as Hugging Face does, and counts what it sends.
type hubServer struct {
	files map[string][]byte // by path
	cut   int               // how many bytes of each answer are sent; 0 for all

	mu   sync.Mutex
	sent map[string]int64 // by path
}

func (h *hubServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, is := h.files[r.URL.Path]
	if !is {
		http.NotFound(w, r)
		return
	}
	var serve http.Handler = serveFile(b)
	if h.cut > 0 {
		serve = hangUp(serve, h.cut)
	}
	count := &counter{ResponseWriter: w}
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.sent[r.URL.Path] += count.n
	}()
	serve.ServeHTTP(count, r)
}

const (
	encoderPath = "/some/thing/resolve/abc/onnx/e.onnx"
	decoderPath = "/some/thing/resolve/abc/a-decoder.onnx"
)

func newHub(t *testing.T, p *Puller) *hubServer {
	t.Helper()
	h := &hubServer{files: map[string][]byte{encoderPath: encoder, decoderPath: decoder}, sent: map[string]int64{}}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	p.Mirror = s.URL + "/"
	return h
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

func puller(t *testing.T) Puller {
	dir := t.TempDir()
	return Puller{Store: Store{Dir: filepath.Join(dir, "models")}, Cache: filepath.Join(dir, "cache")}
}

// checkSmall checks that small is in the store and complete.
func checkSmall(t *testing.T, s Store) {
	t.Helper()
	if err := s.Verify("small"); err != nil {
		t.Error(err)
	}
	m, err := s.Lookup("small")
	if err != nil || !m.Pinned() || m.Kind != KindWhisper || len(m.Files) != 3 {
		t.Errorf("%+v: %v", m, err)
	}
}

// checkOnly checks that the store's folder has these entries only.
func checkOnly(t *testing.T, s Store, want ...string) {
	t.Helper()
	var got []string
	in, _ := os.ReadDir(s.Dir)
	for _, e := range in {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the store has %q, want %q", got, want)
	}
}

// TestPullDownloads checks that a model comes from the paths of the hub, and only once.
func TestPullDownloads(t *testing.T) {
	small(t)
	p := puller(t)
	h := newHub(t, &p)
	var last string
	p.Progress = func(name string, done, size int64) { last = fmt.Sprintln(name, done, size) }
	for range 2 {
		if err := p.Pull(t.Context(), "small", ""); err != nil {
			t.Fatal(err)
		}
	}
	checkSmall(t, p.Store)
	checkOnly(t, p.Store, "small")
	if h.sent[encoderPath] != 400_000 || h.sent[decoderPath] != 5000 {
		t.Errorf("sent %v", h.sent)
	}
	if last != "a-decoder.onnx 5000 5000\n" {
		t.Errorf("progress %s", last)
	}
	in, err := os.ReadDir(p.Store.Folder("small"))
	if err != nil || len(in) != 4 {
		t.Errorf("%v: %v", in, err)
	}
}

// TestPullContinues checks that a later call sends neither a complete file again nor the
// bytes of a part.
func TestPullContinues(t *testing.T) {
	m := small(t)
	p := puller(t)
	h := newHub(t, &p)
	ctx, cancel := context.WithCancel(t.Context())
	p.Progress = func(_ string, done, _ int64) {
		if done > 150_000 {
			cancel()
		}
	}
	if err := p.Pull(ctx, "small", ""); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	checkOnly(t, p.Store, ".pull-small")
	part := sizeOf(filepath.Join(p.Store.Dir, ".pull-small", m.Files[0].Name+".part"))
	if part < 150_000 {
		t.Fatalf("a part of %d bytes is kept", part)
	}
	delete(h.files, decoderPath)
	h.sent = map[string]int64{}
	if err := p.Pull(t.Context(), "small", ""); err == nil || h.sent[encoderPath] != 400_000-part {
		t.Errorf("%v, %d bytes sent after %d", err, h.sent[encoderPath], part)
	}
	h.files[decoderPath] = decoder
	h.sent = map[string]int64{}
	if err := p.Pull(t.Context(), "small", ""); err != nil || h.sent[encoderPath] > 0 {
		t.Errorf("%v, %d bytes sent of a complete file", err, h.sent[encoderPath])
	}
	checkSmall(t, p.Store)
	checkOnly(t, p.Store, "small")
}

// TestPullWrongByte checks that one wrong byte is refused and named, keeps the old model,
// and that the next call gets a right file.
func TestPullWrongByte(t *testing.T) {
	m := small(t)
	p := puller(t)
	h := newHub(t, &p)
	wrong := bytes.Clone(decoder)
	wrong[4000] ^= 1
	h.files[decoderPath] = wrong
	old := filepath.Join(p.Store.own("small"), "a-encoder.onnx")
	writeFile(t, old, []byte("old"))
	err := p.Pull(t.Context(), "small", "")
	if !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), "a-decoder.onnx") ||
		!strings.Contains(err.Error(), m.Files[1].SHA256) || !strings.Contains(err.Error(), fileOf("", wrong).SHA256) {
		t.Errorf("it says %v", err)
	}
	if b, err := os.ReadFile(old); string(b) != "old" {
		t.Errorf("the old model is gone: %v", err)
	}
	h.files[decoderPath] = decoder
	if err := p.Pull(t.Context(), "small", ""); err != nil {
		t.Fatal(err)
	}
	checkSmall(t, p.Store)
}

// TestPullFrom checks that a model comes from any archive or folder that has its files,
// under any names, and that each wrong one is refused and leaves nothing.
func TestPullFrom(t *testing.T) {
	m := small(t)
	good := map[string][]byte{"package/x/e.onnx": encoder, "package/d.bin": decoder, "package/same-size": noise(5, 5000), "LICENSE": []byte("MIT")}
	wrong := bytes.Clone(encoder)
	wrong[7] ^= 1
	bad := map[string][]byte{"package/x/e.onnx": wrong, "package/d.bin": decoder}
	dir := t.TempDir()
	for name, b := range good {
		writeFile(t, filepath.Join(dir, "folder", name), b)
	}
	write := func(name string, b []byte) string {
		writeFile(t, filepath.Join(dir, name), b)
		return filepath.Join(dir, name)
	}
	web, address := serveFiles(t, pack(t, good))
	_ = web
	_, badAddress := serveFiles(t, pack(t, bad))
	truncated := pack(t, good)
	for _, tt := range []struct {
		name, from string
		says       []string // nil: it is taken
	}{
		{"tarball", write("a.tgz", pack(t, good)), nil},
		{"zip", write("a.zip", zipped(t, good)), nil},
		{"folder", filepath.Join(dir, "folder"), nil},
		{"address", address, nil},
		{"a wrong byte", write("b.tgz", pack(t, bad)), []string{"a-encoder.onnx", m.Files[0].SHA256, fileOf("", wrong).SHA256}},
		{"a wrong byte at an address", badAddress, []string{"a-encoder.onnx", m.Files[0].SHA256}},
		{"cut", write("c.tgz", truncated[:len(truncated)/2]), []string{"broken"}},
		{"no archive", write("d.tgz", []byte("hello")), []string{"not an archive"}},
		{"none of its files", write("e.tgz", pack(t, map[string][]byte{"a.onnx": noise(1, 10)})), []string{"it lacks a-encoder.onnx"}},
		{"nothing", filepath.Join(dir, "nowhere"), []string{"no such file"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := puller(t)
			err := p.Pull(t.Context(), "small", tt.from)
			if tt.says == nil {
				if err != nil {
					t.Fatal(err)
				}
				checkSmall(t, p.Store)
				checkOnly(t, p.Store, "small")
				return
			}
			if err == nil {
				t.Fatal("it was taken")
			}
			for _, s := range tt.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("it says %v, not %q", err, s)
				}
			}
			checkOnly(t, p.Store)
			if left, _ := os.ReadDir(p.Cache); len(left) > 0 {
				t.Errorf("left in the cache: %v", left)
			}
		})
	}
}

// TestPullOtherSet checks that a model with several sets of files is taken with the set
// that is complete, without files of another.
func TestPullOtherSet(t *testing.T) {
	small(t)
	again := noise(8, 6000)
	published[0].others = [][]File{{published[0].Files[0], fileOf("a-decoder.onnx", again), published[0].Files[2]}}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "e"), encoder)
	writeFile(t, filepath.Join(dir, "d"), again)
	writeFile(t, filepath.Join(dir, "SOURCE"), []byte("made here\nof that\n"))
	p := puller(t)
	if err := p.Pull(t.Context(), "small", dir); err != nil {
		t.Fatal(err)
	}
	checkSmall(t, p.Store)
	m, err := p.Store.Lookup("small")
	if err != nil || m.Source != "made here" || m.Files[1].Size != 6000 {
		t.Errorf("%+v: %v", m, err)
	}
}

// TestPullFullDiskPinned checks that a full disk ends the download with that reason.
func TestPullFullDiskPinned(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	small(t)
	p := puller(t)
	newHub(t, &p)
	folder := filepath.Join(p.Store.Dir, ".pull-small")
	if err := errors.Join(os.MkdirAll(folder, 0o755), os.Symlink("/dev/full", filepath.Join(folder, "a-encoder.onnx.part"))); err != nil {
		t.Fatal(err)
	}
	if err := p.Pull(t.Context(), "small", ""); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	if _, err := os.Stat(p.Store.own("small")); err == nil {
		t.Error("the model is there")
	}
	published[0].Files[0].Size = 1 << 60
	if err := p.Pull(t.Context(), "small", ""); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "MB free") {
		t.Errorf("a model larger than the disk: %v", err)
	}
}

// TestPullTwiceAtOnce checks that two calls do not write into the same files.
func TestPullTwiceAtOnce(t *testing.T) {
	small(t)
	p := puller(t)
	newHub(t, &p)
	var second error
	p.Progress = func(string, int64, int64) {
		if second == nil {
			q := p
			q.Progress = nil
			second = q.Pull(t.Context(), "small", "")
		}
	}
	if err := p.Pull(t.Context(), "small", ""); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(second, ErrBusy) {
		t.Errorf("the second call: %v", second)
	}
	checkSmall(t, p.Store)
}

// TestSystem checks that models of the system are found and only read, and that those of
// the user come first.
func TestSystem(t *testing.T) {
	small(t)
	p := puller(t)
	newHub(t, &p)
	if err := p.Pull(t.Context(), "small", ""); err != nil {
		t.Fatal(err)
	}
	system := p.Store.Dir
	p.Store = Store{Dir: filepath.Join(t.TempDir(), "models"), System: []string{"/nowhere", system}}
	checkSmall(t, p.Store)
	if folder := p.Store.Folder("small"); folder != filepath.Join(system, "small") {
		t.Errorf("found in %s", folder)
	}
	if all := p.Store.Installed(); len(all) != 1 || all[0].Name != "small" {
		t.Errorf("installed %v", all)
	}
	if err := p.Pull(t.Context(), "small", ""); err != nil {
		t.Error(err)
	}
	checkOnly(t, p.Store) // it is there
	writeFile(t, filepath.Join(system, "small", "a-decoder.onnx"), []byte("broken"))
	if err := p.Pull(t.Context(), "small", ""); err != nil {
		t.Error(err)
	}
	checkOnly(t, p.Store, "small")
	checkSmall(t, p.Store)
	if b, err := os.ReadFile(filepath.Join(system, "small", "a-decoder.onnx")); string(b) != "broken" {
		t.Errorf("a file of the system was changed: %v", err)
	}
	if all := p.Store.Installed(); len(all) != 1 {
		t.Errorf("installed %v", all)
	}
}

// TestDefaultStore checks the folders of the XDG Base Directory Specification.
func TestDefaultStore(t *testing.T) {
	t.Setenv("HOME", "/h")
	t.Setenv("XDG_DATA_HOME", "")
	for dirs, want := range map[string][]string{
		"":             {"/usr/local/share/vocoder/models", "/usr/share/vocoder/models"},
		"/a:relative:": {"/a/vocoder/models"},
	} {
		t.Setenv("XDG_DATA_DIRS", dirs)
		s, err := DefaultStore()
		if err != nil || s.Dir != "/h/.local/share/vocoder/models" || !slices.Equal(s.System, want) {
			t.Errorf("%q: %+v, %v", dirs, s, err)
		}
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
			s := Store{Dir: t.TempDir()}
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
	if err := (Store{Dir: t.TempDir()}).Verify("whisper-huge"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

// TestCatalog checks that each model is pinned and described, and that its files are those
// of its kind.
func TestCatalog(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Catalog() {
		if seen[m.Name] || !names.MatchString(m.Name) || m.Title == "" || m.License == "" || len(m.Languages) == 0 || !m.Pinned() {
			t.Errorf("%+v", m)
		}
		seen[m.Name] = true
		if len(m.hub.commit) != 40 {
			t.Errorf("%s: commit %q", m.Name, m.hub.commit)
		}
		for _, set := range m.sets() {
			if kind, _, err := (Model{Name: m.Name, Kind: m.Kind, Files: set}).Roles(); err != nil || kind != m.Kind {
				t.Errorf("%s: its files are of kind %q (%v), want %q", m.Name, kind, err, m.Kind)
			}
			for _, f := range set {
				if b, err := hex.DecodeString(f.SHA256); err != nil || len(b) != 32 || f.Size == 0 || f.Name != filepath.Base(f.Name) {
					t.Errorf("%s: not pinned: %+v", m.Name, f)
				}
			}
		}
		for name, b := range m.brought {
			content, err := unzip(b)
			if err != nil || !slices.Contains(m.Files, fileOf(name, content)) {
				t.Errorf("%s: %s is not the pinned file (%v)", m.Name, name, err)
			}
		}
		for name := range m.hub.paths {
			if !slices.ContainsFunc(m.Files, func(f File) bool { return f.Name == name }) {
				t.Errorf("%s has no %s", m.Name, name)
			}
		}
	}
}

// TestMadeHere checks that the files that `make model` makes are known.
func TestMadeHere(t *testing.T) {
	b, err := os.ReadFile("../export/sums.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range madeHere {
		if !strings.Contains(string(b), f.SHA256+"  "+f.Name+"\n") {
			t.Errorf("%s is not in sums.txt with %s", f.Name, f.SHA256)
		}
	}
}
