package whisper

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/text"
)

func TestDecode(t *testing.T) {
	const asJSON = "application/json"
	for _, tt := range []struct{ name, kind, body, want string }{
		{"the predecessor", asJSON, `{"text": "Hello."}`, "Hello."},
		{"plain text", "text/plain; charset=utf-8", "Hello there.\n", "Hello there."},
		{"text that whisper.cpp calls HTML", "text/html; charset=utf-8", " Hello there.\n", "Hello there."},
		{"lines of whisper.cpp", asJSON, `{"text":" This is a\n sentence that is long, and not to be believed, unbeliev\nably so.\n"}`,
			"This is a sentence that is long, and not to be believed, unbelievably so."},
		{"lines of others", "text/plain", "Hello there.\nHow are you?\r\n", "Hello there. How are you?"},
		{"lines without spaces", asJSON, `{"text":"今日は\n天気がいい。\nはい"}`, "今日は天気がいい。はい"},
		{"half characters of whisper.cpp", asJSON, `{"text":" caf\ufffd\n\ufffd au lait"}`, "caf au lait"},
		{"JSON as plain text", "text/plain; charset=utf-8", `{"text":" Hi.","segments":[{"text":" Hi.","no_speech_prob":0.01}],"language":"en"}`, "Hi."},
		{"OpenAI with usage", asJSON, `{"text":"Hello.","usage":{"type":"tokens","input_token_details":{"audio_tokens":14}}}`, "Hello."},
		{"segments alone", asJSON, `{"segments":[{"text":" One,"},{"text":" two."}]}`, "One, two."},
		{"a JSON string", asJSON, `"Hello."`, "Hello."},
		{"a quotation", "text/plain", `"Hello," she said.`, `"Hello," she said.`},
		{"a byte order mark", "text/plain", "\ufeffHello.", "Hello."},
		{"no type", "", `{"text":"Hello."}`, "Hello."},
		{"silence", asJSON, `{"text":""}`, ""},
		{"silence as text", "text/plain", "\n", ""},
		{"nothing at all", "", "", ""},
		{"markup that is speech", "text/plain", "<3 you", "<3 you"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := decode(tt.kind, []byte(tt.body))
			if err != nil || text.Line(r.text) != tt.want {
				t.Errorf("%q, %v, want %q", text.Line(r.text), err, tt.want)
			}
		})
	}
}

func TestDecodeGarbled(t *testing.T) {
	const asJSON = "application/json"
	for name, tt := range map[string]struct{ kind, body string }{
		"":                       {"text/html", "<!DOCTYPE html><title>Hi</title>"},
		"a web page as text":     {"text/plain", "\n <HTML><body>"},
		"an empty JSON":          {asJSON, " "},
		"half a JSON":            {asJSON, `{"text":"Hel`},
		"half a JSON as text":    {"text/plain", `{"text":"Hel`},
		"a number":               {asJSON, "42"},
		"null":                   {asJSON, "null"},
		"a list":                 {asJSON, `["Hello"]`},
		"text that is none":      {asJSON, `{"text":42}`},
		"text that is null":      {asJSON, `{"text":null}`},
		"another case":           {asJSON, `{"Text":"Hello"}`},
		"deep":                   {asJSON, `{"text":"a","x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}"},
		"very deep":              {"text/plain", strings.Repeat(`{"a":`, 200_000)},
		"Latin-1":                {"text/plain; charset=iso-8859-1", "caf\xe9"},
		"two answers":            {asJSON, `{"text":"a"}{"text":"b"}`},
		"an error that is a 200": {asJSON, `{"error":"failed to read WAV file"}`},
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := decode(tt.kind, []byte(tt.body)); err == nil {
				t.Errorf("%q, want an error", r.text)
			}
		})
	}
}

func TestProblem(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		kind   Kind
		said   string
	}{
		{"OpenAI, key", 401, `{"error":{"message":"Incorrect API key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`, KeyRefused, "Incorrect API key"},
		{"OpenAI, model", 404, `{"error":{"message":"It does not exist","code":"model_not_found"}}`, NoModel, "It does not exist"},
		{"OpenAI, quota", 429, `{"error":{"message":"You exceeded","code":"insufficient_quota"}}`, Rejected, "You exceeded"},
		{"OpenAI, rate", 429, `{"error":{"message":"Slow down","code":"rate_limit_exceeded"}}`, Busy, "Slow down"},
		{"speaches, model", 404, `{"detail":"Model 'x' is not installed locally. Install it"}`, NoModel, "Model 'x' is not installed locally. Install it"},
		{"FastAPI, path", 404, `{"detail":"Not Found"}`, WrongPath, "Not Found"},
		{"FastAPI, field", 422, `{"detail":[{"loc":["body","audio_file"],"msg":"Field required","type":"missing"}]}`, Rejected, "audio_file: Field required"},
		{"FastAPI, no model", 422, `{"detail":[{"loc":["body","model"],"msg":"Field required"}]}`, NoModel, "model: Field required"},
		{"LocalAI", 500, `{"error":{"code":500,"message":"could not load","type":""}}`, Failing, "could not load"},
		{"LocalAI, opaque", 500, "", Failing, ""},
		{"whisper.cpp, path", 404, "File Not Found (/v1/transcribe)", WrongPath, "File Not Found (/v1/transcribe)"},
		{"whisper.cpp, sound", 400, "Invalid request", Rejected, "Invalid request"},
		{"whisper.cpp, number", 500, "500 Internal Server Error\nstof", Failing, "500 Internal Server Error"},
		{"a code and a message", 500, `{"code":500,"msg":"the model is not loaded"}`, Failing, "the model is not loaded"},
		{"whisper.cpp, JSON", 400, `{"error":"no file"}`, Rejected, "no file"},
		{"a proxy", 502, "<html><h1>Bad Gateway</h1>", Failing, ""},
		{"engine, model", 503, `{"error":{"message":"the model is missing","code":"model_not_found"}}`, NoModel, "the model is missing"},
		{"engine's health, model", 503, `{"status":"error","error":"the model is missing","code":"model_not_found"}`, NoModel, "the model is missing"},
		{"loading", 503, `{"status":"loading"}`, Busy, ""},
		{"method", 405, "", WrongPath, ""},
		{"too long", 413, `{"error":{"message":"Maximum is 25 MB"}}`, Rejected, "Maximum is 25 MB"},
		{"escapes for a terminal", 400, "\x1b[31mred\x07\nmore", Rejected, "�[31mred�"},
		{"not UTF-8", 400, "caf\xe9", Rejected, "caf�"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := answer{status: tt.status, header: http.Header{}, body: []byte(tt.body)}.problem("http://x")
			if e.Kind != tt.kind || e.Said != tt.said {
				t.Errorf("%v, %q, want %v, %q", e.Kind, e.Said, tt.kind, tt.said)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	for v, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "0.5": time.Second / 2, "-1": 0, "soon": 0, "NaN": 0, "-Inf": 0, "1e300": maxAfter, "99999999": maxAfter, "Fri, 31 Dec 9999 23:59:59 GMT": maxAfter, "Sun, 06 Nov 1994 08:49:37 GMT": 0,
	} {
		if got := (answer{header: http.Header{"Retry-After": {v}}}).retryAfter(); got != want {
			t.Errorf("%q: %v, want %v", v, got, want)
		}
	}
	// A date counts from the Date of the server, whose clock is wrong here.
	a := answer{header: http.Header{"Retry-After": {"Sun, 06 Nov 1994 08:49:37 GMT"}, "Date": {"Sun, 06 Nov 1994 08:49:07 GMT"}}}
	if got := a.retryAfter(); got != 30*time.Second {
		t.Errorf("30 s after the server's Date: %v", got)
	}
}

// FuzzDecode checks that any answer becomes one trimmed line of bounded length,
// and that of a JSON object with a text it is that text.
func FuzzDecode(f *testing.F) {
	f.Add("application/json", []byte(`{"text":" Hello\n there.\n","segments":[{"text":"x","no_speech_prob":0.5}]}`))
	f.Add("text/plain", []byte("Hello\r\nthere"))
	f.Add("text/html", []byte("<html>"))
	f.Add("", []byte("\ufeff{\"detail\":[{\"loc\":[\"body\",1],\"msg\":\"m\"}]}"))
	f.Add("application/json", []byte(`{"text":"a\u2028b\ud800","text":"c"}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		_ = answer{status: 400, header: http.Header{}, body: body}.problem("x").Error()
		r, err := decode(kind, body)
		var object map[string]any
		if json.Unmarshal(body, &object) == nil && err == nil {
			if want, ok := object["text"].(string); ok && want != r.text {
				t.Fatalf("%q, want %q", r.text, want)
			}
		}
		if err != nil {
			if _, ok := errors.AsType[*Error](error(err)); !ok || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		got := text.Line(r.text)
		if strings.ContainsAny(got, "\n\r\v\f\u0085\u2028\u2029") || got != strings.TrimSpace(got) {
			t.Fatalf("%q", got)
		}
		if again := text.Line(got); again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
	})
}
