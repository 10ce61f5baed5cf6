package control

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// For any bytes, the daemon gets one command at most, and only one that the very first
// bytes spell. The answer is nothing, one HTTP response or one JSON object.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		"", "s", "toggle", "start\n", "stop", "status", "shutdown", "startstop", "xyz", "s tart",
		"POST /v1/start HTTP/1.1\r\nHost: x\r\n\r\n", "POST /v1/reload HTTP/1.0\r\n\r\n",
		"POST /v1/stop HTTP/1.1\r\nHost: x\r\n\r\nPOST /v1/start HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /v1/start HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
		"POST http://x/v1/start HTTP/1.1\r\n\r\n", "GET /v1/last HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
		"GET /v1/watch HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD /v1/status HTTP/1.1\r\nHost: x\r\n\r\n",
		"CONNECT /v1/start HTTP/1.1\r\nHost: x\r\n\r\n", "POST /v1/start HTTP/1.1\nHost: x\n\n",
		"POST /v1/language/de HTTP/1.1\r\nHost: x\r\n\r\n", "POST /v1/language/ HTTP/1.1\r\nHost: x\r\n\r\n", "POST /v1/language/d%65 HTTP/1.1\r\nHost: x\r\n\r\n",
		"\x00\xff", "GET " + strings.Repeat("/", 5000),
	} {
		f.Add([]byte(s))
	}
	d := &fake{text: "words"}
	c := serve(f, d, func(s *Server) { s.clientTimeout = time.Second })
	f.Fuzz(func(t *testing.T, b []byte) {
		before := len(d.told())
		answer := exchange(t, c, b)
		told := d.told()[before:]
		if len(told) > 1 {
			t.Fatalf("told %v", told)
		}
		for _, command := range told {
			word := string(bytes.TrimSpace(b[:min(len(b), maxWord)])) == string(command)
			line := bytes.HasPrefix(b, []byte("POST /v1/"+string(command)+" HTTP/1."))
			if !word && !line {
				t.Fatalf("told %s", command)
			}
			if len(answer) == 0 {
				t.Fatalf("told %s, answered nothing", command)
			}
		}
		if err := wellFormed(b, answer); err != nil {
			t.Fatalf("answered %q: %v", answer, err)
		}
	})
}

// exchange sends b and ends, and returns the answer.
func exchange(t *testing.T, c Client, b []byte) []byte {
	conn, err := net.Dial("unix", c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	sent := make(chan struct{})
	go func() {
		_, _ = conn.Write(b) // it fails if the daemon closes first
		_ = conn.(*net.UnixConn).CloseWrite()
		close(sent)
	}()
	answer, _ := io.ReadAll(conn) // a reset is an end too
	<-sent
	return answer
}

func wellFormed(request, answer []byte) error {
	if len(answer) == 0 {
		return nil
	}
	if answer[0] == '{' {
		var v map[string]any
		return json.Unmarshal(answer, &v)
	}
	r := bufio.NewReader(bytes.NewReader(answer))
	asked := &http.Request{Method: http.MethodGet}
	if bytes.HasPrefix(request, []byte("HEAD ")) {
		asked.Method = http.MethodHead // its answer has no body
	}
	resp, err := http.ReadResponse(r, asked)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// The parser finds each word. It waits for more only if more bytes can make a word.
func FuzzParseWord(f *testing.F) {
	for _, s := range append(words, "", " ", "sta", "sta ", "start stop", "\ttoggle\r\n", "startx") {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		word, done := parseWord(b)
		if word != "" && (!done || strings.Trim(string(b), space) != word) {
			t.Fatalf("%q: got %q, %v", b, word, done)
		}
		hope := false
		for _, w := range words {
			for i := range len(w) {
				hope = hope || strings.TrimLeft(string(b), space) == w[:i]
			}
			if strings.Trim(string(b), space) == w && word != w {
				t.Fatalf("%q: got %q", b, word)
			}
		}
		if done == hope {
			t.Fatalf("%q: done %v", b, done)
		}
	})
}
