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
			conf := Config{Server: "127.0.0.1:" + port, Cookies: tt.cookies}
			all, err := Sources(t.Context(), conf)
			if (err == nil) != tt.works || tt.works && len(all) == 0 {
				t.Errorf("%s: %v, %v", name, all, err)
			}
			// So is an output, which vocoder selftest makes.
			n, err := OpenNull(t.Context(), conf, "vocoder_test_cookie")
			if (err == nil) != tt.works {
				t.Errorf("%s: open an output: %v", name, err)
			}
			if err == nil {
				err = n.Close(t.Context())
			}
			if swept, other := SweepNulls(t.Context(), conf, func(name string) bool { return name == "vocoder_test_cookie" }); tt.works && (err != nil || other != nil || swept > 0) {
				t.Errorf("%s: close the output: %v, %v, %d are left", name, err, other, swept)
			}
			if _, err := ServerName(t.Context(), conf); (err == nil) != tt.works {
				t.Errorf("%s: its name: %v", name, err)
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
