package whisper

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

// A long prompt is shortened to what the server takes. Its end is sent, in whole words,
// and the server learns that once.
func TestPromptLimit(t *testing.T) {
	var words []string
	for i := range 200 {
		words = append(words, fmt.Sprintf("Ähnlichkeit%d", 100+i))
	}
	prompt := strings.Join(words, ", ")
	for _, tt := range []struct {
		name, dialect, field string
		limit                int
		status               int
		refusal              string
		asked                int // requests with sound for three dictations
	}{
		{"Groq", OpenAI, "prompt", 896, 400, `{"error":{"message":"prompt length must be at most 896 characters","type":"invalid_request_error"}}`, 3},
		{"whisper.cpp", WhisperCPP, "prompt", 1 << 20, 0, "", 3},
		{"names the field", OpenAI, "prompt", 300, 422, `{"detail":[{"type":"string_too_long","loc":["body","prompt"],"msg":"String should have at most 300 characters"}]}`, 4},
		{"names the model too", OpenAI, "prompt", 100, 400, `{"error":{"message":"The prompt is too long for this model"}}`, 5},
		{"takes none", OpenAI, "prompt", 0, 400, `{"error":{"message":"unsupported parameter","param":"prompt"}}`, 5},
		{"a long query", ASR, "initial_prompt", 896, 414, "", 3},
		{"a short query", ASR, "initial_prompt", 300, 414, "", 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked, last := 0, ""
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				if last = r.FormValue(tt.field); utf8.RuneCountInString(last) > tt.limit {
					says(tt.status, "application/json", tt.refusal)(w, r)
					return
				}
				says(200, "application/json", `{"text":"Hello."}`)(w, r)
			})
			c := client(t, Config{URL: s.URL, Dialect: tt.dialect, Prompt: prompt})
			for range 3 {
				if got, err := c.Transcribe(t.Context(), speech(300)); err != nil || got != "Hello." {
					t.Fatalf("%q, %v", got, err)
				}
			}
			if asked != tt.asked || !strings.HasSuffix(prompt, last) || last != "" && !strings.HasPrefix(last, "Ä") {
				t.Errorf("%d requests, the last with %.40q", asked, last)
			}
		})
	}
}

// Names go to each dialect in its own form: those that matter most are the first hot words
// of vocoder-engine, and the last of a prompt.
func TestNames(t *testing.T) {
	for _, tt := range []struct{ dialect, field, want string }{
		{Vocoder, "hotwords", "Kubernetes\nNew Relic"},
		{Vocoder, "prompt", ""},
		{OpenAI, "prompt", "My notes. New Relic, Kubernetes"},
		{WhisperCPP, "prompt", "My notes. New Relic, Kubernetes"},
		{ASR, "initial_prompt", "My notes. New Relic, Kubernetes"},
	} {
		got := ""
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			got = r.FormValue(tt.field)
			says(200, "application/json", `{"text":"Hello."}`)(w, r)
		})
		c := client(t, Config{URL: s.URL, Dialect: tt.dialect, Prompt: "My notes.", Names: func() []string { return []string{"Kubernetes", "New Relic"} }})
		if said, err := c.Transcribe(t.Context(), speech(300)); err != nil || said != "Hello." {
			t.Fatalf("%q, %v", said, err)
		}
		if got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.dialect, tt.field, got, tt.want)
		}
	}
}
