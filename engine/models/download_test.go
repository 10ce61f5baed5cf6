package models

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// noise returns n bytes, different for each seed.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func fileOf(name string, b []byte) File {
	sum := sha256.Sum256(b)
	return File{Name: name, Size: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}
}

// serveFile answers like a package registry, with whole files and ranges.
func serveFile(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
	}
}

// hangUp sends at most n bytes of each answer.
func hangUp(h http.Handler, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(&shortWriter{w, n}, r)
	}
}

type shortWriter struct {
	http.ResponseWriter
	left int
}

func (w *shortWriter) Write(b []byte) (int, error) {
	if len(b) > w.left {
		_, _ = w.ResponseWriter.Write(b[:w.left])
		w.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	w.left -= len(b)
	return w.ResponseWriter.Write(b)
}

func TestDownload(t *testing.T) {
	want := noise(1, 300_000)
	other := noise(2, 300_000)
	// late sends the bytes from 200000 for every range.
	late := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			r.Header.Set("Range", "bytes=200000-")
		}
		serveFile(want)(w, r)
	}
	whole := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(want) }
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		part    []byte // of an earlier attempt
		ok      bool
		left    int64 // length of the part after a failure
	}{
		{name: "whole", handler: serveFile(want), ok: true},
		{name: "goes on from a part", handler: serveFile(want), part: want[:100_000], ok: true},
		{name: "part is complete", handler: http.NotFound, part: want, ok: true},
		{name: "connection breaks every 70 kB", handler: hangUp(serveFile(want), 70_000), ok: true},
		{name: "server knows no ranges", handler: whole, part: want[:100_000], ok: true},
		{name: "server sends another range", handler: late, part: want[:100_000], ok: true},
		{name: "another file", handler: serveFile(other)},
		{name: "part of another file", handler: serveFile(want), part: other[:100_000]},
		{name: "too long", handler: serveFile(append(want, 1))},
		{name: "not found", handler: http.NotFound, part: want[:9], left: 9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := httptest.NewServer(tt.handler)
			defer s.Close()
			path := filepath.Join(t.TempDir(), "cache", "file")
			d := &download{client: s.Client(), url: s.URL, path: path, file: fileOf("file", want)}
			if tt.part != nil {
				writeFile(t, d.part(), tt.part)
			}
			err := d.run(t.Context())
			if (err == nil) != tt.ok {
				t.Fatalf("error %v, want none: %v", err, tt.ok)
			}
			got, _ := os.ReadFile(path)
			if tt.ok && !bytes.Equal(got, want) {
				t.Errorf("got %d bytes, not the file", len(got))
			}
			if !tt.ok && got != nil {
				t.Error("a wrong file got its name")
			}
			if left := sizeOf(d.part()); left != tt.left {
				t.Errorf("%d bytes left of the part, want %d", left, tt.left)
			}
		})
	}
}

func writeFile(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// The second run sends no request.
func TestDownloadTwice(t *testing.T) {
	want := noise(1, 1000)
	s := httptest.NewServer(serveFile(want))
	var last int64
	d := &download{client: s.Client(), url: s.URL, path: filepath.Join(t.TempDir(), "file"), file: fileOf("file", want),
		progress: func(_ string, done, _ int64) { last = done }}
	if err := d.run(t.Context()); err != nil || last != 1000 {
		t.Fatalf("%v, progress ends at %d", err, last)
	}
	s.Close()
	if err := d.run(t.Context()); err != nil {
		t.Error(err)
	}
}

// An interrupted download keeps the received bytes.
func TestDownloadInterrupted(t *testing.T) {
	want := noise(1, 300_000)
	ctx, cancel := context.WithCancel(t.Context())
	s := httptest.NewServer(hangUp(serveFile(want), 200_000))
	defer s.Close()
	d := &download{client: s.Client(), url: s.URL, path: filepath.Join(t.TempDir(), "file"), file: fileOf("file", want),
		progress: func(_ string, done, _ int64) {
			if done >= 100_000 {
				cancel()
			}
		}}
	if err := d.run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if n := sizeOf(d.part()); n < 100_000 || n >= 300_000 {
		t.Errorf("%d bytes kept", n)
	}
}

// A trip is a fake http.RoundTripper.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// If there is no server, there are five attempts, with pauses of 1, 2, 4 and 8 seconds.
func TestDownloadGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, begin := 0, time.Now()
		client := &http.Client{Transport: trip(func(*http.Request) (*http.Response, error) {
			asked++
			return nil, errors.New("no route to host")
		})}
		d := &download{client: client, url: "http://nowhere.invalid/", path: filepath.Join(t.TempDir(), "file"), file: File{Name: "file", Size: 10}}
		err := d.run(t.Context())
		if err == nil || asked != 5 || time.Since(begin) != 15*time.Second {
			t.Errorf("%v after %d tries and %v", err, asked, time.Since(begin))
		}
	})
}

// For a file that is too short there are five attempts. The bytes of each attempt do not
// count as progress.
func TestDownloadTooShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		client := &http.Client{Transport: trip(func(r *http.Request) (*http.Response, error) {
			asked++
			w := httptest.NewRecorder()
			serveFile(noise(1, 5))(w, r)
			return w.Result(), nil
		})}
		d := &download{client: client, url: "http://nowhere.invalid/", path: filepath.Join(t.TempDir(), "file"), file: File{Name: "file", Size: 10}}
		if err := d.run(t.Context()); err == nil || asked > 10 {
			t.Errorf("%v after %d requests", err, asked)
		}
	})
}

// A connection without data is given up.
func TestDownloadStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Transport: trip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(readerFunc(func([]byte) (int, error) {
				<-r.Context().Done()
				return 0, context.Cause(r.Context())
			}))}, nil
		})}
		d := &download{client: client, url: "http://nowhere.invalid/", path: filepath.Join(t.TempDir(), "file"), file: File{Name: "file", Size: 10}}
		if err := d.run(t.Context()); err == nil || !strings.Contains(fmt.Sprint(err), "no data for 30s") {
			t.Error(err)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestNeedSpace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there")
	if err := needSpace(dir, 1); err != nil {
		t.Error(err)
	}
	if err := needSpace(dir, 1<<60); err == nil {
		t.Error("a disk has room for an exabyte")
	}
}
