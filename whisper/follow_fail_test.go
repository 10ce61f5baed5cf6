package whisper

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A failingServer counts what it gets. It fails until an answer of serve is "".
type failingServer struct {
	answer func(request int) string // "" hears the words of spoken
	at     []time.Time              // of each request with sound
	heard  map[string]int           // how often it got each word
	last   string                   // the words of the last request
}

func (s *failingServer) serve(_ int, conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		file, _, err := r.FormFile("file")
		if err != nil {
			return
		}
		clip, err := pcm.ReadWAV(file)
		if err != nil {
			return
		}
		var said []string
		for i, v := range clip.Samples {
			if i == 0 || v != clip.Samples[i-1] {
				said = append(said, fmt.Sprintf("word%d", v-1000))
			}
		}
		s.at = append(s.at, time.Now())
		for _, w := range said {
			s.heard[w]++
		}
		s.last = strings.Join(said, " ")
		a := s.answer(len(s.at))
		if a == "" {
			a = httpAnswer("200 OK", "text/plain", s.last)
		}
		if _, err := io.WriteString(conn, a); err != nil || a == hangUpNow {
			return
		}
	}
}

const hangUpNow = "HTTP/1.1 "

// most returns the most requests within a minute, after the first.
func (s *failingServer) most() (most int) {
	for i := range s.at {
		n := 0
		for _, at := range s.at[i+1:] {
			if at.Sub(s.at[i]) < time.Minute {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// speakFor says words of 4 s each to Follow, and calls released before the last of them
// ends. It returns the text.
func speakFor(t *testing.T, c *Client, words int, released func()) (string, error) {
	segments := make(chan pcm.Clip)
	go func() {
		defer close(segments)
		for i := range words {
			time.Sleep(4 * time.Second)
			if i == words-1 {
				synctest.Wait()
				released()
			}
			segments <- spoken(i, 4*time.Second)
		}
	}()
	return c.Follow(t.Context(), segments, nil)
}

// While the user speaks for two minutes, a recognizer that fails gets few requests, and
// no sound twice. When it works again the words are complete, and what it has missed is
// asked for before the release.
func TestFollowPauses(t *testing.T) {
	busy := httpAnswer("503 Wait", "text/plain", "")
	for _, tt := range []struct {
		name   string
		answer string
		least  int // requests while the user speaks
		most   int
	}{
		{"overloaded", busy, 5, 6},
		{"says when to come back", httpAnswer("503 Wait", "text/plain", "", "Retry-After: 5\r\n"), 5, 6},
		{"says to come back much later", httpAnswer("429 Wait", "text/plain", "", "Retry-After: 3600\r\n"), 1, 1},
		{"the quota is used up", httpAnswer("429 No", "application/json", `{"error":{"message":"m","code":"insufficient_quota"}}`), 1, 1},
		{"refuses the key", httpAnswer("401 No", "text/plain", ""), 1, 1},
		{"refuses the request", httpAnswer("400 No", "text/plain", ""), 1, 1},
		{"crashes", httpAnswer("500 Oops", "text/plain", ""), 5, 6},
		{"hangs up", hangUpNow, 5, 6},
		{"makes no sense", httpAnswer("200 OK", "text/html", "<html>"), 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				well := false
				s := &failingServer{heard: map[string]int{}, answer: func(int) string {
					if well {
						return ""
					}
					return tt.answer
				}}
				c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: OpenAI})
				pipes(c, s.serve)
				text, err := speakFor(t, c, 30, func() {
					if n := len(s.at); n > tt.most || n < tt.least {
						t.Errorf("%d requests while the user spoke, want %d to %d", n, tt.least, tt.most)
					}
					for word, n := range s.heard {
						if n > 1 {
							t.Errorf("%s was sent %d times", word, n)
						}
					}
					well = true
				})
				if err != nil || text != count(30) {
					t.Errorf("%q, %v", text, err)
				}
				if n := s.most(); n > 10 {
					t.Errorf("%d further requests within a minute", n)
				}
			})
		})
	}
}

// A recognizer that was down for a while gets what it missed while the user still
// speaks. The words are in order.
func TestFollowCatchesUp(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fails func(request int) bool
	}{
		{"the first two fail", func(n int) bool { return n <= 2 }},
		{"some in between", func(n int) bool { return n == 3 || n == 4 }},
		{"each second one", func(n int) bool { return n%2 == 1 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &failingServer{heard: map[string]int{}, answer: func(n int) string {
					if tt.fails(n) {
						return httpAnswer("503 Wait", "text/plain", "")
					}
					return ""
				}}
				c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: OpenAI})
				pipes(c, s.serve)
				early := 0
				text, err := speakFor(t, c, 30, func() { early = len(s.at) })
				if err != nil || text != count(30) {
					t.Errorf("%q, %v", text, err)
				}
				if n := len(strings.Fields(s.last)); n > 8 {
					t.Errorf("the last request was for %d of 30 words", n)
				}
				if n := len(s.at) - early; n > 3 { // the last, and those that fail
					t.Errorf("%d requests after the release", n)
				}
			})
		})
	}
}

// If nothing listens, a segment is tried again with growing pauses, since no server got it.
func TestFollowNoServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: OpenAI})
		s := &failingServer{heard: map[string]int{}, answer: func(int) string { return "" }}
		pipes(c, s.serve)
		r, good, dials, up := c.pool.all[0], c.pool.all[0].dial, 0, time.Now().Add(50*time.Second)
		r.dial = func(ctx context.Context, network, target string) (net.Conn, error) {
			if dials++; time.Now().Before(up) {
				return nil, &net.OpError{Op: "dial", Err: errRefused}
			}
			return good(ctx, network, target)
		}
		text, err := speakFor(t, c, 30, func() {
			if dials > 12 || len(s.at) == 0 {
				t.Errorf("%d connections and %d requests", dials, len(s.at))
			}
		})
		if err != nil || text != count(30) {
			t.Errorf("%q, %v", text, err)
		}
	})
}

// If a recognizer fails until the end, Follow asks for the rest with growing pauses, and
// gives up in time.
func TestFollowGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &failingServer{heard: map[string]int{}, answer: func(int) string { return httpAnswer("503 Wait", "text/plain", "") }}
		c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: OpenAI})
		pipes(c, s.serve)
		var released time.Time
		text, err := speakFor(t, c, 15, func() { released = time.Now() })
		if took := time.Since(released); text != "" || !isKind(err, Busy) || took > timeout(time.Minute) {
			t.Errorf("%q, %v after %v", text, err, took)
		}
		if n := s.most(); n > 12 {
			t.Errorf("%d further requests within a minute", n)
		}
	})
}
