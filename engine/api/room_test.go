package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/engine/speech"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// waitLimit is far above what any wait here takes, also on a busy machine.
const waitLimit = time.Minute

// TestRoomIsGivenBack checks that each request gives back its place, however it ends.
func TestRoomIsGivenBack(t *testing.T) {
	s, _ := server(twoPieces())
	h := s.Handler()
	for i := range 3 * maxWaiting {
		for _, tt := range []struct {
			r    *http.Request
			want int
		}{
			{post("/v1/transcribe", "file", string(clip.WAV())), http.StatusOK},
			{post("/v1/transcribe", "file", "no sound"), http.StatusBadRequest},
			{post("/v1/transcribe"), http.StatusBadRequest},
			{httptest.NewRequest(http.MethodPost, "/v1/transcribe", strings.NewReader("no form")), http.StatusBadRequest},
		} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, tt.r)
			if w.Code != tt.want {
				t.Fatalf("round %d: %d %s", i, w.Code, w.Body)
			}
		}
	}
}

// halfForm begins a form, and sends no more.
func halfForm(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() }) // the server closed it, too
	_, err = fmt.Fprintf(c, "POST /v1/transcribe HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n--b\r\n")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestHalfForms checks that senders that do not go on do not keep out others for ever.
func TestHalfForms(t *testing.T) {
	s, _ := server(twoPieces())
	s.formGrace = 500 * time.Millisecond
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	var all []net.Conn
	for range maxWaiting {
		all = append(all, halfForm(t, web.Listener.Addr().String()))
	}
	for _, c := range all {
		_ = c.SetReadDeadline(time.Now().Add(waitLimit))
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || resp.StatusCode != http.StatusRequestTimeout {
			t.Fatalf("%v, %v", resp, err)
		}
	}
	r := post(web.URL+"/v1/transcribe", "file", string(clip.WAV()))
	r.RequestURI = ""
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", resp, err)
	}
	_ = resp.Body.Close() // it was not read
}

// TestSlowRecognizer checks that the limit of time is for the form alone.
func TestSlowRecognizer(t *testing.T) {
	s, _ := server(nil)
	s.formGrace = 500 * time.Millisecond
	s.Recognizer = funcRecognizer(func(ctx context.Context) error {
		select {
		case <-time.After(3 * s.formGrace):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	for range 2 { // on one connection
		r := post(web.URL+"/v1/transcribe", "file", string(clip.WAV()))
		r.RequestURI = ""
		resp, err := http.DefaultClient.Do(r)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", resp, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body) // so that the connection is used again
		_ = resp.Body.Close()
	}
}

// A funcRecognizer recognizes nothing.
type funcRecognizer func(context.Context) error

func (f funcRecognizer) Transcribe(ctx context.Context, _ pcm.Clip, _ speech.Options) (speech.Transcript, error) {
	return speech.Transcript{}, f(ctx)
}
func (f funcRecognizer) Err() (bool, error) { return true, nil }

// TestManyAtOnce checks that of 200 requests at once each gets its text or a clear error, and
// that the next one is answered.
func TestManyAtOnce(t *testing.T) {
	s, _ := server(nil)
	enough := make(chan struct{})
	s.Recognizer = funcRecognizer(func(context.Context) error { <-enough; return nil })
	h := s.Handler()
	codes := make(chan int, 200)
	var wg sync.WaitGroup
	for range cap(codes) {
		wg.Go(func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, post("/v1/transcribe", "file", string(clip.WAV())))
			var e struct{ Error struct{ Code string } }
			if w.Code == http.StatusServiceUnavailable && (json.Unmarshal(w.Body.Bytes(), &e) != nil || e.Error.Code != "busy" || w.Header().Get("Retry-After") == "") {
				t.Errorf("%s", w.Body)
			}
			if codes <- w.Code; len(codes) == cap(codes)-maxWaiting {
				close(enough)
			}
		})
	}
	wg.Wait()
	close(codes)
	count := map[int]int{}
	for c := range codes {
		count[c]++
	}
	if count[http.StatusOK] != maxWaiting || count[http.StatusServiceUnavailable] != 200-maxWaiting {
		t.Errorf("%v", count)
	}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, post("/v1/transcribe", "file", string(clip.WAV()))); w.Code != http.StatusOK {
		t.Errorf("after that: %d", w.Code)
	}
}

// long returns a request with so many bytes of sound at 48 kHz in stereo.
func long(n int64) *http.Request {
	head := pcm.Clip{Rate: 48000}.WAV()
	head[22], head[32] = 2, 4
	copy(head[40:], "\xff\xff\xff\x7f")
	body := io.MultiReader(strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n"+string(head)),
		io.LimitReader(zeros{}, n), strings.NewReader("\r\n--b--\r\n"))
	r := httptest.NewRequest(http.MethodPost, "/v1/transcribe", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	return r
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestMemory checks that forms with and without a length share the room, and give it back.
func TestMemory(t *testing.T) {
	s, _ := server(nil)
	running, enough := make(chan struct{}), make(chan struct{})
	s.Recognizer = funcRecognizer(func(context.Context) error { running <- struct{}{}; <-enough; return nil })
	h := s.Handler()
	serve := func(r *http.Request, length int64) int {
		w := httptest.NewRecorder()
		r.ContentLength = length
		h.ServeHTTP(w, r)
		return w.Code
	}
	first := make(chan int, 1)
	go func() { first <- serve(long(1<<20), maxMemory-2<<20) }()
	select {
	case <-running:
	case <-time.After(waitLimit):
		t.Fatal("the first is not admitted")
	}
	if code := serve(long(8<<20), -1); code != http.StatusServiceUnavailable {
		t.Errorf("without a length: %d", code)
	}
	if code := serve(long(8<<20), 9<<20); code != http.StatusServiceUnavailable {
		t.Errorf("with a length: %d", code)
	}
	close(enough)
	if code := <-first; code != http.StatusOK {
		t.Errorf("the first: %d", code)
	}
	s.Recognizer = funcRecognizer(func(context.Context) error { return nil })
	if w := ask(s, long(8<<20)); w.Code != http.StatusOK {
		t.Errorf("after that: %d %s", w.Code, w.Body)
	}
}

// TestHour checks how much memory an hour at 48 kHz in stereo takes: the model needs the
// rest of the unit's 2 GB.
func TestHour(t *testing.T) {
	if os.Getenv("VOCODER_SWEEP") == "" {
		t.Skip("needs 800 MB of memory")
	}
	s, _ := server(nil)
	s.Recognizer = funcRecognizer(func(context.Context) error { return nil })
	if w := ask(s, long(3600*48000*4)); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) { // proc_pid_status(5)
		if kB, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var n int
			if _, err := fmt.Sscanf(kB, "%d", &n); err != nil || n > 900<<10 {
				t.Errorf("%d kB at most (%v)", n, err)
			}
			t.Logf("%d MB at most", n>>10)
		}
	}
}
