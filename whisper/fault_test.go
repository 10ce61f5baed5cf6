package whisper

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// readRequest reads an HTTP request with its body.
func readRequest(conn net.Conn) {
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err == nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
}

// hold keeps a connection open until the other side closes it.
func hold(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func httpAnswer(status, kind, body string, more ...string) string {
	return "HTTP/1.1 " + status + "\r\nContent-Type: " + kind + "\r\n" + strings.Join(more, "") +
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

// scripts are the good answers of each dialect, as bytes on the wire.
var scripts = []struct {
	dialect, url, answer string
	read                 func(net.Conn)
}{
	{Vocoder, "http://127.0.0.1:1", httpAnswer("200 OK", "application/json", `{"text": "Hello."}`), readRequest},
	{OpenAI, "http://127.0.0.1:1", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{\"text\":\"H\r\n7\r\nello.\"}\r\n0\r\n\r\n", readRequest},
	{WhisperCPP, "http://127.0.0.1:1", httpAnswer("200 OK", "text/html; charset=utf-8", " Hello.\n", "Server: whisper.cpp\r\n"), readRequest},
	{ASR, "http://127.0.0.1:1", httpAnswer("200 OK", "text/plain; charset=utf-8", `{"text":" Hello.","segments":[]}`), readRequest},
	{Wyoming, "tcp://127.0.0.1:1", `{"type":"transcript","data_length":17}` + "\n" + `{"text":"Hello."}`, drain},
}

// The connection breaks, or falls silent, after each byte of the answer. The
// next one is good. The words are there in time or the error says why, and in
// no case are half of them taken for the whole.
func TestEveryByteBoundary(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 7
	}
	for _, s := range scripts {
		for _, silent := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/silent=%v", s.dialect, silent), func(t *testing.T) {
				for n := 0; n < len(s.answer); n += step {
					synctest.Test(t, func(t *testing.T) {
						c := client(t, Config{URL: s.url, Dialect: s.dialect})
						pipes(c, func(i int, conn net.Conn) {
							s.read(conn)
							if i > 0 {
								_, _ = io.WriteString(conn, s.answer)
								return
							}
							_, _ = io.WriteString(conn, s.answer[:n])
							if silent {
								hold(conn)
							}
						})
						clip := speech(300)
						begin := time.Now()
						got, err := c.Transcribe(t.Context(), clip)
						took := time.Since(begin)
						if took > Timeout(clip) {
							t.Errorf("after %d bytes: took %v", n, took)
						}
						if silent && isKind(err, Late) && took > 9*time.Second {
							return
						}
						if err != nil || got != "Hello." {
							t.Errorf("after %d bytes: %q, %v after %v", n, got, err, took)
						}
					})
				}
			})
		}
	}
}

// A form is cut off after each kilobyte of it, as by a server that dies.
func TestUploadBreaks(t *testing.T) {
	for _, s := range scripts {
		for n := int64(0); n < 9000; n += 1024 {
			synctest.Test(t, func(t *testing.T) {
				c := client(t, Config{URL: s.url, Dialect: s.dialect})
				pipes(c, func(i int, conn net.Conn) {
					if i == 0 {
						_, _ = io.CopyN(io.Discard, conn, n)
						return
					}
					s.read(conn)
					_, _ = io.WriteString(conn, s.answer)
				})
				if got, err := c.Transcribe(t.Context(), speech(300)); err != nil || got != "Hello." {
					t.Errorf("%s after %d bytes: %q, %v", s.dialect, n, got, err)
				}
			})
		}
	}
}

// A server that takes no more of the form does not keep the user waiting.
func TestUploadStalls(t *testing.T) {
	for _, s := range scripts {
		synctest.Test(t, func(t *testing.T) {
			c := client(t, Config{URL: s.url, Dialect: s.dialect})
			end := make(chan struct{})
			pipes(c, func(_ int, conn net.Conn) {
				_, _ = io.CopyN(io.Discard, conn, 1000)
				<-end
			})
			begin := time.Now()
			_, err := c.Transcribe(t.Context(), speech(2000))
			if took := time.Since(begin); !isKind(err, Late) || took != Timeout(speech(2000)) {
				t.Errorf("%s: %v after %v, want Late after 68s", s.dialect, err, took)
			}
			close(end)
		})
	}
}

// TestFaults (F-19) has servers send every wrong answer that a server was seen to send,
// and then a right one. The client repeats the request only if the error may be
// temporary.
func TestFaults(t *testing.T) {
	const plain, asJSON = "text/plain", "application/json"
	for _, tt := range []struct {
		name, answer string
		again        bool
		want         Kind
		took         time.Duration // of virtual time
	}{
		{"nothing", "", true, HungUp, 500 * time.Millisecond},
		{"not HTTP", "220 smtp ready\r\n\r\n", true, Unreachable, 500 * time.Millisecond},
		{"500", httpAnswer("500 Internal Server Error", plain, "stof"), true, Failing, 500 * time.Millisecond},
		{"502 page", httpAnswer("502 Bad Gateway", "text/html", "<html>"), true, Failing, 500 * time.Millisecond},
		{"503", httpAnswer("503 Service Unavailable", plain, ""), true, Busy, 500 * time.Millisecond},
		{"504", httpAnswer("504 Gateway Timeout", plain, ""), true, Failing, 500 * time.Millisecond},
		{"429", httpAnswer("429 Too Many Requests", asJSON, `{"error":{"message":"slow"}}`), true, Busy, 500 * time.Millisecond},
		{"429 for three seconds", httpAnswer("429 Too Many Requests", asJSON, "{}", "Retry-After: 3\r\n"), true, Busy, 3 * time.Second},
		{"429 for an hour", httpAnswer("429 Too Many Requests", asJSON, "{}", "Retry-After: 3600\r\n"), false, Busy, 0},
		{"429 quota", httpAnswer("429 Too Many Requests", asJSON, `{"error":{"message":"m","code":"insufficient_quota"}}`), false, Rejected, 0},
		{"408", httpAnswer("408 Request Timeout", plain, ""), true, Late, 500 * time.Millisecond},
		{"400", httpAnswer("400 Bad Request", plain, "Invalid request"), false, Rejected, 0},
		{"401", httpAnswer("401 Unauthorized", plain, ""), false, KeyRefused, 0},
		{"404", httpAnswer("404 Not Found", plain, ""), false, WrongPath, 0},
		{"413", httpAnswer("413 Content Too Large", plain, ""), false, Rejected, 0},
		{"301", httpAnswer("301 Moved Permanently", plain, "", "Location: http://127.0.0.1:2/\r\n"), false, Redirected, 0},
		{"307", httpAnswer("307 Temporary Redirect", plain, "", "Location: /elsewhere\r\n"), false, Redirected, 0},
		{"page", httpAnswer("200 OK", "text/html", "<!DOCTYPE html>"), false, Garbled, 0},
		{"wrong charset", httpAnswer("200 OK", "text/plain; charset=iso-8859-1", "caf\xe9"), false, Garbled, 0},
		{"deep JSON", httpAnswer("200 OK", asJSON, strings.Repeat("[", 50_000)), false, Garbled, 0},
		{"half JSON", httpAnswer("200 OK", asJSON, `{"text":"Hel`), false, Garbled, 0},
		{"two texts", httpAnswer("200 OK", asJSON, `{"text":"a"} {"text":"b"}`), false, Garbled, 0},
		{"long header", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100<<10) + "\r\n\r\n", true, Unreachable, 500 * time.Millisecond},
		{"upgrade", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", false, Rejected, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, first := range []bool{true, false} { // then without end
					c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder})
					pipes(c, func(i int, conn net.Conn) {
						readRequest(conn)
						if i > 0 && first {
							_, _ = io.WriteString(conn, scripts[0].answer)
							return
						}
						_, _ = io.WriteString(conn, tt.answer)
					})
					begin := time.Now()
					got, err := c.Transcribe(t.Context(), speech(300))
					took := time.Since(begin)
					switch {
					case first && tt.again:
						if err != nil || got != "Hello." || took != tt.took {
							t.Errorf("%q, %v after %v, want the words after %v", got, err, took, tt.took)
						}
					case !isKind(err, tt.want) || took > Timeout(speech(300)) || !tt.again && took != 0:
						t.Errorf("%q, %v after %v, want %v", got, err, took, tt.want)
					}
				}
			})
		})
	}
}

// An answer without end, and an answer that grows when it is unpacked, are read no
// further than they may.
func TestEndlessAnswers(t *testing.T) {
	zeros := make([]byte, 64<<10)
	endless := func(w io.Writer) {
		for range 1 << 14 { // a gigabyte
			if _, err := w.Write(zeros); err != nil {
				return
			}
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"stream": func(w http.ResponseWriter, _ *http.Request) { endless(w) },
		"error": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			endless(w)
		},
		"gzip": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			endless(z)
			_ = z.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				h(w, r)
			})
			c := client(t, Config{URL: s.URL, Dialect: Vocoder})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := c.Transcribe(t.Context(), speech(300))
			runtime.ReadMemStats(&after)
			if !isKind(err, Garbled) || !strings.Contains(err.Error(), "longer than") {
				t.Error(err)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
				t.Errorf("%d bytes were used", grown)
			}
		})
	}
}

// A body that is packed as HTTP allows is unpacked.
func TestGzip(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", "application/json")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `{"text":"Hello."}`)
		_ = z.Close()
	})
	if got, err := client(t, Config{URL: s.URL, Dialect: Vocoder}).Transcribe(t.Context(), speech(300)); got != "Hello." || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// An answer that stops half-way is given up long before the time for the whole
// clip is over.
func TestAnswerStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder})
		pipes(c, func(i int, conn net.Conn) {
			readRequest(conn)
			if i > 0 {
				_, _ = io.WriteString(conn, scripts[0].answer)
				return
			}
			_, _ = io.WriteString(conn, scripts[0].answer[:len(scripts[0].answer)-3])
			hold(conn)
		})
		begin := time.Now()
		clip := speech(60_000)
		clip.Voice = nil // one word is enough
		got, err := c.Transcribe(t.Context(), clip)
		if took := time.Since(begin); err != nil || got != "Hello." || took != idleTimeout+firstPause {
			t.Errorf("%q, %v after %v", got, err, took)
		}
	})
}

// A connection that was kept and is closed when it is used again costs no time.
func TestKeptConnectionCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder})
		pipes(c, func(_ int, conn net.Conn) {
			readRequest(conn)
			_, _ = io.WriteString(conn, scripts[0].answer)
			readRequest(conn)
		})
		for range 3 {
			begin := time.Now()
			if got, err := c.Transcribe(t.Context(), speech(300)); err != nil || got != "Hello." || time.Since(begin) != 0 {
				t.Errorf("%q, %v after %v", got, err, time.Since(begin))
			}
		}
	})
}

// TestSoundIsClosed checks that nothing reads a clip after its request has ended.
func TestSoundIsClosed(t *testing.T) {
	var bodies opened
	s, err := bodies.add(newSound(strings.NewReader("canary")))
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 3)
	if n, err := s.Read(b); string(b[:n]) != "can" || err != nil {
		t.Errorf("%q, %v", b[:n], err)
	}
	bodies.close()
	if n, err := s.Read(b); n > 0 || err == nil {
		t.Errorf("%d bytes can still be read, %v", n, err)
	}
	if _, err := bodies.add(newSound()); err == nil {
		t.Error("another body after the request")
	}
}

// F-17: nothing listens, and then a server does. The pauses grow.
func TestRecognizerComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder})
		r := c.pool.all[0]
		pipes(c, func(_ int, conn net.Conn) {
			readRequest(conn)
			_, _ = io.WriteString(conn, scripts[0].answer)
		})
		good := r.dial
		var at []time.Duration
		begin := time.Now()
		r.dial = func(ctx context.Context, network, target string) (net.Conn, error) {
			at = append(at, time.Since(begin))
			if time.Since(begin) < 5*time.Second {
				return nil, &net.OpError{Op: "dial", Err: errRefused}
			}
			return good(ctx, network, target)
		}
		got, err := c.Transcribe(t.Context(), speech(300))
		if err != nil || got != "Hello." {
			t.Errorf("%q, %v", got, err)
		}
		if s := fmt.Sprint(at); s != "[0s 500ms 1.5s 3.5s 7.5s]" {
			t.Errorf("asked at %s", s)
		}
		begin, at = time.Now(), nil
		if _, err := c.Once().Transcribe(t.Context(), speech(300)); !isKind(err, NotListening) || len(at) != 1 || time.Since(begin) != 0 {
			t.Errorf("once: %v after asking at %v", err, at)
		}
	})
}

// Cancelling ends a pause, a dial, an upload and a wait at once.
func TestCancelAnywhere(t *testing.T) {
	for name, serve := range map[string]func(int, net.Conn){
		"pause":  func(int, net.Conn) {},
		"upload": func(_ int, conn net.Conn) { _, _ = io.CopyN(io.Discard, conn, 1000); time.Sleep(time.Hour) },
		"wait":   func(_ int, conn net.Conn) { readRequest(conn); time.Sleep(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder})
				pipes(c, serve)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(700*time.Millisecond, cancel)
				begin := time.Now()
				_, err := c.Transcribe(ctx, speech(300))
				if !errors.Is(err, context.Canceled) || time.Since(begin) != 700*time.Millisecond {
					t.Errorf("%v after %v", err, time.Since(begin))
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}
