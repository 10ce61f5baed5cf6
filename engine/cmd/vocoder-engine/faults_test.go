package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/engine/internal/librarytest"
	"github.com/arealicehole/vocoder/engine/internal/onnxtest"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
)

// pullMade puts a made model into a store, under the name "made".
func pullMade(t *testing.T, s models.Store, build func(testing.TB, string)) {
	t.Helper()
	from := t.TempDir()
	build(t, from)
	p := models.Puller{Store: s, Cache: t.TempDir()}
	if err := p.Pull(t.Context(), "made", from); err != nil {
		t.Fatal(err)
	}
}

// startMade starts the engine with a made model.
func startMade(t *testing.T, build func(testing.TB, string), idle time.Duration) (engine, models.Store) {
	t.Helper()
	librarytest.Need(t)
	s := models.Store{Dir: t.TempDir()}
	pullMade(t, s, build)
	return startEngineWith(t, s, serveFlags{model: "made", threads: 1, idle: idle}), s
}

// A health is the reply of /health.
type health struct {
	Loaded      bool
	Error, Code string
	Hotwords    bool
	Languages   []string
	Tasks       []string
}

func (e engine) health(t *testing.T) (status int, h health) {
	t.Helper()
	resp, err := e.client.Get("http://engine/health")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&h); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, h
}

// TestMade asks models of other kinds than Whisper over HTTP, with language, task and hot
// words.
func TestMade(t *testing.T) {
	for _, tt := range []struct {
		name   string
		build  func(testing.TB, string)
		fields []string
		status int
		want   string // the text, or the code of the error
	}{
		{"canary", onnxtest.Canary, []string{"language", "de"}, 200, "from-de to-de"},
		{"canary translates", onnxtest.Canary, []string{"language", "fr", "task", "translate"}, 200, "from-fr to-en"},
		{"canary without language", onnxtest.Canary, nil, 400, "language_required"},
		{"canary, Italian", onnxtest.Canary, []string{"language", "it"}, 400, "unsupported_language"},
		{"parakeet", onnxtest.Transducer, []string{"language", "de"}, 200, "alpha"},
		{"parakeet, hot words", onnxtest.Transducer, []string{"hotwords", "beta:2\ngamma"}, 200, "beta"},
		{"parakeet cannot translate", onnxtest.Transducer, []string{"task", "translate"}, 400, "unsupported_task"},
		{"nemotron, German", onnxtest.Nemotron, []string{"language", "de-AT"}, 200, "beta"},
		{"nemotron, French", onnxtest.Nemotron, []string{"language", "fr"}, 400, "unsupported_language"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := startMade(t, tt.build, 0)
			defer e.end()
			status, a := e.ask(t, babble(), tt.fields...)
			if status != tt.status || a.Text+a.Error.Code != tt.want {
				t.Errorf("%d %q %+v, want %d %q", status, a.Text, a.Error, tt.status, tt.want)
			}
		})
	}
}

// TestRemoved: a model that is removed while it is loaded still answers. When it is not
// loaded, the error says that it is missing and what to do, and the engine uses it, or
// another one under its name, when it is there again.
func TestRemoved(t *testing.T) {
	e, s := startMade(t, onnxtest.CTC, time.Millisecond)
	defer e.end()
	if status, text := e.transcribe(t, babble()); status != http.StatusOK || text != "alpha" {
		t.Fatalf("%d %q", status, text)
	}
	if err := os.RemoveAll(s.Folder("made")); err != nil {
		t.Fatal(err)
	}
	unloaded(t, e)
	for range 2 {
		status, a := e.ask(t, babble(), "language", "en")
		if status != http.StatusServiceUnavailable || a.Error.Code != "model_not_found" || !strings.Contains(a.Error.Message, "made") {
			t.Errorf("removed: %d %+v", status, a.Error)
		}
	}
	if status, h := e.health(t); status != http.StatusServiceUnavailable || h.Code != "model_not_found" {
		t.Errorf("removed: health %d %+v", status, h)
	}
	pullMade(t, s, onnxtest.Canary)
	if status, a := e.ask(t, babble(), "language", "de"); status != http.StatusOK || a.Text != "from-de to-de" {
		t.Errorf("another model under its name: %d %+v", status, a)
	}
	if status, h := e.health(t); status != http.StatusOK || len(h.Tasks) != 2 {
		t.Errorf("another model under its name: health %d %+v", status, h)
	}
}

// TestRemovedWhileLoaded: a loaded model needs its files no more.
func TestRemovedWhileLoaded(t *testing.T) {
	e, s := startMade(t, onnxtest.CTC, 0)
	defer e.end()
	for range 2 {
		if status, text := e.transcribe(t, babble()); status != http.StatusOK || text != "alpha" {
			t.Errorf("%d %q", status, text)
		}
		if err := os.RemoveAll(s.Folder("made")); err != nil {
			t.Fatal(err)
		}
	}
}

// unloaded waits until the model is unloaded.
func unloaded(t *testing.T, e engine) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); {
		if _, h := e.health(t); !h.Loaded {
			return
		}
	}
	t.Fatal("the model stays loaded")
}

// TestChecksum: a file that changed names itself and what to do.
func TestChecksum(t *testing.T) {
	e, s := startMade(t, onnxtest.CTC, time.Millisecond)
	defer e.end()
	path := filepath.Join(s.Folder("made"), "model.int8.onnx")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	status, a := e.ask(t, babble(), "language", "en")
	for _, part := range []string{"model.int8.onnx", "SHA-256", "vocoder-engine models pull made"} {
		if status != http.StatusServiceUnavailable || a.Error.Code != "model_not_found" || !strings.Contains(a.Error.Message, part) {
			t.Errorf("%d %+v, want %q", status, a.Error, part)
		}
	}
}

// TestNoLibrary: without the library each clip gets an error that says so, and when the
// library is there the engine uses it without a restart.
func TestNoLibrary(t *testing.T) {
	whole := librarytest.Need(t)
	folder := t.TempDir()
	t.Setenv(sherpa.LibraryVariable, folder)
	e, _ := startMade(t, onnxtest.CTC, 0)
	defer e.end()
	status, a := e.ask(t, babble(), "language", "en")
	if status != http.StatusServiceUnavailable || !strings.Contains(a.Error.Message, "libsherpa-onnx-c-api.so") || !strings.Contains(a.Error.Message, folder) {
		t.Errorf("%d %+v", status, a.Error)
	}
	for _, name := range []string{"libsherpa-onnx-c-api.so", "libonnxruntime.so"} {
		if err := os.Symlink(filepath.Join(whole, name), filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if status, text := e.transcribe(t, babble()); status != http.StatusOK || text != "alpha" {
		t.Errorf("%d %q", status, text)
	}
}

// TestFlood: of 200 requests at once each gets its text, or the error that too many wait, and
// the engine still works.
func TestFlood(t *testing.T) {
	e, _ := startMade(t, onnxtest.CTC, 0)
	defer e.end()
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[string]int{}
	begin := make(chan struct{})
	for range 200 {
		wg.Go(func() {
			<-begin
			status, a := e.ask(t, babble(), "language", "en")
			mu.Lock()
			defer mu.Unlock()
			got[strconv.Itoa(status)+" "+a.Text+a.Error.Code]++
		})
	}
	close(begin)
	wg.Wait()
	if got["200 alpha"] == 0 || got["200 alpha"]+got["503 busy"] != 200 {
		t.Errorf("%v", got)
	}
	t.Logf("%v", got)
	if status, text := e.transcribe(t, babble()); status != http.StatusOK || text != "alpha" {
		t.Errorf("afterwards: %d %q", status, text)
	}
}
