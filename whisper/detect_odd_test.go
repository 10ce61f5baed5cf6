package whisper

import (
	"bytes"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// below serves h below a path. It answers anything else as a proxy does.
func below(base string, h, other http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, base)
		if !ok {
			other(w, r)
			return
		}
		r.URL.Path = rest
		h(w, r)
	}
}

// only serves h at the path of OpenAI, and other at any other path.
func only(h, other http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == paths[OpenAI] {
			h(w, r)
			return
		}
		other(w, r)
	}
}

// slashed redirects to the same path with a slash at its end, or without, and then serves h.
func slashed(with bool, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimSuffix(r.URL.Path, "/")
		if strings.HasSuffix(r.URL.Path, "/") != with {
			to := path
			if with {
				to += "/"
			}
			http.Redirect(w, r, to, http.StatusPermanentRedirect)
			return
		}
		r.URL.Path = path
		h(w, r)
	}
}

// A recognizer is found below other paths, where a page answers everything else, and with
// addresses that are almost right. Check agrees with that.
func TestOddAddresses(t *testing.T) {
	unavailable := says(503, "text/html", "<html><body><h1>503 Service Unavailable</h1></body></html>")
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		config  Config
	}{
		{"a page for everything else", only(fastAPI, says(200, "text/html", "<!doctype html><title>app</title>")), Config{}},
		{"a page for everything else, base of OpenAI's clients", only(fastAPI, says(200, "text/html", "<!doctype html><title>app</title>")), Config{URL: "/v1"}},
		{"OK for everything else", only(fastAPI, says(200, "text/plain", "OK")), Config{}},
		{"JSON for everything else", only(fastAPI, says(200, "application/json", `{"status":"up"}`)), Config{}},
		{"nothing for everything else", only(fastAPI, says(204, "", "")), Config{}},
		{"below a proxy without a server for other paths", below("/whisper", fastAPI, unavailable), Config{URL: "/whisper/v1/audio/transcriptions"}},
		{"below a proxy, to find out", below("/whisper", fastAPI, unavailable), Config{URL: "/whisper"}},
		{"below a proxy that says it in plain text", below("/whisper", fastAPI, says(503, "text/plain", "no available server")), Config{URL: "/whisper/v1"}},
		{"behind a proxy that passes one path on", only(fastAPI, unavailable), Config{URL: "/v1/audio/transcriptions"}},
		{"base of OpenAI's clients, with the dialect", fastAPI, Config{URL: "/v1", Dialect: OpenAI}},
		{"base with a slash, with the dialect", fastAPI, Config{URL: "/v1/", Dialect: OpenAI}},
		{"a slash too many", fastAPI, Config{URL: "/v1/audio/transcriptions/"}},
		{"a slash too many, with the dialect", fastAPI, Config{URL: "/v1/audio/transcriptions/", Dialect: OpenAI}},
		{"two slashes", fastAPI, Config{URL: "//v1/audio/transcriptions"}},
		{"redirects away from the slash", slashed(false, fastAPI), Config{URL: "/v1/audio/transcriptions/"}},
		{"redirects to the slash", slashed(true, fastAPI), Config{URL: "/v1/audio/transcriptions"}},
		{"redirects to the slash, to find out", slashed(true, fastAPI), Config{}},
		{"redirects to the slash, with the dialect", slashed(true, fastAPI), Config{URL: "/v1", Dialect: OpenAI}},
		{"names what is missing with the status 200", func(w http.ResponseWriter, r *http.Request) {
			if _ = r.ParseMultipartForm(1 << 20); !soundIn(r, "file") {
				says(200, "application/json", `{"error":"no 'file' field in the request"}`)(w, r)
				return
			}
			whisperServer("/inference")(w, r)
		}, Config{URL: "/inference"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.config.URL = serve(t, tt.handler).URL + tt.config.URL
			for _, check := range []bool{true, false} {
				c := client(t, tt.config).Once()
				if check {
					if err := c.Check(t.Context()); err != nil {
						t.Errorf("check: %v", err)
					}
				}
				if got, err := c.Transcribe(t.Context(), speech(2500)); err != nil || got != heard {
					t.Errorf("%q, %v, found %+v", got, err, c.Health())
				}
				if err := c.Check(t.Context()); err != nil || c.Health()[0].Doubt != nil {
					t.Errorf("check afterwards: %v, %v", err, c.Health()[0].Doubt)
				}
			}
		})
	}
}

// A server that gives the same answer without sound is doubted, unless that answer is
// the transcription of a recognizer.
func TestDoubt(t *testing.T) {
	for answer, doubt := range map[string]bool{"OK": true, `{"status":"ok"}`: true, "": true, `["a"]`: true, `{"text":""}`: false} {
		c := client(t, Config{URL: serve(t, says(200, "text/plain", answer)).URL + "/inference"})
		if err := c.Check(t.Context()); err != nil || c.Health()[0].Doubt != nil != doubt {
			t.Errorf("%q: %v, %v", answer, err, c.Health()[0].Doubt)
		}
	}
}

// A path whose answer is not that of a recognizer is taken if the settings name it, and there
// is no better one. A page is no answer.
func TestDoubtfulPath(t *testing.T) {
	at := func(where, answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			switch _ = r.ParseMultipartForm(1 << 20); {
			case r.Method != http.MethodPost || r.URL.Path != where:
				says(404, "text/plain", "not here")(w, r)
			case soundIn(r, "file"):
				says(200, "text/plain", "Hello.")(w, r)
			default:
				says(200, "text/plain", answer)(w, r)
			}
		}
	}
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		path    string
		found   bool
	}{
		{"the path of the settings", at("/speech", "OK"), "/speech", true},
		{"a usual path", at(paths[OpenAI], "OK"), "", false},
		{"a usual path below that of the settings", at("/speech"+paths[OpenAI], "OK"), "/speech", false},
		{"a page at the path of the settings", at("/speech", "<html>Hello.</html>"), "/speech", false},
	} {
		c := client(t, Config{URL: serve(t, tt.handler).URL + tt.path})
		for range 2 {
			if got, err := c.Transcribe(t.Context(), speech(300)); (got == "Hello.") != tt.found || tt.found != (err == nil) || !tt.found && !isKind(err, WrongPath) {
				t.Errorf("%s: %q, %v", tt.name, got, err)
			}
		}
	}
}

// TestFoundOnce: the log says where a recognizer is once, and again if another is there.
func TestFoundOnce(t *testing.T) {
	var log bytes.Buffer
	now := http.HandlerFunc(fastAPI)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { now(w, r) })
	c := client(t, Config{URL: s.URL, Log: slog.New(slog.NewTextHandler(&log, nil))})
	check := func(lines int, last string) {
		t.Helper()
		for range 3 {
			if err := c.Check(t.Context()); err != nil {
				t.Error(err)
			}
		}
		all := regexp.MustCompile(`"recognizer found".*`).FindAllString(log.String(), -1)
		if len(all) != lines || !strings.Contains(all[lines-1], last) {
			t.Errorf("%d lines, want %d, the last with %s: %q", len(all), lines, last, all)
		}
	}
	check(1, "dialect="+OpenAI)
	now = whisperServer(paths[OpenAI]) // at the same path
	check(2, "dialect="+WhisperCPP)
	now = slashed(true, now) // at another path
	check(3, "transcriptions/ dialect="+WhisperCPP)
}

// A redirect to another server, or to another path, is not followed.
func TestRedirectElsewhere(t *testing.T) {
	asked := false
	elsewhere := serve(t, func(w http.ResponseWriter, r *http.Request) { asked = true; fastAPI(w, r) })
	for _, to := range []string{elsewhere.URL + "/v1/audio/transcriptions/", "/v2/audio/transcriptions", "//" + strings.TrimPrefix(elsewhere.URL, "http://") + "/v1/audio/transcriptions/"} {
		s := serve(t, http.RedirectHandler(to, http.StatusPermanentRedirect).ServeHTTP)
		_, err := client(t, Config{URL: s.URL + "/v1/audio/transcriptions"}).Once().Transcribe(t.Context(), speech(300))
		if !isKind(err, Redirected) || asked {
			t.Errorf("%s: %v, asked %v", to, err, asked)
		}
	}
}

// A server gets the key in the header that it wants. A key that it refuses costs one
// request more, once.
func TestKeyHeaders(t *testing.T) {
	for _, tt := range []struct {
		name, header, value string
		want                string // the statuses of three dictations
	}{
		{"OpenAI", "Authorization", "Bearer sesame", "200 200 200"},
		{"Azure", "api-key", "sesame", "401 200 200 200"},
		{"others", "x-api-key", "sesame", "401 200 200 200"},
		{"refuses it", "Authorization", "Bearer other", "401 401 401 401"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get(tt.header) != tt.value {
					got = append(got, "401")
					says(401, "application/json", `{"error":{"message":"no key"}}`)(w, r)
					return
				}
				if !soundIn(r, "file") {
					t.Error("the sound is missing")
				}
				got = append(got, "200")
				says(200, "application/json", `{"text":"Hello."}`)(w, r)
			})
			c := client(t, Config{URL: s.URL + "/v1/audio/transcriptions", KeyFile: key(t, "sesame", 0o600)}).Once()
			for range 3 {
				if _, err := c.Transcribe(t.Context(), speech(300)); err != nil && !isKind(err, KeyRefused) {
					t.Error(err)
				}
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%s, want %s", s, tt.want)
			}
		})
	}
}

// A server that reads the form as a stream knows all fields before the sound.
func TestFileIsLast(t *testing.T) {
	for _, dialect := range []string{Vocoder, OpenAI, WhisperCPP} {
		var names []string
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, p, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
			for parts := multipart.NewReader(r.Body, p["boundary"]); ; {
				part, err := parts.NextPart()
				if err != nil {
					break
				}
				names = append(names, part.FormName())
			}
			says(200, "application/json", `{"text":"Hello."}`)(w, r)
		})
		c := client(t, Config{URL: s.URL, Dialect: dialect, Prompt: "Kubernetes"})
		if _, err := c.Transcribe(t.Context(), speech(300)); err != nil || len(names) < 3 || names[len(names)-1] != "file" {
			t.Errorf("%s: %q, %v", dialect, names, err)
		}
	}
}

// A server may send the head of its answer, or a space each second, and the rest much
// later. An answer that stops is given up.
func TestAnswerDrips(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, tt := range []struct {
		name  string
		every time.Duration // a space
		n     int
		want  string
	}{
		{"the head early", 30 * time.Second, 1, "Hello."},
		{"a space each second", time.Second, 40, "Hello."},
		{"a space each nine seconds", 9 * time.Second, 6, "Hello."},
		{"a space each nine seconds without end", 9 * time.Second, 1000, ""},
		{"a space and then nothing", 11 * time.Second, 2, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder})
				pipes(c, func(_ int, conn net.Conn) {
					readRequest(conn)
					_, _ = io.WriteString(conn, head)
					for range tt.n {
						time.Sleep(tt.every)
						if _, err := io.WriteString(conn, "1\r\n \r\n"); err != nil {
							return
						}
					}
					_, _ = io.WriteString(conn, "11\r\n{\"text\":\"Hello.\"}\r\n0\r\n\r\n")
				})
				begin := time.Now()
				got, err := c.Once().Transcribe(t.Context(), speech(1000))
				if got != tt.want || (err == nil) != (tt.want != "") || time.Since(begin) > Timeout(speech(1000)) {
					t.Errorf("%q, %v after %v", got, err, time.Since(begin))
				}
				time.Sleep(time.Hour) // the server notices
			})
		})
	}
}
