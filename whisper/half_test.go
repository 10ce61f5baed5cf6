package whisper

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
)

// Half of all requests fail, in any way. Each utterance ends with its own
// words, or with an error.
func TestHalfFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder})
		random := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		faults := []string{"", "HTTP/1.1 200 OK\r\nContent-Le", httpAnswer("500 Oops", "text/plain", ""), httpAnswer("503 Wait", "text/plain", "", "Retry-After: 1\r\n")}
		pipes(c, func(_ int, conn net.Conn) {
			r, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil {
				return
			}
			_ = r.ParseMultipartForm(1 << 20)
			_, h, err := r.FormFile("file")
			if err != nil {
				return
			}
			mu.Lock()
			fault := random.IntN(2 * len(faults))
			mu.Unlock()
			if fault < len(faults) {
				_, _ = io.WriteString(conn, faults[fault])
				return
			}
			_, _ = io.WriteString(conn, httpAnswer("200 OK", "text/plain", fmt.Sprint(h.Size), "Connection: close\r\n"))
		})
		lost := 0
		for i := range 1000 {
			clip := speech(100 + i%300)
			got, err := c.Transcribe(t.Context(), clip)
			if err != nil {
				lost++
				continue
			}
			if want := fmt.Sprint(len(clip.WAV())); got != want {
				t.Fatalf("utterance %d: %q, want %q", i, got, want)
			}
		}
		t.Logf("%d of 1000 are to be kept", lost)
		if lost > 100 {
			t.Errorf("%d of 1000 were given up", lost)
		}
	})
}
