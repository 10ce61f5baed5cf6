package whisper

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// heard is what the servers of this file hear in every clip. Each says it as
// its kind does.
const heard = "And so, my fellow Americans, ask not what your country can do for you."

// sound reads the field of a multipart form as a clip. No sound is "", false.
func soundIn(r *http.Request, field string) bool {
	f, _, err := r.FormFile(field)
	if err != nil {
		return false
	}
	clip, err := pcm.ReadWAV(f)
	return err == nil && len(clip.Samples) > 0 && clip.Rate == pcm.Rate
}

func writeJSON(w http.ResponseWriter, kind string, status int, v any) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// whisperServer is whisper-server of whisper.cpp 1.9.1, as observed: text with a
// space before it and broken lines, errors in plain text although its source has JSON,
// English unless the request names a language.
func whisperServer(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseMultipartForm(1 << 20)
		w.Header().Set("Server", "whisper.cpp")
		switch {
		case r.Method == http.MethodGet && r.URL.Path == "/health":
			writeJSON(w, "application/json", 200, map[string]string{"status": "ok"})
		case r.Method != http.MethodPost || r.URL.Path != path:
			says(404, "text/plain", "File Not Found ("+r.URL.Path+")")(w, r)
		case !soundIn(r, "file"):
			says(400, "text/plain", "Invalid request")(w, r)
		case r.FormValue("language") != "auto" && r.FormValue("language") != "en" && r.FormValue("language") != "":
			says(200, "application/json", `{"text":" (speaking in foreign language)\n"}`)(w, r)
		case r.FormValue("response_format") == "text":
			says(200, "text/html; charset=utf-8", " "+heard+"\n")(w, r)
		case r.FormValue("split_on_word") == "true":
			says(200, "application/json", `{"text":" And so, my fellow Americans, ask not what your\n country can do\n for you.\n"}`)(w, r)
		default:
			says(200, "application/json", `{"text":" And so, my fellow Americans, ask not what your cou\nntry can do\n for you.\n"}`)(w, r)
		}
	}
}

// fastAPI is speaches: the model must be named and installed.
func fastAPI(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseMultipartForm(1 << 20)
	type detail map[string]any
	missing := func(field string) {
		writeJSON(w, "application/json", 422, detail{"detail": []detail{{"type": "missing", "loc": []string{"body", field}, "msg": "Field required"}}})
	}
	switch {
	case r.URL.Path == "/health":
		writeJSON(w, "application/json", 200, detail{"message": "OK"})
	case r.URL.Path != "/v1/audio/transcriptions":
		writeJSON(w, "application/json", 404, detail{"detail": "Not Found"})
	case r.Method != http.MethodPost:
		writeJSON(w, "application/json", 405, detail{"detail": "Method Not Allowed"})
	case r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0:
		missing("file")
	case r.FormValue("model") == "":
		missing("model")
	case r.FormValue("model") != "whisper-1":
		writeJSON(w, "application/json", 404, detail{"detail": "Model '" + r.FormValue("model") + "' is not installed locally. You can download the model"})
	case !soundIn(r, "file"):
		writeJSON(w, "application/json", 415, detail{"detail": "Failed to decode audio"})
	default:
		writeJSON(w, "application/json", 200, detail{"text": heard, "usage": detail{"type": "duration", "seconds": 1}})
	}
}

// openAI is OpenAI itself: the key comes first.
func openAI(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, message, code string) {
		writeJSON(w, "application/json", status, map[string]any{"error": map[string]any{"message": message, "type": "invalid_request_error", "param": nil, "code": code}})
	}
	_ = r.ParseMultipartForm(1 << 20)
	switch {
	case r.Header.Get("Authorization") != "Bearer sesame":
		fail(401, "Incorrect API key provided", "invalid_api_key")
	case r.URL.Path != "/v1/audio/transcriptions":
		fail(404, "Invalid URL ("+r.Method+" "+r.URL.Path+")", "")
	case !soundIn(r, "file"):
		fail(400, "Invalid file format.", "")
	case r.FormValue("model") != "whisper-1":
		fail(404, "The model does not exist", "model_not_found")
	default:
		writeJSON(w, "application/json", 200, map[string]string{"text": heard})
	}
}

// localAI answers verbosely unless told otherwise, and counts its errors.
func localAI(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseMultipartForm(1 << 20)
	fail := func(status int, message string) {
		writeJSON(w, "application/json", status, map[string]any{"error": map[string]any{"code": status, "message": message, "type": ""}})
	}
	switch {
	case r.URL.Path != "/v1/audio/transcriptions":
		fail(404, "Resource not found")
	case !soundIn(r, "file"):
		fail(400, "there is no such file")
	case r.FormValue("response_format") != "json":
		fail(500, "invalid response_format")
	default:
		writeJSON(w, "application/json", 200, map[string]any{"text": heard, "language": "en", "duration": 1.5})
	}
}

// webservice is whisper-asr-webservice: its own field, options in the query,
// JSON as plain text.
func webservice(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseMultipartForm(1 << 20)
	switch {
	case r.URL.Path != "/asr":
		writeJSON(w, "application/json", 404, map[string]string{"detail": "Not Found"})
	case r.MultipartForm == nil || len(r.MultipartForm.File["audio_file"]) == 0:
		writeJSON(w, "application/json", 422, map[string]any{"detail": []any{map[string]any{"type": "missing", "loc": []string{"body", "audio_file"}, "msg": "Field required"}}})
	case !soundIn(r, "audio_file"):
		says(500, "text/plain", "Internal Server Error")(w, r)
	case r.URL.Query().Get("output") != "json":
		says(200, "text/plain; charset=utf-8", strings.ReplaceAll(heard, "not ", "not\n")+"\n")(w, r)
	default:
		writeJSON(w, "text/plain; charset=utf-8", 200, map[string]any{"text": " " + heard, "language": "en",
			"segments": []any{map[string]any{"text": " " + heard, "no_speech_prob": 0.01, "avg_logprob": -0.2}}})
	}
}

// predecessor is a server as the replaced program wanted it.
func predecessor(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseMultipartForm(1 << 20)
	switch {
	case r.URL.Path == "/health":
		writeJSON(w, "application/json", 200, map[string]string{"status": "ok"})
	case r.URL.Path != "/v1/transcribe":
		http.NotFound(w, r)
	case !soundIn(r, "file"):
		says(400, "text/plain", "send a file")(w, r)
	default:
		writeJSON(w, "application/json", 200, map[string]string{"text": heard})
	}
}

// listen listens on network at target and gives each connection to serve.
func listen(t *testing.T, network, target string, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen(network, target)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// wyoming is wyoming-faster-whisper: one transcript a connection. Events that
// a client did not ask for come before it.
func wyoming(conn net.Conn) {
	in := bufio.NewReader(conn)
	sound := 0
	for {
		e, payload, err := readTestEvent(in)
		if err != nil {
			return
		}
		switch e.Type {
		case "describe":
			sendTo(conn, "info", map[string]any{"asr": []any{map[string]any{"name": "faster-whisper"}}}, nil)
		case "audio-chunk":
			sound += payload
		case "audio-stop":
			text := ""
			if sound > 0 {
				text = " " + heard
			}
			sendTo(conn, "transcript-start", nil, []byte("what is to come"))
			// Data within the line is as good as data apart.
			_, _ = fmt.Fprintf(conn, `{"type":"transcript","data":{"text":%q}}`+"\n", text)
			return
		}
	}
}

func readTestEvent(in *bufio.Reader) (event, int, error) {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return event{}, 0, err
	}
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		return e, 0, err
	}
	data := make([]byte, e.DataLength)
	if _, err := io.ReadFull(in, data); err != nil {
		return e, 0, err
	}
	e.Data = data
	_, err = io.CopyN(io.Discard, in, int64(e.PayloadLength))
	return e, e.PayloadLength, err
}

// pipes makes the recognizers of c dial serve, in memory.
func pipes(c *Client, serve ...func(n int, conn net.Conn)) {
	for i, r := range c.pool.all {
		var dialed atomic.Int64
		r.verify = func(net.Conn) error { return nil }
		r.dial = func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			n := int(dialed.Add(1)) - 1
			go func() {
				serve[i](n, there)
				_ = there.Close()
			}()
			return socket{here}, nil
		}
	}
}

// A socket fails as one of the kernel does if it writes after the other end has closed.
type socket struct{ net.Conn }

func (s socket) Write(b []byte) (int, error) {
	n, err := s.Conn.Write(b)
	if errors.Is(err, io.ErrClosedPipe) {
		err = syscall.EPIPE
	}
	return n, err
}

// sendTo sends one event of the Wyoming protocol. The client may have gone.
func sendTo(conn net.Conn, kind string, data any, payload []byte) {
	w := bufio.NewWriter(conn)
	send(w, kind, data, payload)
	_ = w.Flush()
}
