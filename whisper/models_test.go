package whisper

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestEnglishOnly(t *testing.T) {
	for name, want := range map[string]bool{
		"base.en": true, "Systran/faster-whisper-small.en": true, "ggml-tiny.en-q5_1.bin": true, "whisper-base-en": true, "BASE.EN": true,
		"moonshine-tiny-en": true, "UsefulSensors/moonshine-base": true, "moonshine-tiny": true,
		"base": false, "whisper-1": false, "large-v3": false, "whisper-base": false, "Systran/faster-whisper-small": false,
		"moonshine-tiny-ja": false, "moonshine-base-es": false, "model.encoder": false, "some.energy": false, "en-de": false, "": false,
	} {
		if got := englishOnly(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}

func TestLacks(t *testing.T) {
	for _, tt := range []struct {
		name   string
		health Health
		codes  string
		want   string
	}{
		{"nothing is known", Health{}, "es en", ""},
		{"languages are named", Health{Languages: []string{"en", "de"}}, "es de", "es"},
		{"a language was refused", Health{Ignored: []string{"es"}}, "es en", "es"},
		{"an English model", Health{Models: []string{"base.en"}}, "es en", "es"},
		{"an English model, and English", Health{Models: []string{"base.en"}}, "en", ""},
		{"English models", Health{Models: []string{"base.en", "moonshine-tiny-en"}}, "es", "es"},
		{"one of its models knows more", Health{Models: []string{"base.en", "base"}}, "es", ""},
		{"what it says counts more than a name", Health{Languages: []string{"en", "es"}, Models: []string{"base.en"}}, "es", ""},
		{"any language", Health{Languages: []string{"en"}}, "", ""},
	} {
		if got := strings.Join(tt.health.Lacks(strings.Fields(tt.codes)), " "); got != tt.want {
			t.Errorf("%s: lacks %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestParseModels(t *testing.T) {
	list := func(n int, name string) string {
		data := make([]map[string]string, n)
		for i := range data {
			data[i] = map[string]string{"id": name}
		}
		text, err := json.Marshal(map[string]any{"object": "list", "data": data})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for name, tt := range map[string]struct {
		body string
		want int
	}{
		"two":           {list(2, "base"), 2},
		"none":          {list(0, ""), 0},
		"no JSON":       {"<html>", 0},
		"another shape": {`{"data":{"id":"base"}}`, 0},
		"a number":      {`{"data":[{"id":1}]}`, 0},
		"a nameless":    {`{"data":[{"id":"base.en"},{}]}`, 0},
		"just enough":   {list(maxModels, strings.Repeat("x", maxModelName)), maxModels},
		"too many":      {list(maxModels+1, "base"), 0},
		"too long":      {list(1, strings.Repeat("x", maxModelName+1)), 0},
		"too deep":      {`{"data":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + "}", 0},
	} {
		if got := parseModels([]byte(tt.body)); len(got) != tt.want {
			t.Errorf("%s: %d models, want %d", name, len(got), tt.want)
		}
	}
}

// Which models a server has is asked once a Check, if the server does not name
// its languages, and in the dialects that have a list.
func TestModels(t *testing.T) {
	for _, tt := range []struct {
		name, dialect, path, health, model string
		status                             int
		want, at                           string // the models, and where they were asked for
	}{
		{"OpenAI's", OpenAI, "/v1/audio/transcriptions", "", "", 200, "base.en small.en", "/v1/models"},
		{"OpenAI's below a path", OpenAI, "/stt/v1/audio/transcriptions", "", "", 200, "base.en small.en", "/stt/v1/models"},
		{"vocoder's", Vocoder, "/v1/transcribe", `{"status":"ok"}`, "", 200, "base.en small.en", "/v1/models"},
		{"vocoder-engine", Vocoder, "/v1/transcribe", `{"languages":["en"]}`, "", 200, "", ""},
		{"the settings name one", OpenAI, "/v1/audio/transcriptions", "", "large-v3", 200, "large-v3", "/v1/models"},
		{"no list", OpenAI, "/v1/audio/transcriptions", "", "", 404, "", "/v1/models"},
		{"whisper.cpp has none", WhisperCPP, "/inference", "", "", 200, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at := ""
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/health" && tt.health != "":
					_, _ = io.WriteString(w, tt.health)
				case strings.HasSuffix(r.URL.Path, "/models"):
					at += r.URL.Path
					w.WriteHeader(tt.status)
					_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"base.en"},{"id":"small.en"}]}`)
				case r.URL.Path == tt.path:
					w.WriteHeader(http.StatusUnprocessableEntity)
				default:
					http.NotFound(w, r)
				}
			})
			c := client(t, Config{URL: s.URL + tt.path, Dialect: tt.dialect, Model: tt.model})
			if err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := c.Health()[0].Models; !slices.Equal(got, strings.Fields(tt.want)) || at != tt.at {
				t.Errorf("models %q, asked at %q; want %q, at %q", got, at, tt.want, tt.at)
			}
			c.Connect(t.Context())
			if at != tt.at {
				t.Errorf("a press asks for the models: %q", at)
			}
		})
	}
}

func FuzzModels(f *testing.F) {
	f.Add([]byte(`{"object":"list","data":[{"id":"base.en"}]}`))
	f.Add([]byte(`{"data":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		names := parseModels(body)
		if len(names) > maxModels {
			t.Errorf("%d models", len(names))
		}
		for _, name := range names {
			if name == "" || len(name) > maxModelName {
				t.Errorf("a model named %q", name)
			}
		}
	})
}
