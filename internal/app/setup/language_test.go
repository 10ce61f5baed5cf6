package setup

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
)

// TestSetupLanguage: what setup proposes as the language, what it writes, and how it
// handles a wrong answer.
func TestSetupLanguage(t *testing.T) {
	for _, tt := range []struct {
		name, typed, was string // was is what the settings say
		locale           string
		layouts          string // each with a space between
		flag             string
		asks             string // what is proposed; empty if it is not asked
		want             string // of whisper.language in the file
		spoken           string
	}{
		{"the locale", "\n", "", "es_MX.UTF-8", "es", "", "[es]", "locale", "es"},
		{"the locale, named", "es\n", "", "es_MX.UTF-8", "es", "", "[es]", "es", "es"},
		{"two layouts", "\n", "", "es_MX.UTF-8", "es en", "", "[es, en]", "es, en", "es,en"},
		{"two layouts, one wanted", "es\n", "", "es_MX.UTF-8", "es en", "", "[es, en]", "es", "es"},
		{"two layouts, as the locale", "locale\n", "", "es_MX.UTF-8", "es en", "", "[es, en]", "locale", "es"},
		{"the layout at the press", "layout\n", "", "es_MX.UTF-8", "es en", "", "[es, en]", "layout", "es,en"},
		{"no locale", "\n", "", "C.UTF-8", "de", "", "[de]", "de", "de"},
		{"nothing tells", "\n", "", "C.UTF-8", "", "", "[auto]", "locale", "auto"},
		{"no answer", "\n", "", "de_AT.UTF-8", "", "", "[de]", "locale", "de"},
		{"a list in brackets", "[de, EN-gb]\n", "", "de_AT.UTF-8", "de", "", "[de]", "de, en", "de,en"},
		{"set before", "\n", "fr", "es_MX.UTF-8", "es", "", "[fr]", "fr", "fr"},
		{"a list set before", "\n", "fr,en", "es_MX.UTF-8", "es", "", "[fr, en]", "fr,en", "fr,en"},
		{"wrong answers", "klingon\nauto, de\nde\n", "", "es_MX.UTF-8", "es", "", "[es]", "de", "de"},
		{"Norwegian", "no\n", "", "C", "", "", "[auto]", "no", "no"},
		{"flag", "", "", "es_MX.UTF-8", "es", "de,en", "", "de, en", "de,en"},
		{"flag of a list in brackets", "", "", "", "", "[de, en]", "", "de, en", "de,en"},
		{"flag, with a terminal", "\n", "", "es_MX.UTF-8", "es", "EN", "", "en", "en"},
		{"no terminal", "", "", "es_MX.UTF-8", "es en", "", "", "locale", "es"},
		{"no terminal, set before", "", "fr", "es_MX.UTF-8", "es en", "", "", "fr", "fr"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			s, _, out := newSetup(home, tt.typed)
			s.session(tt.locale, strings.Fields(tt.layouts)...)
			s.Language, s.Key, s.Recognizer, s.Start = tt.flag, "keep", "keep", "no"
			s.Microphone = "default"
			file := filepath.Join(home, ".config/vocoder/vocoder.yaml")
			if tt.was != "" {
				s.cfg.Whisper[0].Language = tt.was
				if err := atomicfile.Write(file, []byte("whisper:\n  language: "+tt.was+"\n")); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Run(t.Context()); err != nil {
				t.Fatal(err, out)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			// yaml quotes what it would take for something else.
			if got := strings.ReplaceAll(string(text), `"`, ""); !strings.Contains(got, "\n  language: "+tt.want+"\n") {
				t.Errorf("language: %s is not in\n%s", tt.want, text)
			}
			if _, _, err := config.Load(config.Source{Text: text}); err != nil {
				t.Error(err)
			}
			if got := s.spoken.String(); got != tt.spoken {
				t.Errorf("the recognizer is chosen for %s, want %s", got, tt.spoken)
			}
			asked := strings.Contains(out.String(), "Which language")
			if asked != (tt.asks != "") || asked && !strings.Contains(out.String(), tt.asks+" ") {
				t.Errorf("it asks %q, want %q proposed", out, tt.asks)
			}
			if n := strings.Count(out.String(), "want a code"); tt.name == "wrong answers" && (n != 1 || !strings.Contains(out.String(), "want either auto or languages")) {
				t.Errorf("of wrong answers it says %q", out)
			}
		})
	}
}

// TestSetupAsksInNoLanguage: a recognizer that lacks the language of the settings answers
// too, and lists the languages that it knows.
func TestSetupAsksInNoLanguage(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code := r.FormValue("language") // parses the form
		switch {
		case r.URL.Path == "/health":
			fmt.Fprint(w, `{"status":"ok","languages":["en"]}`)
		case r.MultipartForm == nil || r.MultipartForm.File["file"] == nil:
			w.WriteHeader(http.StatusUnprocessableEntity)
		case code != "" && code != "en":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":{"message":"it lacks that","param":"language","code":"unsupported_language"}}`)
		default:
			fmt.Fprint(w, `{"text":"hum"}`)
		}
	}))
	t.Cleanup(web.Close)
	s, _, _ := newSetup(t.TempDir(), "")
	s.cfg.Whisper[0].Language, s.cfg.Whisper[0].URL = "es", web.URL+"/v1/transcribe"
	h, err := s.probeRecognizer(t.Context(), s.cfg.Whisper[0].URL)
	if lacks := h.Lacks([]string{"es", "en"}); err != nil || len(lacks) != 1 || lacks[0] != "es" {
		t.Errorf("it lacks %q, %v", lacks, err)
	}
}

// TestModelHint: the hint of a failed download names the model.
func TestModelHint(t *testing.T) {
	err := modelError("whisper-small", errors.New("no network"))
	if h := hint.Of(err); !strings.Contains(h, "`vocoder-engine models pull whisper-small`") || !strings.Contains(h, "vocoder setup --recogniser engine") {
		t.Errorf("%v: %s", err, h)
	}
}
