package capture

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

// TestCookie records over TCP from a PulseAudio that asks for its cookie.
func TestCookie(t *testing.T) {
	onServer(t, "pulseaudio", func(t *testing.T, r *rig) {
		cookie, other := filepath.Join(r.dir, "secret"), filepath.Join(r.dir, "other")
		for i, file := range []string{cookie, other} {
			b := make([]byte, cookieSize)
			b[7] = byte(i + 1)
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		port := freePort(t)
		r.pactl("load-module", "module-native-protocol-tcp", "listen=127.0.0.1", "port="+port, "auth-cookie="+cookie)
		for name, tt := range map[string]struct {
			cookies []string
			works   bool
		}{
			"none":           {nil, false},
			"another":        {[]string{other}, false},
			"the first one":  {[]string{cookie, other}, true},
			"one is missing": {[]string{filepath.Join(r.dir, "missing"), r.dir, cookie}, true},
		} {
			all, err := Sources(t.Context(), Config{Server: "127.0.0.1:" + port, Cookies: tt.cookies})
			if (err == nil) != tt.works || tt.works && len(all) == 0 {
				t.Errorf("%s: %v, %v", name, all, err)
			}
		}
	})
}

// freePort returns a port of this machine on which nothing listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
