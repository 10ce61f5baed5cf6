package recognition

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/test/recognizer"
)

// Probe accepts a recognizer, and no server that gives its answer to anything.
func TestProbe(t *testing.T) {
	always := func(kind, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	for name, tt := range map[string]struct {
		url  string
		good bool
	}{
		"a recognizer":       {(&recognizer.Server{Says: "Hm."}).Start(t) + "/v1/transcribe", true},
		"says OK":            {always("text/plain", "OK") + "/inference", false},
		"says OK as JSON":    {always("application/json", `"OK"`) + "/v1/audio/transcriptions", false},
		"says nothing":       {always("text/plain", "") + "/asr", false},
		"a page":             {always("text/html", "<!doctype html>") + "/inference", false},
		"a service's status": {always("application/json", `{"message":"welcome"}`) + "/v1/transcribe", false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settings.Default()
			server := cfg.Whisper[0]
			server.URL = tt.url
			if _, _, err := Probe(t.Context(), noEnv, cfg, server); (err == nil) != tt.good {
				t.Errorf("got %v", err)
			}
		})
	}
}
