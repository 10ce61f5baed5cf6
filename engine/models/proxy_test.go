package models

import (
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestPullThroughProxy checks that a model comes over HTTPS through the proxy that
// HTTPS_PROXY names. The proxy's variables are read once in a process, so that a process
// of its own fetches.
func TestPullThroughProxy(t *testing.T) {
	if dir := os.Getenv("VOCODER_TEST_STORE"); dir != "" {
		small(t)
		p := Puller{Store: Store{Dir: dir}, Mirror: "https://models.example.com"}
		if err := p.Pull(t.Context(), "small", ""); err != nil {
			t.Fatal(err)
		}
		return
	}
	p := puller(t)
	h := newHub(t, &p)
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	proxy := newProxy(t, s.Listener.Addr().String())
	certificate := filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))

	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPullThroughProxy$")
	c.Env = append(os.Environ(), "VOCODER_TEST_STORE="+p.Store.Dir, "HTTPS_PROXY="+proxy.address, "NO_PROXY=", "SSL_CERT_FILE="+certificate)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	small(t)
	checkSmall(t, p.Store)
	if host, _ := proxy.asked.Load().(string); host != "models.example.com:443" {
		t.Errorf("the proxy was asked for %q", host)
	}
}

// A proxy connects every client to one server (RFC 9110, 9.3.6).
type proxy struct {
	address string
	asked   atomic.Value // the server that the last client asked for
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	p := new(proxy)
	var wg sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Store(r.Host)
		to, err := net.Dial("tcp", server)
		if err != nil || r.Method != http.MethodConnect {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		from, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, err = io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n")
		if err != nil && !errors.Is(err, net.ErrClosed) && !strings.Contains(err.Error(), "reset") {
			t.Error(err)
		}
		for _, pair := range [][2]net.Conn{{from, to}, {to, from}} {
			wg.Go(func() {
				_, _ = io.Copy(pair[0], pair[1]) // it ends when one of them closes
				_ = pair[0].Close()
			})
		}
	}))
	t.Cleanup(func() {
		s.Close()
		wg.Wait()
	})
	p.address = s.URL
	return p
}

// TestRedirect checks that a download follows redirects, as Hugging Face sends them, but not
// from HTTPS to HTTP, and not for ever.
func TestRedirect(t *testing.T) {
	small(t)
	p := puller(t)
	h := newHub(t, &p)
	plain := strings.TrimSuffix(p.Mirror, "/")
	secure := httptest.NewTLSServer(h)
	t.Cleanup(secure.Close)
	p.Client = secure.Client()
	for _, tt := range []struct {
		name, to string
		says     string // empty: it is followed
	}{
		{"to another server", secure.URL, ""},
		{"without encryption", plain, "without encryption"},
		{"in a circle", "", "10 redirects"},
	} {
		p.Store.Dir = t.TempDir()
		s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, tt.to+r.URL.Path, http.StatusFound)
		}))
		t.Cleanup(s.Close)
		p.Mirror = s.URL
		err := p.Pull(t.Context(), "small", "")
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
