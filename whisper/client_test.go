package whisper

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// speech is a clip of n milliseconds.
func speech(ms int) pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate*ms/1000)}
	for i := range c.Samples {
		c.Samples[i] = int16(8000 * ((i/40)%2*2 - 1))
	}
	c.Voice = voiced(ms, 0, ms)
	return c
}

// client makes a Client that is closed at the end of the test.
func client(t *testing.T, all ...Config) *Client {
	t.Helper()
	c, err := New(all...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve starts a server for the test.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// says answers every request with a body.
func says(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// The form that the replaced program sent, field by field.
func TestPredecessorsForm(t *testing.T) {
	clip := speech(300)
	var fields map[string][]string
	var sound []byte
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/transcribe" || r.ContentLength <= 0 {
			t.Errorf("%s %s, %d bytes", r.Method, r.URL.Path, r.ContentLength)
		}
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
			return
		}
		fields = r.MultipartForm.Value
		f, h, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		if h.Filename != "speech.wav" || h.Header.Get("Content-Type") != "audio/wav" {
			t.Error(h.Filename, h.Header)
		}
		sound, _ = io.ReadAll(f)
		says(200, "application/json", `{"text": " Hello\nthere. "}`)(w, r)
	})
	got, err := client(t, Config{URL: s.URL + "/v1/transcribe", Language: language.Of("en")}).Transcribe(t.Context(), clip)
	if err != nil || got != "Hello there." {
		t.Errorf("%q, %v", got, err)
	}
	want := map[string][]string{"format": {"json"}, "language": {"en"}, "diarize": {"false"}, "model": {"small"}}
	if !reflect.DeepEqual(fields, want) {
		t.Errorf("%v, want %v", fields, want)
	}
	if !bytes.Equal(sound, clip.WAV()) {
		t.Errorf("%d bytes of sound, want %d", len(sound), len(clip.WAV()))
	}
}

func TestKeepAlive(t *testing.T) {
	conns := map[string]bool{}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conns[r.RemoteAddr] = true
		says(200, "text/plain", "Yes.")(w, r)
	})
	c := client(t, Config{URL: s.URL + "/v1/transcribe"})
	c.Connect(t.Context())
	for range 3 {
		if _, err := c.Transcribe(t.Context(), speech(300)); err != nil {
			t.Fatal(err)
		}
	}
	if len(conns) != 1 {
		t.Errorf("%d connections, want 1", len(conns))
	}
}

// An empty clip is silence, and no recognizer is asked.
func TestEmptyClip(t *testing.T) {
	got, err := client(t, Config{URL: "http://127.0.0.1:1"}).Transcribe(t.Context(), pcm.Clip{})
	if got != "" || err != nil {
		t.Error(got, err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})
	begin := time.Now()
	_, err := client(t, Config{URL: s.URL}).Transcribe(ctx, speech(300))
	if !errors.Is(err, context.Canceled) || time.Since(begin) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

// Words that no log and no error may hold: what was said, what the server says,
// and the key.
func TestCanary(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, h := range []http.HandlerFunc{
		says(200, "application/json", `{"text":"canary"}`),
		says(200, "application/json", `{"text":canary}`),
		says(200, "text/html", `<html>canary`),
		says(500, "text/plain", "canary"),
		says(401, "application/json", `{"error":{"message":"canary"}}`),
		says(404, "application/json", `{"detail":"Model canary is not installed"}`),
		func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "http://canary/", http.StatusFound) },
		func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, "canary canary canary\r\n")
			_ = conn.Close()
		},
	} {
		s := serve(t, h)
		_, err := client(t, Config{URL: s.URL + "/v1/transcribe?token=canary", Prompt: "canary", Log: logger}).Once().Transcribe(t.Context(), speech(300))
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("error: %v", err)
		}
	}
	if strings.Contains(log.String(), "canary") {
		t.Errorf("log: %s", log.String())
	}
	if !strings.Contains(log.String(), "recognizer asked") {
		t.Error("nothing was logged")
	}
}
