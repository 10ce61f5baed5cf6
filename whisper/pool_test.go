package whisper

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
)

var errRefused = syscall.ECONNREFUSED

// answers serves one text.
func answers(text string) func(int, net.Conn) {
	return func(_ int, conn net.Conn) {
		for {
			readRequest(conn)
			if _, err := io.WriteString(conn, httpAnswer("200 OK", "text/plain", text)); err != nil {
				return
			}
		}
	}
}

// two makes a client of two recognizers at which a function can be put.
func two(t *testing.T, first, second func(int, net.Conn)) *Client {
	c := client(t, Config{URL: "https://gpu.example/", Dialect: OpenAI}, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder})
	c.pool.all[0].address.Secure = false // no TLS over a pipe
	c.pool.all[0].address.URL.Scheme = "http"
	pipes(c, first, second)
	return c
}

func say(t *testing.T, c *Client) (string, time.Duration) {
	t.Helper()
	begin := time.Now()
	got, err := c.Transcribe(t.Context(), speech(1000))
	if err != nil {
		t.Error(err)
	}
	return got, time.Since(begin)
}

// TestFailOver: when the first recognizer fails in any way, the second answers for the
// same utterance. The first is asked again after its backoff, and is used when it works.
func TestFailOver(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault func(int, net.Conn)
		took  time.Duration
	}{
		{"hangs up", func(int, net.Conn) {}, 0},
		{"fails", func(_ int, c net.Conn) {
			readRequest(c)
			_, _ = io.WriteString(c, httpAnswer("500 Oops", "text/plain", ""))
		}, 0},
		{"refuses the key", func(_ int, c net.Conn) {
			readRequest(c)
			_, _ = io.WriteString(c, httpAnswer("401 No", "text/plain", ""))
		}, 0},
		{"makes no sense", func(_ int, c net.Conn) {
			readRequest(c)
			_, _ = io.WriteString(c, httpAnswer("200 OK", "text/html", "<html>"))
		}, 0},
		{"is silent", func(_ int, c net.Conn) { readRequest(c); hold(c) }, 6 * time.Second}, // half of 12 s
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				now := tt.fault
				c := two(t, func(n int, conn net.Conn) { now(n, conn) }, answers("second"))
				if got, took := say(t, c); got != "second" || took != tt.took {
					t.Errorf("%q after %v, want second after %v", got, took, tt.took)
				}
				if got, took := say(t, c); got != "second" || took != 0 {
					t.Errorf("%q after %v, want second at once", got, took)
				}
				if got := c.Fallback(); got != "127.0.0.1:1" {
					t.Errorf("%q has answered, want the second", got)
				}
				now = answers("first")
				time.Sleep(firstBackoff)
				if got, took := say(t, c); got != "first" || took != 0 {
					t.Errorf("%q after %v, want first again", got, took)
				}
				if got := c.Fallback(); got != "" {
					t.Errorf("%q has answered, want the first", got)
				}
				if h := c.Health(); h[0].Err != nil || h[1].Err != nil {
					t.Error(h)
				}
			})
		})
	}
}

// F-18: a machine that is switched off does not answer the dial. The next is
// asked after two seconds.
func TestDialHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := two(t, nil, answers("second"))
		c.pool.all[0].dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		if got, took := say(t, c); got != "second" || took != dialTimeout {
			t.Errorf("%q after %v, want second after %v", got, took, dialTimeout)
		}
		if err := c.Health()[0].Err; !isKind(err, Unreachable) || !strings.HasSuffix(err.Error(), "no connection within 2s") {
			t.Errorf("the first: %v", err)
		}
	})
}

// A recognizer that was out of reach is taken back as soon as a press of the key finds it
// there. One that hung up accepted connections all the time: another one proves nothing.
func TestWarmBringsBack(t *testing.T) {
	for _, tt := range []struct {
		name    string
		refuses bool
		want    string
	}{{"refused", true, "first"}, {"hung up", false, "second"}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				down := true
				first := answers("first")
				c := two(t, func(n int, conn net.Conn) {
					if !down {
						first(n, conn)
					}
				}, answers("second"))
				dial := c.pool.all[0].dial
				c.pool.all[0].dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
					if down && tt.refuses {
						return nil, &net.OpError{Op: "dial", Err: errRefused}
					}
					return dial(ctx, network, addr)
				}
				for range 3 {
					say(t, c)
					time.Sleep(time.Minute)
					say(t, c)
				}
				down = false
				if got, _ := say(t, c); got != "second" {
					t.Errorf("%q: the first should be set aside", got)
				}
				c.Connect(t.Context())
				if got, _ := say(t, c); got != tt.want {
					t.Errorf("%q after a connection, want %s", got, tt.want)
				}
			})
		})
	}
}

func TestAllDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := two(t, func(int, net.Conn) {}, func(int, net.Conn) {})
		_, err := c.Transcribe(t.Context(), speech(1000))
		want := "ask http://gpu.example/v1/audio/transcriptions: it hung up before it answered; ask http://127.0.0.1:1/v1/transcribe: it hung up before it answered"
		if err == nil || err.Error() != want || !isKind(err, HungUp) {
			t.Errorf("%v\nwant %s", err, want)
		}
		if err := c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "; ask ") {
			t.Errorf("check: %v", err)
		}
		for _, h := range c.Health() {
			if h.Err == nil || h.At.IsZero() {
				t.Errorf("%+v", h)
			}
		}
	})
}

// TestCheck: Check succeeds if one recognizer works, and does not wait longer than
// checkTimeout for one that hangs.
func TestCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := two(t, func(_ int, conn net.Conn) { hold(conn) }, answers("second"))
		begin := time.Now()
		if err := c.Check(t.Context()); err != nil || time.Since(begin) != checkTimeout {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		if h := c.Health(); !isKind(h[0].Err, Late) || h[1].Err != nil {
			t.Error(h)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Check(ctx); err != context.Canceled {
			t.Error(err)
		}
	})
}

// A cancelled question says nothing about the recognizer.
func TestCancelIsNoFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := two(t, func(_ int, conn net.Conn) { readRequest(conn); hold(conn) }, answers("second"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := c.Transcribe(ctx, speech(1000)); err != context.Canceled {
			t.Error(err)
		}
		if h := c.Health()[0]; h.Err != nil {
			t.Error(h)
		}
	})
}

// The Client may be used by many at once.
func TestConcurrent(t *testing.T) {
	s := serve(t, predecessor)
	c := client(t, Config{URL: s.URL})
	errs := make(chan error, 40)
	for i := range cap(errs) {
		go func() {
			switch i % 4 {
			case 0:
				c.Connect(t.Context())
				errs <- nil
			case 1:
				errs <- c.Check(t.Context())
			default:
				got, err := c.In(language.Of("de")).Transcribe(t.Context(), speech(2500))
				if err == nil && got != heard {
					err = fmt.Errorf("got %q", got)
				}
				_ = c.Health()
				errs <- err
			}
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// Each recognizer is asked again after the time that it names itself, and no other
// waits for it.
func TestRetryAfterOfAnother(t *testing.T) {
	busy := func(header string) string { return httpAnswer("503 Wait", "text/plain", "", header) }
	for _, tt := range []struct {
		name          string
		first, second string // the Retry-After of its first answer
		want          string
		took          time.Duration
	}{
		{"the first wants an hour", "Retry-After: 3600\r\n", "", "second", firstPause},
		{"the second wants an hour", "", "Retry-After: 3600\r\n", "first", firstPause},
		{"the first wants 3 s", "Retry-After: 3\r\n", "", "second", firstPause},
		{"both want some time", "Retry-After: 9\r\n", "Retry-After: 4\r\n", "second", 4 * time.Second},
		{"both want some time, the last longer", "Retry-After: 3\r\n", "Retry-After: 8\r\n", "first", 3 * time.Second},
		{"neither says", "", "", "first", firstPause},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				once := func(header, text string) func(int, net.Conn) {
					asked := 0
					return func(_ int, conn net.Conn) {
						readRequest(conn)
						answer := httpAnswer("200 OK", "text/plain", text)
						if asked++; asked == 1 {
							answer = busy(header)
						}
						_, _ = io.WriteString(conn, answer)
					}
				}
				c := two(t, once(tt.first, "first"), once(tt.second, "second"))
				if got, took := say(t, c); got != tt.want || took != tt.took {
					t.Errorf("%q after %v, want %q after %v", got, took, tt.want, tt.took)
				}
			})
		})
	}
}
