package servers

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestTapHTTP checks that a tap passes answers on unchanged and records their texts.
func TestTapHTTP(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			_, _ = io.WriteString(w, `{"status":"ok"}`)
			return
		}
		_, _ = io.WriteString(w, `{"text":" `+r.URL.Path+`\n"}`)
	}))
	defer web.Close()
	tap, err := Listen(&Server{Kind: Engine, Addr: web.Listener.Addr().String(), URL: web.URL})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/a", "/health", "/b"} {
		r, err := http.Get(tap.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r.Body)
		if err != nil || r.Body.Close() != nil || !strings.Contains(string(b), ":") {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	if err := tap.Close(); err != nil {
		t.Error(err)
	}
	if got, want := tap.Texts(), []string{" /a\n", " /b\n"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := tap.Texts(); len(got) > 0 {
		t.Errorf("a second time: %q", got)
	}
}

// TestTapWyoming checks that a transcript is recorded, with its data in the line or after it.
func TestTapWyoming(t *testing.T) {
	const said = `{"type":"info","data_length":2,"payload_length":3}` + "\n{}abc" +
		`{"type":"transcript","data_length":14}` + "\n" + `{"text":"uno"}` +
		`{"type":"transcript","data":{"text":"dos"}}` + "\n"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = bufio.NewReader(c).ReadString('\n')
		_, _ = io.WriteString(c, said)
		_ = c.Close()
	}()
	tap, err := Listen(&Server{Kind: Wyoming, Addr: l.Addr().String(), URL: "tcp://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", tap.Addr)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "{}\n")
	got, err := io.ReadAll(c)
	if err != nil || string(got) != said {
		t.Errorf("passed on %q, %v", got, err)
	}
	_ = c.Close()
	if err := tap.Close(); err != nil {
		t.Error(err)
	}
	_ = l.Close()
	<-done
	if got, want := tap.Texts(), []string{"uno", "dos"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
