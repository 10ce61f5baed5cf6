package whisper

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestReportedAddresses: the names and forms of this machine's address that users write,
// with servers that listen on one family of addresses only.
func TestReportedAddresses(t *testing.T) {
	all, err := net.DefaultResolver.LookupHost(t.Context(), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		listen string
		hosts  []string
	}{
		{"127.0.0.1:0", []string{"localhost", "LocalHost", "127.0.0.1", "[::ffff:127.0.0.1]"}},
		{"[::1]:0", []string{"localhost", "[::1]", "[0:0:0:0:0:0:0:1]"}},
	} {
		l, err := net.Listen("tcp", tt.listen)
		if err != nil {
			t.Logf("%s: %v", tt.listen, err)
			continue
		}
		s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(predecessor)}}
		s.Start()
		t.Cleanup(s.Close)
		_, port, _ := net.SplitHostPort(l.Addr().String())
		for _, host := range tt.hosts {
			if own, _, _ := net.SplitHostPort(tt.listen); strings.EqualFold(host, "localhost") && !slices.Contains(all, own) {
				continue // here the name has no such address
			}
			c := client(t, Config{URL: "http://" + host + ":" + port, Dialect: Vocoder})
			if _, err := c.Once().Transcribe(t.Context(), speech(2500)); err != nil {
				t.Errorf("%s at %s: %v", host, tt.listen, err)
			}
		}
	}
}

// TestReportedKeys: files with the key, and with the certificate, that were saved by a Windows
// program or copied with spaces.
func TestReportedKeys(t *testing.T) {
	for name, content := range map[string]string{
		"Windows line": "sesame\r\n", "no line": "sesame", "spaces": "  sesame \n", "empty lines": "\nsesame\n\n", "byte order mark": "\ufeffsesame\r\n",
	} {
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got := ""
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			got = r.Header.Get("Authorization")
			predecessor(w, r)
		})
		if _, err := client(t, Config{URL: s.URL, Dialect: Vocoder, KeyFile: file}).Once().Transcribe(t.Context(), speech(2500)); err != nil || got != "Bearer sesame" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	ours := newAuthority(t)
	pem, err := os.ReadFile(ours.file)
	if err != nil {
		t.Fatal(err)
	}
	pem = append([]byte("\ufeff"), bytes.ReplaceAll(pem, []byte("\n"), []byte("\r\n"))...)
	if err := os.WriteFile(ours.file, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	secure := ours.serve(t, "127.0.0.1", time.Now().Add(time.Hour), tls.VersionTLS13)
	if _, err := client(t, Config{URL: secure.URL + "/v1/transcribe", CAFile: ours.file}).Once().Transcribe(t.Context(), speech(2500)); err != nil {
		t.Errorf("certificate: %v", err)
	}
}
