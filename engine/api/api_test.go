package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/speech"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// fakeRecognizer returns the same words for each clip.
type fakeRecognizer struct {
	pieces   []speech.Piece
	language string
	err      error
	loaded   bool
	heard    pcm.Clip
	asked    speech.Options
}

func (e *fakeRecognizer) Transcribe(_ context.Context, c pcm.Clip, o speech.Options) (speech.Transcript, error) {
	e.heard = pcm.Clip{Rate: c.Rate, Samples: slices.Clone(c.Samples)}
	e.asked = o
	return speech.Transcript{Language: e.language, Pieces: e.pieces}, e.err
}

func (e *fakeRecognizer) Err() (bool, error) { return e.loaded, e.err }

func twoPieces() *fakeRecognizer {
	return &fakeRecognizer{pieces: []speech.Piece{
		{Start: 0, End: 1250 * time.Millisecond, Text: "Secret one."},
		{Start: 1250 * time.Millisecond, End: 3700 * time.Second, Text: "Secret two."},
	}}
}

func server(e *fakeRecognizer) (Server, *bytes.Buffer) { return serverOf(models.Default, e) }

func serverOf(model string, e *fakeRecognizer) (Server, *bytes.Buffer) {
	var log bytes.Buffer
	return Server{
		Model: func() models.Model {
			all := models.Catalog()
			return all[slices.IndexFunc(all, func(m models.Model) bool { return m.Name == model })]
		},
		Recognizer: e,
		Check:      func() error { return nil },
		Log:        slog.New(slog.NewTextHandler(&log, nil)),
	}, &log
}

var clip = pcm.Clip{Rate: 16000, Samples: []int16{1, -2, 3}}

// post returns a request with a form. The field "file" becomes a file.
func post(path string, fields ...string) *http.Request {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		name, value := fields[i], fields[i+1]
		if name == "file" {
			p, _ := w.CreateFormFile(name, "speech.wav")
			_, _ = io.WriteString(p, value)
			continue
		}
		_ = w.WriteField(name, value)
	}
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func ask(s Server, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func TestReplies(t *testing.T) {
	const old, openAI = "/v1/transcribe", "/v1/audio/transcriptions"
	wav := string(clip.WAV())
	for _, tt := range []struct {
		name, path string
		fields     []string
		kind, want string
	}{
		{"the form of old", old, []string{"file", wav, "format", "json", "language", "en", "diarize", "false", "model", "small"},
			"application/json", `{"text":"Secret one. Secret two."}` + "\n"},
		{"fields before the file", old, []string{"format", "text", "file", wav}, "text/plain; charset=utf-8", "Secret one. Secret two.\n"},
		{"OpenAI", openAI, []string{"file", wav, "model", models.Default, "temperature", "0", "prompt", "x"},
			"application/json", `{"text":"Secret one. Secret two."}` + "\n"},
		{"the usual model", openAI, []string{"file", wav, "model", "whisper-1"}, "application/json", `{"text":"Secret one. Secret two."}` + "\n"},
		{"no model", openAI, []string{"file", wav, "response_format", "text", "language", "EN-gb"}, "text/plain; charset=utf-8", "Secret one. Secret two.\n"},
		{"verbose", openAI, []string{"file", wav, "response_format", "verbose_json", "language", "english"}, "application/json",
			`{"duration":0.0001875,"language":"en","segments":[{"id":0,"start":0,"end":1.25,"text":"Secret one."},` +
				`{"id":1,"start":1.25,"end":3700,"text":"Secret two."}],"task":"transcribe","text":"Secret one. Secret two."}` + "\n"},
		{"srt", openAI, []string{"file", wav, "response_format", "srt"}, "application/x-subrip; charset=utf-8",
			"1\n00:00:00,000 --> 00:00:01,250\nSecret one.\n\n2\n00:00:01,250 --> 01:01:40,000\nSecret two.\n\n"},
		{"vtt", openAI, []string{"file", wav, "response_format", "vtt"}, "text/vtt; charset=utf-8",
			"WEBVTT\n\n00:00:00.000 --> 00:00:01.250\nSecret one.\n\n00:00:01.250 --> 01:01:40.000\nSecret two.\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := twoPieces()
			s, log := server(e)
			w := ask(s, post(tt.path, tt.fields...))
			if w.Code != 200 || w.Header().Get("Content-Type") != tt.kind || w.Body.String() != tt.want {
				t.Errorf("got %d %s\n%s\nwant %s\n%s", w.Code, w.Header().Get("Content-Type"), w.Body, tt.kind, tt.want)
			}
			if e.heard.Rate != clip.Rate || !slices.Equal(e.heard.Samples, clip.Samples) {
				t.Errorf("heard %v", e.heard)
			}
			if strings.Contains(log.String(), "Secret") || !strings.Contains(log.String(), "characters=23") {
				t.Errorf("log: %s", log)
			}
		})
	}
}

// TestJoint: no space comes between the pieces of a long clip in a script that has none.
func TestJoint(t *testing.T) {
	for want, pieces := range map[string][]string{
		"今天天气很好，我们去公园。然后吃饭。": {"今天天气很好，", "", "我们去公园。", "然后吃饭。"},
		"明日は雨です。傘を持って行きます。":  {"明日は雨です。", "傘を持って行きます。"},
		"สวัสดีครับ":         {"สวัสดี", "ครับ"},
		"오늘은 좋아요. 내일도.":      {"오늘은 좋아요.", "내일도."},
		"One. Two.":          {"", "One.", "", "Two."},
		"":                   {"", ""},
	} {
		var tr transcript
		for _, text := range pieces {
			tr.pieces = append(tr.pieces, speech.Piece{Text: text})
		}
		if got := tr.text(); got != want {
			t.Errorf("%q: %q", pieces, got)
		}
	}
}

func TestProblems(t *testing.T) {
	const old, openAI = "/v1/transcribe", "/v1/audio/transcriptions"
	wav := string(clip.WAV())
	missing := fmt.Errorf("%w: %w", speech.ErrUnavailable, models.ErrMissing)
	get := httptest.NewRequest(http.MethodGet, old, nil)
	plain := httptest.NewRequest(http.MethodPost, old, strings.NewReader(wav))
	cut := post(old, "file", wav)
	cut.Body = io.NopCloser(io.LimitReader(cut.Body, cut.ContentLength-60))
	page := post(old, "file", wav)
	page.Header.Set("Sec-Fetch-Site", "cross-site")
	for _, tt := range []struct {
		name        string
		request     *http.Request
		err         error
		status      int
		param, code any
		message     string // part of it
	}{
		{"no form", plain, nil, 400, nil, nil, "multipart form"},
		{"no file", post(old, "format", "json"), nil, 400, "file", nil, "no field"},
		{"two files", post(old, "file", wav, "file", wav), nil, 400, "file", nil, "more than one"},
		{"not a WAV", post(openAI, "file", "ID3 and so on, an MP3"), nil, 400, "file", nil, "not a usable WAV"},
		{"empty file", post(openAI, "file", ""), nil, 400, "file", nil, "not a usable WAV"},
		{"form breaks off", cut, nil, 400, nil, nil, "breaks off"},
		{"format", post(openAI, "file", wav, "response_format", "xml"), nil, 400, "response_format", nil, "xml"},
		{"field too long", post(openAI, "file", wav, "language", strings.Repeat("x", 1<<17)), nil, 400, "language", nil, "too long"},
		{"language", post(old, "file", wav, "language", "de"), nil, 400, "language", "unsupported_language", "Moonshine tiny (English) does not know"},
		{"translate", post(openAI, "file", wav, "task", "translate"), nil, 400, "task", "unsupported_task", "Moonshine tiny (English) cannot translate, only transcribe"},
		{"translate as whisper.cpp has it", post(old, "file", wav, "translate", "true"), nil, 400, "task", "unsupported_task", "cannot translate"},
		{"translations", post("/v1/audio/translations", "file", wav), nil, 400, "task", "unsupported_task", "cannot translate"},
		{"no such task", post(old, "file", wav, "task", "sing"), nil, 400, "task", "unsupported_task", "cannot sing"},
		{"neither true nor false", post(old, "file", wav, "translate", "perhaps"), nil, 400, "translate", nil, "true or false"},
		{"model", post(openAI, "file", wav, "model", "whisper-9"), nil, 404, "model", "model_not_found", "only moonshine-tiny-en"},
		{"model missing", post(old, "file", wav), missing, 503, nil, "model_not_found", "models pull moonshine-tiny-en"},
		{"worker ends", post(old, "file", wav), speech.ErrUnavailable, 503, nil, "model_unavailable", "unavailable"},
		{"address", httptest.NewRequest(http.MethodGet, "/nothing", nil), nil, 404, nil, "unknown_url", "/nothing"},
		{"method", get, nil, 404, nil, "unknown_url", "GET"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := twoPieces()
			e.err = tt.err
			s, _ := server(e)
			w := ask(s, tt.request)
			var body struct {
				Error struct {
					Message, Type string
					Param, Code   any
				}
			}
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			got := body.Error
			if w.Code != tt.status || got.Param != tt.param || got.Code != tt.code || !strings.Contains(got.Message, tt.message) || got.Type == "" {
				t.Errorf("got %d %+v, want %d %v %v %s", w.Code, got, tt.status, tt.param, tt.code, tt.message)
			}
		})
	}
	s, _ := server(twoPieces())
	if w := ask(s, page); w.Code != http.StatusForbidden {
		t.Errorf("a page of another origin gets %d", w.Code)
	}
}

// The server passes language and task to a model with several languages. It refuses what
// the model does not know, and returns the detected language.
func TestLanguageAndTask(t *testing.T) {
	const old, openAI, translations = "/v1/transcribe", "/v1/audio/transcriptions", "/v1/audio/translations"
	for _, tt := range []struct {
		name, path string
		fields     []string
		want       speech.Options
		task       string
	}{
		{"none", old, nil, speech.Options{Task: "transcribe"}, "transcribe"},
		{"empty", old, []string{"language", "", "task", ""}, speech.Options{Task: "transcribe"}, "transcribe"},
		{"auto", old, []string{"language", "Auto"}, speech.Options{Task: "transcribe"}, "transcribe"},
		{"code", openAI, []string{"language", "it"}, speech.Options{Language: "it", Task: "transcribe"}, "transcribe"},
		{"region", old, []string{"language", "en-US"}, speech.Options{Language: "en", Task: "transcribe"}, "transcribe"},
		{"script", openAI, []string{"language", "zh-Hans", "task", "Translate"}, speech.Options{Language: "zh", Task: "translate"}, "translate"},
		{"name", openAI, []string{"language", "Russian"}, speech.Options{Language: "ru", Task: "transcribe"}, "transcribe"},
		{"as whisper.cpp has it", old, []string{"translate", "true"}, speech.Options{Task: "translate"}, "translate"},
		{"and its false", old, []string{"translate", "false"}, speech.Options{Task: "transcribe"}, "transcribe"},
		{"OpenAI's address", translations, []string{"model", "whisper-1"}, speech.Options{Task: "translate"}, "translate"},
		{"which has no other task", translations, []string{"task", "transcribe", "translate", "false"}, speech.Options{Task: "translate"}, "translate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := twoPieces()
			e.language = "ru"
			s, _ := serverOf(models.Base, e)
			for _, format := range []string{"format", "response_format"} {
				w := ask(s, post(tt.path, slices.Concat(tt.fields, []string{"file", string(clip.WAV()), format, "verbose_json"})...))
				var body struct{ Task, Language, Text string }
				if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 200 {
					t.Fatalf("%d %v: %s", w.Code, err, w.Body)
				}
				if e.asked != tt.want || body.Task != tt.task || body.Language != "ru" {
					t.Errorf("asked %+v, want %+v; answered %+v", e.asked, tt.want, body)
				}
			}
		})
	}
	for _, language := range []string{"tlh", "yue", "Klingon"} {
		e := twoPieces()
		s, _ := serverOf(models.Base, e)
		w := ask(s, post(old, "file", string(clip.WAV()), "language", language))
		for _, part := range []string{`"code":"unsupported_language"`, "Whisper base (99 languages) does not know language " + language + ", only en, zh, de, ", `"param":"language"`} {
			if w.Code != 400 || !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s: %d %s, want %s", language, w.Code, w.Body, part)
			}
		}
		if e.heard.Rate != 0 {
			t.Errorf("%s was given to the model", language)
		}
	}
}

// The server lists what a model knows, so that a client can warn.
func TestKnows(t *testing.T) {
	for _, tt := range []struct {
		model     string
		languages int
		tasks     string
	}{{models.Default, 1, `"tasks":["transcribe"]`}, {models.Base, 99, `"tasks":["transcribe","translate"]`}} {
		s, _ := serverOf(tt.model, twoPieces())
		for _, path := range []string{"/health", "/v1/models", "/v1/models/" + tt.model} {
			w := ask(s, httptest.NewRequest(http.MethodGet, path, nil))
			var body struct {
				Languages []string
				Data      []struct{ Languages []string }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			if len(body.Data) == 1 {
				body.Languages = body.Data[0].Languages
			}
			if len(body.Languages) != tt.languages || body.Languages[0] != "en" || !strings.Contains(w.Body.String(), tt.tasks) {
				t.Errorf("%s %s: %s", tt.model, path, w.Body)
			}
		}
	}
	s, _ := server(twoPieces())
	s.Model = func() models.Model { return models.Model{Name: "mine"} }
	if w := ask(s, httptest.NewRequest(http.MethodGet, "/health", nil)); !strings.Contains(w.Body.String(), `"languages":[]`) {
		t.Errorf("a model of which nothing is known: %s", w.Body)
	}
}

func TestHealth(t *testing.T) {
	for _, tt := range []struct {
		name       string
		loaded     bool
		err, check error
		status     int
		want       string
	}{
		{"not loaded yet", false, nil, nil, 200, `"loaded":false`},
		{"loaded", true, nil, models.ErrBroken, 200, `"status":"ok"`},
		{"no model", false, nil, models.ErrMissing, 503, `models pull moonshine-tiny-en"`},
		{"its code", false, nil, models.ErrMissing, 503, `"code":"model_not_found"`},
		{"broken, then mended", false, models.ErrBroken, nil, 200, `"status":"ok"`},
		{"native code refuses it", false, os.ErrInvalid, nil, 503, "invalid argument"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := server(&fakeRecognizer{loaded: tt.loaded, err: tt.err})
			s.Check = func() error { return tt.check }
			w := ask(s, httptest.NewRequest(http.MethodGet, "/health", nil))
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("got %d %s, want %d %s", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
}

func TestModels(t *testing.T) {
	s, _ := server(twoPieces())
	for path, want := range map[string]int{"/v1/models": 200, "/v1/models/moonshine-tiny-en": 200, "/v1/models/whisper-1": 404} {
		w := ask(s, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want || !strings.Contains(w.Body.String(), "moonshine-tiny-en") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// FuzzForm checks that every request gets an answer, and that only a request with a WAV
// file gets words.
func FuzzForm(f *testing.F) {
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + string(clip.WAV()) + "\r\n--x--\r\n"))
	f.Add([]byte("--x\r\n\r\n--x--"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/v1/transcribe", bytes.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		e := twoPieces()
		s, _ := server(e)
		w := ask(s, r)
		if ok := w.Code == 200; ok != (e.heard.Rate != 0) || !ok && w.Code != 400 {
			t.Errorf("status %d, heard %d samples at %d", w.Code, len(e.heard.Samples), e.heard.Rate)
		}
	})
}
