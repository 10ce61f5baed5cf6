package models

import (
	"archive/tar"
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFirstDownloadIsWrong checks that nothing is believed of a download of which no model
// can be made, so that the next one is fetched and used.
func TestFirstDownloadIsWrong(t *testing.T) {
	good := pack(t, whisper())
	for _, tt := range []struct {
		name, says string
		wrong      []byte
		want       error
	}{
		{"a page to log in", "web page", []byte(" <!doctype html><title>Log in to the network</title>"), ErrBroken},
		{"a file that was cut", "", good[:len(good)/2], ErrBroken},
		{"an archive of something else", "", pack(t, map[string][]byte{"a/b.txt": nil}), ErrForeign},
		{"nothing but text", "", []byte("hello"), ErrBroken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			web, address := serveFiles(t, tt.wrong)
			p := puller(t)
			if err := p.Pull(t.Context(), "mine", address); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v", err)
			}
			if sum, err := p.Store.recorded(address); sum != "" || err != nil {
				t.Errorf("recorded: %s (%v)", sum, err)
			}
			web.content.Store(&good)
			if err := p.Pull(t.Context(), "mine", address); err != nil {
				t.Errorf("the file is right now: %v", err)
			}
			if sum, err := p.Store.recorded(address); sum != fileOf("", good).SHA256 {
				t.Errorf("recorded: %s (%v)", sum, err)
			}
			if left, _ := os.ReadDir(p.Cache); len(left) > 0 {
				t.Errorf("left in the cache: %v", left)
			}
		})
	}
}

// TestOtherFileLater checks that the error says where the checksum is, since only the user
// knows whether the publisher has changed the file.
func TestOtherFileLater(t *testing.T) {
	good := pack(t, whisper())
	web, address := serveFiles(t, good)
	p := puller(t)
	if err := p.Pull(t.Context(), "mine", address); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(p.Store.Folder("mine")); err != nil {
		t.Fatal(err)
	}
	other := noise(3, len(good))
	web.content.Store(&other)
	if err := p.Pull(t.Context(), "mine", address); !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), filepath.Join(p.Store.Dir, sums)) {
		t.Error(err)
	}
}

// TestOnlyGET checks that no HEAD is needed: addresses that are signed for GET refuse it, and
// other servers answer it with another length.
func TestOnlyGET(t *testing.T) {
	good := pack(t, whisper())
	for name, head := range map[string]http.HandlerFunc{
		"refused": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"shorter": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1000") },
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					head(w, r)
					return
				}
				serveFile(good)(w, r)
			}))
			t.Cleanup(s.Close)
			if err := puller(t).Pull(t.Context(), "mine", s.URL+"/m.tar.gz"); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMixedVersions checks that a file is never put together of two versions. Where the
// server names its versions, a download goes on after an interruption.
func TestMixedVersions(t *testing.T) {
	a, b := noise(1, 300_000), noise(2, 300_000)
	early, late := time.Unix(1e9, 0), time.Unix(2e9, 0)
	serve := func(content []byte, tag string, at time.Time, ranges bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if tag != "" {
				w.Header().Set("ETag", tag)
			}
			if !ranges {
				r.Header.Del("If-Range") // a server that does not know it
			}
			http.ServeContent(w, r, "", at, bytes.NewReader(content))
		}
	}
	for _, tt := range []struct {
		name          string
		first, second http.HandlerFunc
		want          []byte
		resumed       bool
	}{
		{"no names", serve(a, "", time.Time{}, true), serve(b, "", time.Time{}, true), b, false},
		{"other tag", serve(a, `"1"`, early, true), serve(b, `"2"`, early, true), b, false},
		{"other date", serve(a, "", early, true), serve(b, "", late, true), b, false},
		{"weak tags", serve(a, `W/"1"`, time.Time{}, true), serve(b, `W/"1"`, time.Time{}, true), b, false},
		{"no If-Range", serve(a, `"1"`, early, false), serve(b, `"2"`, early, false), b, false},
		{"same tag", serve(a, `"1"`, late, true), serve(a, `"1"`, early, true), a, true},
		{"same date", serve(a, "", early, true), serve(a, "", early, true), a, true},
		{"same date, weak tags", serve(a, `W/"1"`, early, true), serve(a, `W/"2"`, early, true), a, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gets, sent := 0, &counter{}
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if gets++; gets == 1 {
					hangUp(tt.first, 200_000)(w, r)
					return
				}
				sent.ResponseWriter = w
				tt.second(sent, r)
			}))
			t.Cleanup(s.Close)
			d := &download{client: s.Client(), url: s.URL, path: filepath.Join(t.TempDir(), "file")}
			if err := d.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(d.path); err != nil || !bytes.Equal(got, tt.want) {
				t.Errorf("not the file: %d bytes, %v", len(got), err)
			}
			if resumed := sent.n < 200_000; resumed != tt.resumed {
				t.Errorf("%d bytes sent after the interruption", sent.n)
			}
		})
	}
}

// TestCompleteInCache checks that a file that was complete, but could not be unpacked
// because the disk was full, is not sent again.
func TestCompleteInCache(t *testing.T) {
	want := noise(1, 1000)
	web, address := serveFiles(t, want)
	path := filepath.Join(t.TempDir(), "file")
	for i, content := range [][]byte{want, want, noise(2, 1000), noise(3, 900)} {
		web.content.Store(&content)
		before := web.sent.Load()
		d := &download{client: http.DefaultClient, url: address, path: path}
		if err := d.run(t.Context()); err != nil {
			t.Fatal(i, err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d: %d bytes, %v", i, len(got), err)
		}
		if sent := web.sent.Load() - before; (sent < 100) != (i == 1) { // 416 has a few words
			t.Errorf("%d: %d bytes sent", i, sent)
		}
	}
}

// TestFullDisk checks that a write that fails ends the download, and is not tried again.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	gets := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gets++
		serveFile(noise(1, 1000))(w, r)
	}))
	t.Cleanup(s.Close)
	d := &download{client: s.Client(), url: s.URL, path: filepath.Join(t.TempDir(), "file"), file: fileOf("file", noise(1, 1000))}
	if err := os.Symlink("/dev/full", d.part()); err != nil {
		t.Fatal(err)
	}
	err := d.run(t.Context())
	if !errors.Is(err, syscall.ENOSPC) || gets != 1 {
		t.Errorf("%v after %d requests", err, gets)
	}
}

// TestIntakeLimits checks that an archive cannot fill the disk, and that no file is cut.
func TestIntakeLimits(t *testing.T) {
	for _, tt := range []struct {
		name    string
		written int64
		count   int
		ok      bool
	}{
		{"a model", 0, 0, true},
		{"the last byte", maxModel - 10, maxFiles - 1, true},
		{"a byte too many", maxModel - 9, 0, false},
		{"a file too many", 0, maxFiles, false},
	} {
		in := intake{folder: t.TempDir(), files: map[string]File{}, roles: map[string]string{}, written: tt.written, count: tt.count}
		err := in.put("encoder.weights", bytes.NewReader(noise(1, 10)))
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestIntakeTakesFiles checks that a folder or link with the name of a model's file is not
// taken for it.
func TestIntakeTakesFiles(t *testing.T) {
	for _, kind := range []byte{tar.TypeDir, tar.TypeSymlink, tar.TypeLink, tar.TypeChar, tar.TypeFifo} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, name := range []string{"tiny-encoder.onnx", "tiny-decoder.onnx", "tiny-tokens.txt"} {
			if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: kind, Linkname: "/etc/passwd", Mode: 0o644}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "a.tar")
		writeFile(t, path, b.Bytes())
		p := puller(t)
		if err := p.Pull(t.Context(), "mine", path); !errors.Is(err, ErrForeign) {
			t.Errorf("type %q: %v", kind, err)
		}
	}
}
