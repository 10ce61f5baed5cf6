package whisper

import (
	"net/http"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/language"
)

// TestTranslate: each dialect asks for the words in English in its own way, and a
// recognizer that cannot translate is an error that says so.
func TestTranslate(t *testing.T) {
	const english, german = `{"text":"Where is the nearest train station, please?"}`, `{"text":"Wo ist denn bitte der nächste Bahnhof, und wann fährt heute Abend der letzte Zug nach München zurück?"}`
	german2 := language.Choice{Codes: []string{"de"}, Task: language.Translate}
	for _, tt := range []struct {
		name, dialect string
		path          string // of the settings
		at            string // where the request goes
		fields        map[string]string
		status        int
		answer        string
		err           string // a part of the error
	}{
		{"vocoder-engine", Vocoder, "/v1/transcribe", "/v1/transcribe", map[string]string{"task": "translate", "language": "de"}, 200, english, ""},
		{"OpenAI", OpenAI, "/v1/audio/transcriptions", "/v1/audio/translations", map[string]string{"language": "", "model": "whisper-1"}, 200, english, ""},
		{"OpenAI behind a proxy", OpenAI, "/asr/v1/audio/transcriptions/", "/asr/v1/audio/translations/", nil, 200, english, ""},
		{"whisper.cpp", WhisperCPP, "/inference", "/inference", map[string]string{"translate": "true", "language": "de"}, 200, english, ""},
		{"whisper-asr-webservice", ASR, "/asr", "/asr", map[string]string{"task": "translate", "language": "de"}, 200, english, ""},
		{"vocoder-engine with a model that cannot", Vocoder, "/v1/transcribe", "/v1/transcribe", nil, 400, `{"error":{"message":"Moonshine cannot translate","param":"task","code":"unsupported_task"}}`, string(NoTask)},
		{"a server of OpenAI's without translations", OpenAI, "/v1/audio/transcriptions", "/v1/audio/translations", nil, 404, `{"detail":"Not Found"}`, string(NoTask)},
		{"a different path", OpenAI, "/v1/listen", "", nil, 200, english, "its path does not end in /audio/transcriptions"},
		{"a server that ignores the task", WhisperCPP, "/inference", "/inference", nil, 200, german, "its words are in German"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := ""
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseMultipartForm(1 << 20); err == nil && len(r.MultipartForm.File) > 0 {
					asked = r.URL.Path
					for name, want := range tt.fields {
						if got := r.FormValue(name); got != want {
							t.Errorf("%s is %q, want %q", name, got, want)
						}
					}
					says(tt.status, "application/json", tt.answer)(w, r)
					return
				}
				says(400, "application/json", `{"error":"no file"}`)(w, r)
			})
			c := client(t, Config{URL: s.URL + tt.path, Dialect: tt.dialect, Language: german2}).Once()
			got, err := c.Transcribe(t.Context(), speech(5000))
			if asked != tt.at {
				t.Errorf("asked at %q, want %q", asked, tt.at)
			}
			if tt.err == "" {
				if err != nil || !strings.HasPrefix(got, "Where is") {
					t.Errorf("%q, %v", got, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.err) || got != "" {
				t.Errorf("%q, %v, want %s", got, err, tt.err)
			}
		})
	}
}

// The task of a clip goes before that of the settings, and languages that are not its own
// are those of the settings.
func TestTaskOfClip(t *testing.T) {
	for _, tt := range []struct {
		name             string
		settings, spoken language.Choice
		task, code       string
	}{
		{"the settings", language.Choice{Codes: []string{"de"}, Task: language.Translate}, language.Choice{}, "translate", "de"},
		{"another language", language.Choice{Codes: []string{"de"}, Task: language.Translate}, language.Of("fr"), "translate", "fr"},
		{"not for this clip", language.Choice{Codes: []string{"de"}, Task: language.Translate}, language.Choice{Task: language.Transcribe}, "", "de"},
		{"only this clip", language.Of("de"), language.Choice{Task: language.Translate}, "translate", "de"},
		{"any language", language.Unknown, language.Choice{Task: language.Translate}, "translate", ""},
		{"several languages", language.Of("de", "fr"), language.Choice{Task: language.Translate}, "translate", ""},
		{"usual", language.Of("de"), language.Choice{}, "", "de"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var task, code string
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				task, code = r.FormValue("task"), r.FormValue("language")
				says(200, "application/json", `{"text":"Hello."}`)(w, r)
			})
			c := client(t, Config{URL: s.URL + "/v1/transcribe", Dialect: Vocoder, Language: tt.settings})
			if got, err := c.In(tt.spoken).Transcribe(t.Context(), speech(5000)); err != nil || got != "Hello." {
				t.Fatalf("%q, %v", got, err)
			}
			if task != tt.task || code != tt.code {
				t.Errorf("task %q, language %q, want %q, %q", task, code, tt.task, tt.code)
			}
		})
	}
}

// Wyoming has no such task.
func TestTranslateWyoming(t *testing.T) {
	c := client(t, Config{URL: "tcp://127.0.0.1:1", Language: language.Choice{Codes: []string{"de"}, Task: language.Translate}}).Once()
	if _, err := c.Transcribe(t.Context(), speech(5000)); err == nil || !strings.Contains(err.Error(), "Wyoming has no such task") {
		t.Error(err)
	}
}
