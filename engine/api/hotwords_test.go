package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/models"
)

func TestHotWords(t *testing.T) {
	for _, tt := range []struct{ lines, want string }{
		{"", ""},
		{"Kubernetes\nkubectl\n", "Kubernetes\nkubectl"},
		{"  Kubernetes :1.5\r\nkubectl:2\n\nkubectl\n", "Kubernetes\nkubectl"},
		{"New York\nfoo: bar\nratio 3:4\n10:30 meeting", "New York\nfoo: bar\nratio 3:4\n10:30 meeting"},
		{"a\xffb\n\xff", "ab"},
	} {
		if got := hotWords(tt.lines); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.lines, got, tt.want)
		}
	}
}

// of returns a server of a model of a kind.
func of(kind string, languages ...string) (Server, *fakeRecognizer) {
	e := twoPieces()
	s, _ := server(e)
	s.Model = func() models.Model {
		return models.Model{Name: "mine", Title: "Mine", Kind: kind, Languages: languages}
	}
	return s, e
}

// TestHotWordsOfKinds: only a model that takes hot words gets them, the reply says which do,
// and no model refuses them.
func TestHotWordsOfKinds(t *testing.T) {
	for kind, takes := range map[string]bool{
		models.KindWhisper: true, models.KindMoonshine: false, models.KindCanary: false, models.KindCohere: false,
		models.KindSenseVoice: false, models.KindCTC: false, "": false,
		models.KindTransducer: true, models.KindNemotron: true, models.KindZipformer: true, models.KindZipformerOnline: true, models.KindQwen3: true,
	} {
		s, e := of(kind, "en")
		w := ask(s, post("/v1/transcribe", "file", string(clip.WAV()), "hotwords", "Kubernetes\nkubectl:2"))
		want := ""
		if takes {
			want = "Kubernetes\nkubectl"
		}
		if w.Code != http.StatusOK || e.asked.HotWords != want {
			t.Errorf("%s: %d, %q, want %q", kind, w.Code, e.asked.HotWords, want)
		}
		for _, path := range []string{"/health", "/v1/models/mine"} {
			var body struct{ Hotwords any }
			if err := json.Unmarshal(ask(s, httptest.NewRequest(http.MethodGet, path, nil)).Body.Bytes(), &body); err != nil || body.Hotwords != takes {
				t.Errorf("%s of %s: %v, %v", path, kind, body.Hotwords, err)
			}
		}
	}
	s, _ := of(models.KindTransducer, "en")
	for bytes, status := range map[int]int{maxWords: http.StatusOK, maxWords + 1: http.StatusBadRequest} {
		if w := ask(s, post("/v1/transcribe", "file", string(clip.WAV()), "hotwords", strings.Repeat("x", bytes))); w.Code != status {
			t.Errorf("%d bytes of hot words: %d, want %d", bytes, w.Code, status)
		}
	}
}

// TestLanguageRequired: a model that does not detect the language is never asked without
// one. It would take every language for English.
func TestLanguageRequired(t *testing.T) {
	european := []string{"en", "de", "es", "fr"}
	for _, tt := range []struct {
		kind      string
		languages []string
		required  bool
	}{
		{models.KindCanary, european, true},
		{models.KindCohere, european, true},
		{models.KindCanary, []string{"en"}, false},
		{models.KindWhisper, european, false},
		{models.KindTransducer, european, false},
		{models.KindSenseVoice, european, false},
		{models.KindMoonshine, []string{"en"}, false},
	} {
		for _, language := range []string{"", "auto"} {
			s, e := of(tt.kind, tt.languages...)
			w := ask(s, post("/v1/transcribe", "file", string(clip.WAV()), "language", language))
			refused := w.Code == http.StatusBadRequest && strings.Contains(w.Body.String(), `"code":"language_required"`) && e.heard.Rate == 0
			if refused != tt.required || !refused && w.Code != http.StatusOK {
				t.Errorf("%s with %q: %d %s", tt.kind, language, w.Code, w.Body)
			}
		}
		s, e := of(tt.kind, tt.languages...)
		last := tt.languages[len(tt.languages)-1]
		if w := ask(s, post("/v1/transcribe", "file", string(clip.WAV()), "language", last)); w.Code != http.StatusOK || e.asked.Language != last {
			t.Errorf("%s with %s: %d, %q", tt.kind, last, w.Code, e.asked.Language)
		}
		var body struct {
			Required any `json:"language_required"`
		}
		if err := json.Unmarshal(ask(s, httptest.NewRequest(http.MethodGet, "/health", nil)).Body.Bytes(), &body); err != nil || body.Required != tt.required {
			t.Errorf("%s: language_required %v, %v", tt.kind, body.Required, err)
		}
		if translates := tt.kind == models.KindCanary && len(tt.languages) > 1 || tt.kind == models.KindWhisper; slices.Contains(s.Model().Tasks(), models.Translate) != translates {
			t.Errorf("%s: tasks %v", tt.kind, s.Model().Tasks())
		}
	}
}
