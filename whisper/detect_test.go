package whisper

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/language"
)

// key writes a key file.
func key(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return name
}

// Every server is understood when its dialect is named, and when it is not:
// with its own path, with none, and with the default one.
func TestDialects(t *testing.T) {
	for _, tt := range []struct {
		name, dialect string
		handler       http.HandlerFunc
	}{
		{"predecessor", Vocoder, predecessor},
		{"whisper.cpp", WhisperCPP, whisperServer("/inference")},
		{"speaches", OpenAI, fastAPI},
		{"OpenAI", OpenAI, openAI},
		{"LocalAI", OpenAI, localAI},
		{"whisper-asr-webservice", ASR, webservice},
	} {
		s := serve(t, tt.handler)
		for _, u := range []struct {
			name, url, dialect string
		}{
			{"named", "", tt.dialect},
			{"named with path", paths[tt.dialect], tt.dialect},
			{"path", paths[tt.dialect], ""},
			{"host", "/", "auto"},
			{"default path", "/v1/transcribe", ""},
			{"base of OpenAI's clients", "/v1", ""},
		} {
			if u.name == "base of OpenAI's clients" && tt.dialect != OpenAI && tt.dialect != Vocoder {
				continue
			}
			t.Run(tt.name+"/"+u.name, func(t *testing.T) {
				c := client(t, Config{URL: s.URL + u.url, Dialect: u.dialect, KeyFile: key(t, "sesame\n", 0o600)})
				for range 2 {
					got, err := c.Once().Transcribe(t.Context(), speech(2500))
					if err != nil || got != heard {
						t.Fatalf("%q, %v", got, err)
					}
				}
				if got := c.Health()[0].Dialect; got != tt.dialect {
					t.Errorf("dialect %q, want %q", got, tt.dialect)
				}
				if err := c.Check(t.Context()); err != nil {
					t.Errorf("check: %v", err)
				}
			})
		}
	}
}

// whisper-server can be put at the default path; its header tells.
func TestWhisperServerAtDefaultPath(t *testing.T) {
	s := serve(t, whisperServer("/v1/transcribe"))
	c := client(t, Config{URL: s.URL + "/v1/transcribe"})
	if err := c.Check(t.Context()); err != nil || c.Health()[0].Dialect != WhisperCPP {
		t.Error(err, c.Health())
	}
	if got, err := c.Transcribe(t.Context(), speech(2500)); err != nil || got != heard {
		t.Errorf("%q, %v", got, err)
	}
}

// The search happens once, without sound, and not at all if the path tells.
func TestSearchOnce(t *testing.T) {
	empty, full := 0, 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseMultipartForm(1 << 20)
		if soundIn(r, "file") {
			full++
		} else {
			empty++
		}
		fastAPI(w, r)
	})
	c := client(t, Config{URL: s.URL})
	for range 3 {
		if _, err := c.Transcribe(t.Context(), speech(2500)); err != nil {
			t.Fatal(err)
		}
	}
	if empty != 2 || full != 3 { // /v1/transcribe and the right one
		t.Errorf("%d forms without sound and %d with, want 2 and 3", empty, full)
	}
	c = client(t, Config{URL: s.URL + paths[OpenAI]})
	if _, err := c.Transcribe(t.Context(), speech(2500)); err != nil || empty != 2 {
		t.Errorf("%v after %d forms without sound", err, empty)
	}
}

// TestSearchAgain replaces a server by one of a different dialect.
func TestSearchAgain(t *testing.T) {
	now := http.HandlerFunc(predecessor)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { now(w, r) })
	c := client(t, Config{URL: s.URL + "/v1/transcribe"})
	for _, now = range []http.HandlerFunc{predecessor, webservice, fastAPI, whisperServer("/inference")} {
		if got, err := c.Once().Transcribe(t.Context(), speech(2500)); err != nil || got != heard {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestNoRecognizerThere(t *testing.T) {
	s := serve(t, http.NotFound)
	_, err := client(t, Config{URL: s.URL + "/v1/transcribe"}).Transcribe(t.Context(), speech(2500))
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Kind != WrongPath || e.Said != "404 page not found" || !strings.Contains(e.Error(), "nor at /v1/audio/transcriptions, /inference, /asr") {
		t.Errorf("%v, %+v", err, e)
	}
	_, err = client(t, Config{URL: s.URL, Dialect: OpenAI}).Transcribe(t.Context(), speech(2500))
	if !isKind(err, WrongPath) || strings.Contains(err.Error(), "nor at") {
		t.Errorf("%v: a named dialect is not doubted", err)
	}
}

func TestErrorsOfServers(t *testing.T) {
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		config  Config
		want    Kind
		check   bool // Check sees it too
	}{
		{"no key", openAI, Config{Dialect: OpenAI}, KeyRefused, true},
		{"no model", fastAPI, Config{Dialect: OpenAI, Model: "large"}, NoModel, false},
		{"redirect", http.RedirectHandler("http://example.com/", http.StatusTemporaryRedirect).ServeHTTP, Config{Dialect: OpenAI}, Redirected, true},
		{"redirect while searching", http.RedirectHandler("/x", http.StatusMovedPermanently).ServeHTTP, Config{}, Redirected, true},
		{"not well", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/health" || soundIn(r, "file") {
				says(503, "application/json", `{"error":{"message":"no weights"}}`)(w, r)
				return
			}
			says(400, "text/plain", "no file")(w, r)
		}, Config{Dialect: Vocoder}, Busy, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.URL = serve(t, tt.handler).URL
			c := client(t, tt.config).Once()
			if _, err := c.Transcribe(t.Context(), speech(2500)); !isKind(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if err := c.Check(t.Context()); isKind(err, tt.want) != tt.check {
				t.Errorf("check: %v", err)
			}
		})
	}
}

// TestFields checks where the form of each dialect has the values of the settings.
func TestFields(t *testing.T) {
	c := Config{Model: "large", Prompt: "Kubernetes, Grafana"}
	q := question{code: "de", before: "what was said", prompt: maxPrompt}
	for dialect, want := range map[string]string{
		Vocoder:    "format=json language=de diarize=false model=large",
		OpenAI:     "model=large response_format=json language=de prompt=Kubernetes, Grafana what was said",
		WhisperCPP: "response_format=json split_on_word=true language=de prompt=Kubernetes, Grafana what was said",
		ASR:        "?encode=true&initial_prompt=Kubernetes%2C+Grafana+what+was+said&language=de&output=json&task=transcribe",
	} {
		f := c.form(dialect, q)
		var got []string
		for _, field := range f.fields {
			got = append(got, field[0]+"="+field[1])
		}
		if len(f.query) > 0 {
			got = append(got, "?"+f.query.Encode())
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", dialect, s, want)
		}
	}
	for dialect, want := range map[string]string{Vocoder: "", OpenAI: "", WhisperCPP: "auto"} {
		got := ""
		for _, field := range (Config{}).form(dialect, question{}).fields {
			if field[0] == "language" {
				got = field[1]
			}
		}
		if got != want {
			t.Errorf("%s: language %q for any, want %q", dialect, got, want)
		}
	}
	long := Config{}.context(question{before: strings.Repeat("word ", 200)}, maxPrompt)
	if len(long) > maxBefore || !strings.HasPrefix(long, "word ") {
		t.Errorf("%d characters of context: %.20q", len(long), long)
	}
}

func TestIn(t *testing.T) {
	got := ""
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.FormValue("language")
		predecessor(w, r)
	})
	c := client(t, Config{URL: s.URL, Dialect: Vocoder, Language: language.Of("en")})
	for _, want := range []string{"de", "en", "fr"} {
		if _, err := c.In(language.Of(want)).Transcribe(t.Context(), speech(2500)); err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	if _, err := c.Transcribe(t.Context(), speech(2500)); err != nil || got != "en" {
		t.Errorf("%q, %v: In changed the client", got, err)
	}
}

func TestWyoming(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "wyoming")
	listen(t, "unix", socket, wyoming)
	for name, c := range map[string]Config{
		"tcp":                 {URL: "tcp://" + listen(t, "tcp", "127.0.0.1:0", wyoming)},
		"unix":                {URL: "unix:" + socket, Dialect: Wyoming},
		"unix to find out":    {URL: "unix:" + socket},
		"longer than a chunk": {URL: "unix:" + socket},
	} {
		t.Run(name, func(t *testing.T) {
			clip := speech(2500)
			if strings.HasPrefix(name, "longer") {
				clip = speech(4000)
			}
			w := client(t, c)
			w.Connect(t.Context())
			if err := w.Check(t.Context()); err != nil {
				t.Error(err)
			}
			got, err := w.Once().Transcribe(t.Context(), clip)
			if err != nil || got != heard || w.Health()[0].Dialect != Wyoming {
				t.Errorf("%q, %v, %v", got, err, w.Health())
			}
		})
	}
}

func TestHTTPOverUnix(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "http")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(predecessor)}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	for _, u := range []string{"unix:" + socket, "unix://" + socket, "unix:" + socket + ":/v1/transcribe"} {
		if got, err := client(t, Config{URL: u}).Once().Transcribe(t.Context(), speech(2500)); err != nil || got != heard {
			t.Errorf("%s: %q, %v", u, got, err)
		}
	}
}

func TestWyomingTrouble(t *testing.T) {
	for _, tt := range []struct {
		name  string
		serve func(net.Conn)
		want  Kind
	}{
		{"hangs up", func(net.Conn) {}, HungUp},
		{"speaks HTTP", func(c net.Conn) { drain(c); _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }, Garbled},
		{"error", func(c net.Conn) { drain(c); sendTo(c, "error", map[string]string{"text": "no model"}, nil) }, Failing},
		{"negative length", func(c net.Conn) { drain(c); _, _ = c.Write([]byte(`{"type":"transcript","data_length":-1}` + "\n")) }, Garbled},
		{"huge data", func(c net.Conn) {
			drain(c)
			_, _ = c.Write([]byte(`{"type":"transcript","data_length":2000000000}` + "\n"))
		}, Garbled},
		{"huge line", func(c net.Conn) { drain(c); _, _ = c.Write([]byte(strings.Repeat("x", maxReply+10))) }, Garbled},
		{"huge payload", func(c net.Conn) {
			drain(c)
			_, _ = c.Write([]byte(`{"type":"x","payload_length":2000000000}` + "\n" + strings.Repeat("x", maxReply)))
		}, Garbled},
		{"deep", func(c net.Conn) {
			drain(c)
			_, _ = c.Write([]byte(`{"type":"transcript","data":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + "}\n"))
		}, Garbled},
		{"half an event", func(c net.Conn) { drain(c); _, _ = c.Write([]byte(`{"type":"transcript","data_length":9}` + "\n{")) }, HungUp},
		{"no transcript", func(c net.Conn) { drain(c); _, _ = c.Write([]byte(`{"type":"transcript","data":[]}` + "\n")) }, Garbled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, Config{URL: "tcp://" + listen(t, "tcp", "127.0.0.1:0", tt.serve)}).Once()
			if got, err := c.Transcribe(t.Context(), speech(2500)); !isKind(err, tt.want) {
				t.Errorf("%q, %v, want %v", got, err, tt.want)
			}
		})
	}
}

// drain reads a question to its end, so that closing does not reset.
func drain(c net.Conn) {
	in := bufio.NewReader(c)
	for {
		e, _, err := readTestEvent(in)
		if err != nil || e.Type == "audio-stop" {
			return
		}
	}
}
