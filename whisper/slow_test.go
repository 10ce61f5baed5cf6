package whisper

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// answersAfter reads a request and answers it after a while.
func answersAfter(d time.Duration, text string) func(int, net.Conn) {
	return func(_ int, conn net.Conn) {
		readRequest(conn)
		time.Sleep(d)
		_, _ = io.WriteString(conn, httpAnswer("200 OK", "text/plain", text))
	}
}

// TestSlow: the client waits for a connected server that is busy or loads its model. It
// gives up one that never answers. The error says how long the client waited, and
// quotes nothing of the server.
func TestSlow(t *testing.T) {
	for _, tt := range []struct {
		name   string
		clip   time.Duration
		answer time.Duration
		late   string
	}{
		{"busy", time.Second, 15 * time.Second, ""},
		{"loads its model on a busy machine", time.Second, 55 * time.Second, ""},
		{"slower than speech", 30 * time.Second, 150 * time.Second, ""},
		{"never", time.Second, 2 * time.Hour, "no answer within 1m4s, it may be busy or slow"},
		{"never, of a long clip", 30 * time.Second, 2 * time.Hour, "no answer within 3m0s, it may be busy or slow"},
	} {
		for _, once := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/once=%v", tt.name, once), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder})
					pipes(c, answersAfter(tt.answer, "Hello."))
					if once {
						c = c.Once()
					}
					begin := time.Now()
					clip := speech(int(tt.clip.Milliseconds()))
					clip.Voice = nil // one word is enough
					got, err := c.Transcribe(t.Context(), clip)
					took := time.Since(begin)
					if tt.late == "" {
						if got != "Hello." || err != nil || took != tt.answer {
							t.Errorf("%q, %v after %v", got, err, took)
						}
						return
					}
					e, ok := errors.AsType[*Error](err)
					if !ok || e.Kind != Late || !strings.HasSuffix(err.Error(), tt.late) || e.Said != "" || e.Cause != "" || took != e.Waited {
						t.Errorf("%v, said %q, cause %q after %v", err, e.Said, e.Cause, took)
					}
					time.Sleep(3 * time.Hour)
				})
			})
		}
	}
}

// TestSlowAndDown: if one recognizer is slow and the other is down, the client asks
// the slow one again as the last, and waits for it.
func TestSlowAndDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := two(t, answersAfter(20*time.Second, "first"), nil)
		c.pool.all[1].dial = func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: errRefused}
		}
		const share = 6 * time.Second
		if got, took := say(t, c); got != "first" || took != share+firstPause+20*time.Second {
			t.Errorf("%q after %v", got, took)
		}
		time.Sleep(time.Minute)
	})
}

// TestDead: the client reports at once that a server is dead, while it asks the server
// again. It gives up long before it would on a slow server.
func TestDead(t *testing.T) {
	for name, serve := range map[string]func(int, net.Conn){"refuses": nil, "hangs up": func(int, net.Conn) {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var told []time.Duration
				c := client(t, Config{URL: "http://127.0.0.1:1", Dialect: Vocoder, Failing: func(err error) {
					if !isKind(err, NotListening) && !isKind(err, HungUp) {
						t.Error(err)
					}
					told = append(told, time.Since(begin))
				}})
				pipes(c, serve)
				if serve == nil {
					c.pool.all[0].dial = func(context.Context, string, string) (net.Conn, error) {
						return nil, &net.OpError{Op: "dial", Err: errRefused}
					}
				}
				_, err := c.Transcribe(t.Context(), speech(1000))
				if took := time.Since(begin); err == nil || took > retryTimeout(time.Second) || len(told) == 0 || told[0] != 0 {
					t.Errorf("%v after %v, told at %v", err, took, told)
				}
			})
		})
	}
}

// Whatever the network says is not what the recognizer says.
func TestFailureIsNotSaid(t *testing.T) {
	for _, tt := range []struct {
		err   error
		kind  Kind
		why   string
		cause bool
	}{
		{context.DeadlineExceeded, Late, "", false},
		{context.Canceled, Unreachable, "", false},
		{&net.OpError{Op: "dial", Err: errRefused}, NotListening, "", false},
		{&net.DNSError{Err: "no such host", Name: "example"}, Unreachable, "its name is not known", false},
		{errDial, Unreachable, "no connection within 2s", false},
		{handshakeError{}, Unreachable, "no TLS within 5s", false},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, Untrusted, "", true},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, Garbled, "it does not speak TLS", false},
		{io.EOF, HungUp, "", false},
		{io.ErrUnexpectedEOF, HungUp, "", false},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, HungUp, "", false},
		{&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}, HungUp, "", false},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}, Unreachable, "", true},
		{&Error{Kind: Failing, Said: "out of memory"}, Failing, "", false},
	} {
		e := failure("http://example", tt.err)
		var said string
		if known, ok := tt.err.(*Error); ok {
			said = known.Said
		}
		if e.Kind != tt.kind || e.Why != tt.why || e.Said != said || (e.Cause != "") != tt.cause {
			t.Errorf("%v: %v, said %q, cause %q", tt.err, e, e.Said, e.Cause)
		}
	}
}

// A handshakeError is like that of net/http for TLS that takes too long.
type handshakeError struct{}

func (handshakeError) Error() string   { return "TLS handshake timeout" }
func (handshakeError) Timeout() bool   { return true }
func (handshakeError) Temporary() bool { return true }
