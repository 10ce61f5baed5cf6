package whisper

import (
	"strings"
	"testing"
)

func TestBadConfig(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config Config
		want   string
	}{
		{"another machine in the clear", Config{URL: "http://gpu.example/"}, "use https"},
		{"another machine by number", Config{URL: "http://192.168.1.2:8000/"}, "use https"},
		{"a name that looks local", Config{URL: "http://localhost.example/"}, "use https"},
		{"Wyoming elsewhere", Config{URL: "tcp://10.0.0.1:10300"}, "use https"},
		{"scheme", Config{URL: "ftp://127.0.0.1/"}, `scheme "ftp", want http, https, unix or tcp`},
		{"no scheme", Config{URL: "localhost:8771"}, "want http, https, unix or tcp"},
		{"no host", Config{URL: "http:///v1"}, "no host"},
		{"password", Config{URL: "https://me:canary@gpu.example/"}, "put the key in a file"},
		{"password in nonsense", Config{URL: "https://me:canary@gpu.example:port/"}, "not a URL"},
		{"fragment", Config{URL: "https://gpu.example/#a"}, "fragment"},
		{"path of tcp", Config{URL: "tcp://127.0.0.1:1/asr"}, "no path"},
		{"relative socket", Config{URL: "unix:whisper.sock"}, "whole path"},
		{"relative path of a socket", Config{URL: "unix:/run/w.sock:asr"}, "must begin with /"},
		{"dialect", Config{Dialect: "klingon"}, `"klingon", want vocoder, openai, whispercpp, asr, wyoming`},
		{"dialect over tcp", Config{URL: "tcp://127.0.0.1:1", Dialect: OpenAI}, "not spoken over tcp"},
		{"Wyoming over http", Config{Dialect: Wyoming}, "wants tcp or unix"},
		{"no key file", Config{KeyFile: "/nonexistent/key"}, "no such file"},
		{"no certificates", Config{CAFile: "/nonexistent/ca"}, "no such file"},
		{"certificates that are none", Config{CAFile: "config_test.go"}, "none in PEM form"},
		{"key file for all", Config{KeyFile: key(t, "canary", 0o644)}, "mode 0644, want 0600"},
		{"key file for the group", Config{KeyFile: key(t, "canary", 0o640)}, "mode 0640, want 0600"},
		{"two keys", Config{KeyFile: key(t, "canary\ncanary\n", 0o600)}, "one line with the key alone"},
		{"no key", Config{KeyFile: key(t, "\n", 0o600)}, "one line with the key alone"},
		{"long key", Config{KeyFile: key(t, strings.Repeat("canary", 1000), 0o600)}, "longer than 4096 bytes"},
		{"key folder", Config{KeyFile: t.TempDir()}, "not a regular file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(Config{}, tt.config)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("%v tells a secret", err)
			}
		})
	}
	if _, err := New(Config{Credential: key(t, "sesame", 0o440)}); err != nil {
		t.Errorf("%v: systemd guards credentials by their folder", err)
	}
}
