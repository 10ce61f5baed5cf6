package whisper

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A polyglot is a server that answers in the language it is asked for or, if it
// is asked for none, in the one it takes the clip for.
type polyglot struct {
	texts  map[string]string // by code
	takes  string            // the language it takes the clip for
	name   func(string) string
	knows  []string // refuses others, if there are any
	strict bool     // detects no language, and refuses a question without one
	terse  bool     // answers with the text alone, and refuses verbose answers
	silent bool     // takes the question for a verbose answer, and names no language all the same
	asked  []string
}

func (p *polyglot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/health" {
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "ok", "languages": p.knows})
		return
	}
	code, format := r.FormValue("language"), r.FormValue("response_format")+r.FormValue("format")
	if _, _, err := r.FormFile("file"); err != nil {
		w.WriteHeader(http.StatusBadRequest) // a probe
		return
	}
	p.asked = append(p.asked, code)
	refuse := func(param, why string) {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": why, "param": param, "code": nil}})
	}
	if p.terse && format == "verbose_json" {
		refuse("response_format", "response_format 'verbose_json' is not compatible with this model")
		return
	}
	if code != "" && code != "auto" && len(p.knows) > 0 && !slices.Contains(p.knows, code) {
		refuse("language", "this model does not know language "+code)
		return
	}
	if p.strict && (code == "" || code == "auto") {
		refuse("language", "name the language")
		return
	}
	if code == "" || code == "auto" {
		code = p.takes
	}
	answer := map[string]any{"text": p.texts[code]}
	if format == "verbose_json" && !p.silent {
		answer["language"] = code
		if p.name != nil {
			answer["language"] = p.name(code)
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// conference is a sentence of a Spanish speaker, as recognizers write it in several
// languages.
var conference = map[string]string{
	"es": "Por el momento usted es la única persona en la conferencia.",
	"ca": "Per el moment, ho estic a l'única persona en la conferència.",
	"en": "At the moment you are the only person in the conference.",
	"pt": "Por enquanto você é a única pessoa na conferência.",
	"ru": "На данный момент вы единственный участник конференции.",
	"":   "",
}

func TestLanguages(t *testing.T) {
	for _, tt := range []struct {
		name   string
		server polyglot
		choice language.Choice
		want   string // the language of the text
		asked  string
	}{
		{"one, by name", polyglot{takes: "ca"}, language.Of("es"), "es", "[es]"},
		{"none", polyglot{takes: "ru"}, language.Unknown, "ru", "[]"},
		{"the zero choice", polyglot{takes: "ru"}, language.Choice{}, "ru", "[]"},
		{"of a list", polyglot{takes: "en"}, language.Of("es", "en"), "en", "[]"},
		{"of a list, the first", polyglot{takes: "es"}, language.Of("es", "en"), "es", "[]"},
		{"a neighbor of the list", polyglot{takes: "ca"}, language.Of("en", "es"), "es", "[ es]"},
		{"a second neighbor", polyglot{takes: "pt"}, language.Of("en", "es"), "es", "[ es]"},
		{"one like none of the list", polyglot{takes: "ru"}, language.Of("en", "es"), "en", "[ en]"},
		{"a list with the neighbor in it", polyglot{takes: "ca"}, language.Of("es", "ca"), "ca", "[]"},
		{"Catalan taken for Spanish", polyglot{takes: "es"}, language.Of("en", "ca"), "ca", "[ ca]"},
		{"its English name", polyglot{takes: "es", name: language.Name}, language.Of("es", "en"), "es", "[]"},
		{"a neighbor by its English name", polyglot{takes: "ca", name: language.Name}, language.Of("en", "es"), "es", "[ es]"},
		{"a word that is no language", polyglot{takes: "es", name: func(string) string { return "tlhIngan Hol" }}, language.Of("es", "en"), "es", "[]"},
		{"a server that names none", polyglot{takes: "es", silent: true}, language.Of("en", "es"), "es", "[]"},
		{"a server that names none, far off", polyglot{takes: "ru", silent: true}, language.Of("en", "es"), "en", "[ en]"},
		{"a server that refuses to", polyglot{takes: "en", terse: true}, language.Of("en", "es"), "en", "[ ]"},
		{"silence", polyglot{takes: ""}, language.Of("en", "es"), "", "[]"},
		{"an assumed list, and a server that detects none", polyglot{strict: true}, language.Choice{Codes: []string{"en", "es"}, Assumed: true}, "en", "[ en]"},
		{"an assumed list", polyglot{takes: "es"}, language.Choice{Codes: []string{"en", "es"}, Assumed: true}, "es", "[]"},
	} {
		for _, dialect := range []string{Vocoder, OpenAI, WhisperCPP} {
			t.Run(tt.name+"/"+dialect, func(t *testing.T) {
				p := tt.server
				p.texts = conference
				s := serve(t, p.ServeHTTP)
				got, err := client(t, Config{URL: s.URL, Dialect: dialect, Language: tt.choice}).Transcribe(t.Context(), speech(4000))
				if err != nil || got != conference[tt.want] {
					t.Errorf("got %q, %v, want %q", got, err, conference[tt.want])
				}
				asked := tt.asked
				if dialect == WhisperCPP { // which takes English for none
					for i, a := range p.asked {
						if a == "auto" {
							p.asked[i] = ""
						}
					}
				}
				if got := fmt.Sprint(p.asked); got != asked {
					t.Errorf("asked for %q, want %q", got, asked)
				}
			})
		}
	}
}

// A language that is assumed and the recognizer does not know is left out; one
// that the user named is an error.
func TestUnknownLanguage(t *testing.T) {
	p := polyglot{takes: "en", knows: []string{"en"}, texts: conference}
	s := serve(t, p.ServeHTTP)
	german := language.Of("de")
	german.Assumed = true
	c := client(t, Config{URL: s.URL, Dialect: Vocoder, Language: german})
	for range 2 {
		if got, err := c.Transcribe(t.Context(), speech(4000)); err != nil || got != conference["en"] {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if got := fmt.Sprint(p.asked); got != "[de  ]" { // it is refused once
		t.Errorf("asked for %q", p.asked)
	}
	if h := c.Health()[0]; !slices.Equal(h.Ignored, []string{"de"}) || h.Languages != nil || h.Err != nil {
		t.Errorf("health %+v", h)
	}
	r := c.pool.all[0]
	r.ignored["de"] = r.ignored["de"].Add(-languageRetryInterval) // a while later
	if got, err := c.Transcribe(t.Context(), speech(4000)); err != nil || got != conference["en"] || fmt.Sprint(p.asked) != "[de   de ]" {
		t.Errorf("got %q, %v, asked for %q", got, err, p.asked)
	}
	_, err := c.In(language.Of("de")).Transcribe(t.Context(), speech(4000))
	if !isKind(err, NoLanguage) {
		t.Errorf("a language that was named: %v", err)
	}
	if h := c.Health()[0]; h.Err == nil {
		t.Errorf("health %+v", h)
	}

	// A server that says which it knows is not asked in vain.
	p.asked = nil
	c = client(t, Config{URL: s.URL, Dialect: Vocoder, Language: german})
	c.Connect(t.Context())
	if h := c.Health()[0]; !slices.Equal(h.Languages, []string{"en"}) || h.Ignored != nil {
		t.Errorf("health %+v", h)
	}
	if got, err := c.Transcribe(t.Context(), speech(4000)); err != nil || got != conference["en"] || fmt.Sprint(p.asked) != "[]" {
		t.Errorf("got %q, %v after %q", got, err, p.asked)
	}
	if h := c.Health()[0]; !slices.Equal(h.Ignored, []string{"de"}) {
		t.Errorf("health %+v", h)
	}
	p.knows, p.texts = []string{"en", "de"}, map[string]string{"de": "Zurzeit sind Sie allein in der Konferenz."}
	c.Connect(t.Context())
	if got, err := c.Transcribe(t.Context(), speech(4000)); err != nil || got != p.texts["de"] || c.Health()[0].Ignored != nil {
		t.Errorf("another model is not noticed: %q, %v, %+v", got, err, c.Health()[0])
	}
}

// While the user speaks, each stretch is checked against the list.
func TestFollowLanguages(t *testing.T) {
	p := polyglot{takes: "ca", texts: conference}
	s := serve(t, p.ServeHTTP)
	stretches := make(chan pcm.Clip, 2)
	stretches <- speech(4000)
	stretches <- speech(4000)
	close(stretches)
	got, err := client(t, Config{URL: s.URL, Dialect: OpenAI}).In(language.Of("en", "es")).Follow(t.Context(), stretches, nil)
	if err != nil || got != conference["es"]+" "+conference["es"] && got != conference["es"] {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestStrangeLanguages sends malformed lists of languages. None makes a request fail.
func TestStrangeLanguages(t *testing.T) {
	for _, body := range []string{`{"languages":"en"}`, `{"languages":[1,2]}`, `{"languages":[]}`, `{"languages":["", "xx"]}`, `[]`, `{`, ``} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/health" {
				_, _ = io.WriteString(w, body)
				return
			}
			predecessor(w, r)
		})
		c := client(t, Config{URL: s.URL + "/v1/transcribe", Language: language.Choice{Codes: []string{"de"}, Assumed: true}})
		c.Connect(t.Context())
		if got, err := c.Transcribe(t.Context(), speech(2500)); err != nil || got != heard || c.Health()[0].Languages != nil {
			t.Errorf("%s: got %q, %v, %+v", body, got, err, c.Health()[0])
		}
	}
}
