package main

import (
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// babble is noise that is long enough for the model.
func babble() pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range c.Samples {
		c.Samples[i] = int16(r.IntN(2000) - 1000)
	}
	return c
}

// fill puts files into a new folder.
func fill(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestBroken checks that with any broken model the server answers each clip with 503 and
// continues. Native code, which ends its process on such files, runs in the worker.
func TestBroken(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string // nil: there is no model
		spoil func(t *testing.T, s models.Store)
	}{
		{name: "no such model"},
		{name: "whisper of garbage", files: map[string]string{"a-encoder.onnx": "garbage", "a-decoder.onnx": "garbage", "a-tokens.txt": "a 0\n"}},
		{name: "transducer of garbage", files: map[string]string{"encoder.int8.onnx": "", "decoder.int8.onnx": "", "joiner.int8.onnx": "", "tokens.txt": ""}},
		{name: "moonshine of garbage", files: map[string]string{"preprocess.onnx": "x", "encode.onnx": "x", "uncached_decode.onnx": "x", "cached_decode.onnx": "x", "tokens.txt": ""}},
		{name: "ctc of garbage", files: map[string]string{"model.onnx": "garbage", "tokens.txt": "a 0\n"}},
		{name: "changed since", files: map[string]string{"model.onnx": "garbage", "tokens.txt": "a 0\n"}, spoil: func(t *testing.T, s models.Store) {
			if err := os.WriteFile(filepath.Join(s.Folder("mine"), "tokens.txt"), []byte("b 0\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "record broken", files: map[string]string{"model.onnx": "garbage", "tokens.txt": "a 0\n"}, spoil: func(t *testing.T, s models.Store) {
			if err := os.WriteFile(filepath.Join(s.Folder("mine"), "model.json"), []byte("{"), 0o644); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := models.Store{Dir: t.TempDir()}
			if tt.files != nil {
				p := models.Puller{Store: s, Cache: t.TempDir()}
				if err := p.Pull(t.Context(), "mine", fill(t, tt.files)); err != nil {
					t.Fatal(err)
				}
			}
			if tt.spoil != nil {
				tt.spoil(t, s)
			}
			e := startEngineWith(t, s, serveFlags{model: "mine", threads: 1})
			defer e.end()
			for range 2 {
				if status, _ := e.transcribe(t, babble()); status != http.StatusServiceUnavailable {
					t.Errorf("status %d, want 503", status)
				}
			}
			resp, err := e.client.Get("http://engine/health")
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("health %d, want 503", resp.StatusCode)
			}
		})
	}
}

// TestRealBrought checks that a server without a model uses a model that the user adds from
// a folder, without a restart.
func TestRealBrought(t *testing.T) {
	real := realModel(t)
	s := models.Store{Dir: t.TempDir()}
	e := startEngineWith(t, s, serveFlags{model: "mine", threads: 2})
	defer e.end()
	clip := sentences(t)[0]
	if status, _ := e.transcribe(t, clip.clip); status != http.StatusServiceUnavailable {
		t.Errorf("status %d without a model", status)
	}
	p := models.Puller{Store: s, Cache: t.TempDir()}
	if err := p.Pull(t.Context(), "mine", real.Folder(models.Default)); err != nil {
		t.Fatal(err)
	}
	status, text := e.transcribe(t, clip.clip)
	if n := distance(clip.words, normal(text)); status != http.StatusOK || 4*n > len(clip.words) {
		t.Errorf("status %d, %d of %d words wrong", status, n, len(clip.words))
	}
}
