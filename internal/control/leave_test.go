package control

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A socketWriter is a ResponseWriter of a connection, which has deadlines.
type socketWriter struct{ *httptest.ResponseRecorder }

func (socketWriter) SetReadDeadline(time.Time) error  { return nil }
func (socketWriter) SetWriteDeadline(time.Time) error { return nil }

// TestLeave: a command is carried out whole, also if its client has left meanwhile. Only the
// end of the server ends it, and the answer says so.
func TestLeave(t *testing.T) {
	over, end := context.WithCancel(t.Context())
	end()
	for _, tt := range []struct {
		name           string
		server, client context.Context
		code           int
		answer         string
	}{
		{"the client waits", t.Context(), t.Context(), http.StatusOK, `"status":"paused"`},
		{"the client has left", t.Context(), over, http.StatusOK, `"status":"paused"`},
		{"the daemon ends", over, over, http.StatusServiceUnavailable, "the daemon is ending"},
	} {
		f := &fake{hold: make(chan struct{})}
		f.server = &Server{Daemon: f, Log: discard}
		go func() {
			select {
			case f.hold <- struct{}{}:
			case <-tt.server.Done():
			}
		}()
		r := httptest.NewRequestWithContext(context.WithValue(tt.client, serverContext{}, tt.server), http.MethodPost, "/v1/pause", nil)
		w := socketWriter{httptest.NewRecorder()}
		f.server.answer(w, r)
		if got := w.Body.String(); w.Code != tt.code || !strings.Contains(got, tt.answer) {
			t.Errorf("%s: %d %s, want %d %s", tt.name, w.Code, got, tt.code, tt.answer)
		}
	}
}

// TestSendsNoMore: a client that closes its sending side, as socat does, gets the answer.
func TestSendsNoMore(t *testing.T) {
	for request, want := range map[string]string{"POST /v1/pause HTTP/1.1\r\nHost: x\r\n\r\n": `"status":"paused"`, "start": `"status":"started"`} {
		f := &fake{hold: make(chan struct{}), began: make(chan struct{}, 1)}
		c := serve(t, f)
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: c.Path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = conn.Write([]byte(request)); err == nil {
			err = conn.CloseWrite()
		}
		if err != nil {
			t.Fatal(err)
		}
		<-f.began
		close(f.hold)
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute)) // of a connection that is open
		if got, err := io.ReadAll(conn); err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%q: the answer is %q, %v", request, got, err)
		}
		_ = conn.Close()
	}
}
