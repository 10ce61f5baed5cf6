package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/environ"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// inLocale is the environment of a locale.
func inLocale(locale string) func(string) (string, bool) {
	return func(name string) (string, bool) { return locale, name == "LANG" && locale != "" }
}

func TestLanguageOf(t *testing.T) {
	env := environ.Env{Lookup: inLocale("es_MX.UTF-8")}
	for setting, want := range map[string]language.Choice{
		"locale": {Codes: []string{"es"}, Assumed: true}, "de": language.Of("de"), "de,en": language.Of("de", "en"),
		"auto": language.Of("auto"), "layout": language.Unknown,
	} {
		if got := recognition.Languages(env, setting); got.String() != want.String() || got.Assumed != want.Assumed {
			t.Errorf("%s: %+v, want %+v", setting, got, want)
		}
	}
	if got := recognition.Languages(environ.Env{Lookup: inLocale("C.UTF-8")}, "locale"); got.String() != "auto" {
		t.Errorf("without a language in the locale: %v", got)
	}
}

// languageDaemon returns a daemon whose recognizer is at url, and the status that
// it shows.
func languageDaemon(t *testing.T, url, locale string, set func(*config.Config)) (*daemon, *control.Status) {
	t.Helper()
	cfg := settings.Default()
	cfg.Whisper[0].URL = url
	if set != nil {
		set(&cfg.Config)
	}
	d := &daemon{Options: Options{Env: environ.Env{Lookup: inLocale(locale)}}, log: slog.New(slog.DiscardHandler)}
	d.edges.layouts = func(context.Context) [][]string { return nil }
	d.keyboard = typing.NewKeyboard(typing.Devices{}, typing.Options{Desktop: typing.NewDesktop(d.Env, d.log)})
	r, err := recognition.New(cfg, recognition.Options{Env: d.Env, Log: d.log, Report: d.reportProblem})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	d.pipeline = &pipeline{cfg: cfg, recognizer: r}
	shown := new(control.Status)
	d.status.show = func(_ string, s control.Status) { *shown = s }
	d.showLanguage()
	return d, shown
}

// The expected languages are those of the binding, else of vocoderctl, else of the settings.
// The status shows them.
func TestSpoken(t *testing.T) {
	d, shown := languageDaemon(t, "http://127.0.0.1:1/v1/transcribe", "es_MX.UTF-8", func(c *config.Config) {
		c.Whisper[0].Language = "de,en"
		c.Bindings = append(c.Bindings, config.Binding{Language: "fr"}, config.Binding{Language: "locale"})
	})
	spoken := func(binding int) string { return d.spoken(t.Context(), d.pipeline.cfg.Config, binding).String() }
	for _, tt := range []struct{ want, first, shown string }{
		{"", "", "de,en"}, {"next", "de", "de"}, {"next", "en", "en"}, {"next", "", "de,en"}, {"it", "it", "it"}, {"next", "de", "de"},
		{"auto", "auto", "auto"}, {"ru,uk", "ru,uk", "ru,uk"}, {"default", "", "de,en"},
	} {
		if tt.want != "" {
			if err := d.Do(t.Context(), control.Speak(tt.want)); err != nil {
				t.Fatalf("language %s: %v", tt.want, err)
			}
		}
		if got := spoken(0); got != tt.first || shown.Language != tt.shown {
			t.Errorf("language %s: %q is expected and %q shown, want %q and %q", tt.want, got, shown.Language, tt.first, tt.shown)
		}
		if spoken(1) != "fr" || spoken(2) != "es" {
			t.Errorf("language %s changes keys that have their own: %q, %q", tt.want, spoken(1), spoken(2))
		}
	}
	if err := d.setLanguage("klingon"); err == nil {
		t.Error("a language that there is not")
	}
	if spoken(-1) != "" || spoken(99) != "" {
		t.Error("a recording by command has a language of a key")
	}

	d, shown = languageDaemon(t, "http://127.0.0.1:1/v1/transcribe", "es_MX.UTF-8", nil)
	if err := d.setLanguage(control.NextLanguage); err != errOneLanguage {
		t.Errorf("the next of one: %v", err)
	}
	if shown.Language != "es" || d.spoken(t.Context(), d.pipeline.cfg.Config, 0).String() != "es" || d.pipeline.recognizer.Usual().String() != "es" {
		t.Errorf("the locale: shown %q, recognizer %v", shown.Language, d.pipeline.recognizer.Usual())
	}
}

// TestWritten checks that a text continues the one before it by the rules of each language
// that a key or vocoderctl has, and not by those of the settings alone.
func TestWritten(t *testing.T) {
	for _, tt := range []struct {
		name     string
		usual    string
		bindings []config.Binding // besides the first
		do       []control.Command
		layouts  [][]string
		want     string // none: not known
	}{
		{name: "of the settings", usual: "de", want: "de"},
		{name: "of a key", usual: "de", bindings: []config.Binding{{Language: "en"}}, want: "de,en"},
		{name: "of a key that translates", usual: "de", bindings: []config.Binding{{Task: "translate"}}, want: "de,en"},
		{name: "of a key that detects", usual: "de", bindings: []config.Binding{{Language: "auto"}}},
		{name: "of a key as the layout", usual: "de", bindings: []config.Binding{{Language: "layout"}}},
		{name: "of vocoderctl", usual: "de", do: []control.Command{control.Speak("fr")}, want: "fr"},
		{name: "of vocoderctl, and of a key", usual: "de", bindings: []config.Binding{{Language: "en"}}, do: []control.Command{control.Speak("fr")}, want: "en,fr"},
		{name: "of the settings again", usual: "de", do: []control.Command{control.Speak("fr"), control.Speak("default")}, want: "de"},
		{name: "of a task by vocoderctl", usual: "de", do: []control.Command{control.Perform("translate")}, want: "en"},
		{name: "of the session", usual: "locale", layouts: [][]string{{"de"}}, want: "de,en"},
		{name: "of the session for a key", usual: "fr", bindings: []config.Binding{{Language: "locale"}}, layouts: [][]string{{"de"}}, want: "de,en,fr"},
	} {
		d, _ := languageDaemon(t, "http://127.0.0.1:1/v1/transcribe", "en_US.UTF-8", func(c *config.Config) {
			c.Whisper[0].Language = tt.usual
			c.Bindings = append(c.Bindings, tt.bindings...)
		})
		d.edges.layouts = func(context.Context) [][]string { return tt.layouts }
		for _, c := range tt.do {
			if err := d.Do(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		for i, b := range d.pipeline.cfg.Bindings {
			if b.Language != config.FromLayout { // it asks the desktop
				d.spoken(t.Context(), d.pipeline.cfg.Config, i) // at each press
			}
		}
		if got := strings.Join(d.written(d.pipeline), ","); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestNextText checks that the keyboard gets the languages.
func TestNextText(t *testing.T) {
	d, _ := languageDaemon(t, "http://127.0.0.1:1/v1/transcribe", "C", func(c *config.Config) {
		c.Whisper[0].Language, c.Text.Casing, c.Typing.TrailingSpace = "tr", "sentence", false
	})
	if got := d.keyboard.Text("izmir"); got != "İzmir" {
		t.Errorf("in Turkish: %q", got)
	}
	if err := d.setLanguage("en"); err != nil {
		t.Fatal(err)
	}
	if got := d.keyboard.Text("izmir"); got != "Izmir" {
		t.Errorf("in English: %q", got)
	}
}

// TestSessionLanguages checks that the keyboard layouts count where the settings name no
// language, that the status shows the result, and that a recognizer with a language of its
// own keeps it.
func TestSessionLanguages(t *testing.T) {
	for _, tt := range []struct {
		name    string
		layouts [][]string
		set     func(*config.Config)
		chosen  string // by vocoderctl
		want    string // of a key without a language
		shown   string
	}{
		{name: "plain English", layouts: [][]string{{"en"}}, want: "en", shown: "en"},
		{name: "a German keyboard", layouts: [][]string{{"de"}}, want: "en,de", shown: "en,de"},
		{name: "a German keyboard, and a language", layouts: [][]string{{"de"}}, set: func(c *config.Config) { c.Whisper[0].Language = "en" }, shown: "en"},
		{name: "a German keyboard, chosen", layouts: [][]string{{"de"}}, chosen: "fr", want: "fr", shown: "fr"},
		{name: "a second recognizer with its own", layouts: [][]string{{"de"}}, set: func(c *config.Config) {
			c.Whisper = append(c.Whisper, c.Whisper[0])
			c.Whisper[1].Language = "fr"
		}, shown: "en"},
	} {
		d, shown := languageDaemon(t, "http://127.0.0.1:1/v1/transcribe", "en_US.UTF-8", tt.set)
		d.edges.layouts = func(context.Context) [][]string { return tt.layouts }
		if tt.chosen != "" {
			if err := d.setLanguage(tt.chosen); err != nil {
				t.Fatal(err)
			}
		}
		got := d.spoken(t.Context(), d.pipeline.cfg.Config, 0)
		if got.String() != tt.want || shown.Language != tt.shown || got.Assumed != (tt.want != "" && tt.chosen == "") {
			t.Errorf("%s: %+v is expected and %q shown, want %q and %q", tt.name, got, shown.Language, tt.want, tt.shown)
		}
	}
}

// The task is that of the binding, else of vocoderctl, else of the settings. The status
// says if words are translated.
func TestTask(t *testing.T) {
	d, shown := languageDaemon(t, "http://127.0.0.1:1/v1/transcribe", "de_DE.UTF-8", func(c *config.Config) {
		c.Bindings = append(c.Bindings, config.Binding{Task: "translate"}, config.Binding{Task: "transcribe", Language: "fr"})
	})
	const note = "translated into English"
	for _, tt := range []struct {
		want  string
		first language.Task
		note  string
	}{{"", "", ""}, {"translate", "translate", note}, {"transcribe", "transcribe", ""}, {"translate", "translate", note}, {"default", "", ""}} {
		if tt.want != "" {
			if err := d.Do(t.Context(), control.Perform(tt.want)); err != nil {
				t.Fatalf("task %s: %v", tt.want, err)
			}
		}
		var tasks []language.Task
		for binding := range 3 {
			tasks = append(tasks, d.spoken(t.Context(), d.pipeline.cfg.Config, binding).Task)
		}
		if want := []language.Task{tt.first, "translate", "transcribe"}; !slices.Equal(tasks, want) || shown.LanguageNote != tt.note {
			t.Errorf("task %q: %q, note %q, want %q, %q", tt.want, tasks, shown.LanguageNote, want, tt.note)
		}
	}
	d, shown = languageDaemon(t, "http://127.0.0.1:1/v1/transcribe", "de_DE.UTF-8", func(c *config.Config) { c.Whisper[0].Task = "translate" })
	if got := d.spoken(t.Context(), d.pipeline.cfg.Config, 0).Over(d.pipeline.recognizer.Usual()); got.Task != language.Translate || got.One() != "de" || shown.LanguageNote != note {
		t.Errorf("of the settings: %+v, note %q", got, shown.LanguageNote)
	}
	if got := d.pipeline.recognizer.Rules().Languages; !slices.Equal(got, []string{"en"}) {
		t.Errorf("the text rules are those of %q", got)
	}
}

// If nothing is set, a request names the language of the session. If the recognizer does not
// know it, the next request names none, and the status has a note. If the user has set that
// language, the recognizer refuses the request.
func TestLocaleLanguage(t *testing.T) {
	var asked []string
	knows := ""
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code := r.FormValue("language")
		if _, _, err := r.FormFile("file"); err != nil {
			http.NotFound(w, r)
			return
		}
		asked = append(asked, code)
		if knows != "" && code != "" && code != knows {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"error":{"message":"Moonshine tiny does not know language %s, only %s","param":"language","code":"unsupported_language"}}`, code, knows)
			return
		}
		_, _ = fmt.Fprint(w, `{"text":"Buenos días a todos"}`)
	}))
	t.Cleanup(web.Close)
	d, shown := languageDaemon(t, web.URL+"/v1/transcribe", "es_MX.UTF-8", func(c *config.Config) { c.Audio.Gate = false })
	clip := pcm.Clip{Rate: pcm.Rate, Samples: slices.Repeat([]int16{4000, -4000}, pcm.Rate)}
	say := func(want string) {
		t.Helper()
		clip.Spoken = d.spoken(t.Context(), d.pipeline.cfg.Config, 0)
		text, err := d.pipeline.recognizer.Transcribe(t.Context(), clip)
		if got := fmt.Sprintf("%q %v", asked, err); text != "Buenos días a todos" && err == nil || got != want {
			t.Errorf("%q, asked %s, want %s", text, got, want)
		}
		asked = nil
	}
	say(`["es"] <nil>`)
	if shown.LanguageNote != "" {
		t.Errorf("note %q", shown.LanguageNote)
	}
	knows = "en"
	say(`["es" ""] <nil>`)
	if want := "the recognizer does not know Spanish, and is asked without it"; shown.LanguageNote != want || len(shown.Lacks) > 0 {
		t.Errorf("note %q, lacks %v, want %q", shown.LanguageNote, shown.Lacks, want)
	}
	if err := d.setLanguage("es"); err != nil {
		t.Fatal(err)
	}
	say(`["es"] ask ` + web.URL + `/v1/transcribe: it does not know the language (400 Bad Request)`)
	if what := shown.Lacks["recogniser"]; !strings.Contains(what, "only en") || !strings.Contains(what, "vocoderctl language") {
		t.Errorf("the status says %q", what)
	}
	if err := d.setLanguage("en"); err != nil {
		t.Fatal(err)
	}
	say(`["en"] <nil>`)
	if shown.LanguageNote != "" || len(shown.Lacks) > 0 {
		t.Errorf("note %q, lacks %v", shown.LanguageNote, shown.Lacks)
	}
}

// TestFallback: the status names the recognizer that answers in place of the first, until the
// first one does again.
func TestFallback(t *testing.T) {
	ended := httptest.NewServer(nil)
	ended.Close()
	second := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"text":"hello"}`) // the client reports an error
	}))
	defer second.Close()
	d, shown := languageDaemon(t, ended.URL+"/v1/transcribe", "C", func(c *config.Config) {
		c.Whisper = append(c.Whisper, c.Whisper[0])
		c.Whisper[1].URL = second.URL + "/v1/transcribe"
	})
	if shown.Fallback != "" {
		t.Errorf("before any answer: %q", shown.Fallback)
	}
	if _, err := d.pipeline.recognizer.Transcribe(t.Context(), pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)}); err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimPrefix(second.URL, "http://"); shown.Fallback != want || len(shown.Lacks) > 0 {
		t.Errorf("fallback %q, lacks %v, want %q", shown.Fallback, shown.Lacks, want)
	}
	other, _ := languageDaemon(t, second.URL, "C", nil) // as after a reload
	d.pipeline = other.pipeline
	d.showFallback()
	if shown.Fallback != "" {
		t.Errorf("with other settings: %q", shown.Fallback)
	}
}

func TestUnknownLanguage(t *testing.T) {
	german, english := language.Choice{Codes: []string{"de"}, Assumed: true}, whisper.Health{URL: "http://a", Languages: []string{"en"}}
	for _, tt := range []struct {
		choice language.Choice
		all    []whisper.Health
		want   string
	}{
		{german, []whisper.Health{{}}, ""},
		{german, []whisper.Health{{Languages: []string{"en", "de"}}}, ""},
		{german, []whisper.Health{english}, "the recognizer does not know German, only English, and is asked without it"},
		{german, []whisper.Health{{Languages: []string{"de"}}, english}, "http://a: the recognizer does not know German, only English, and is asked without it"},
		{language.Of("de"), []whisper.Health{english}, "the recognizer does not know German, only English"},
		{language.Of("de", "en"), []whisper.Health{english}, ""},
		{language.Unknown, []whisper.Health{english}, ""},
		{language.Choice{}, []whisper.Health{english}, ""},
	} {
		if got := unknownLanguage(tt.choice, tt.all); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.choice, got, tt.want)
		}
	}
}
