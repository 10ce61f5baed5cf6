package address

import (
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"http://127.0.0.1:8771/v1/transcribe":    "tcp 127.0.0.1:8771 http://127.0.0.1:8771/v1/transcribe",
		"http://localhost:1/":                    "tcp localhost:1 http://localhost:1",
		"http://[::1]:1/asr?output=json":         "tcp [::1]:1 http://[::1]:1/asr",
		"https://gpu.example/v1":                 "tcp gpu.example:443 https://gpu.example/v1",
		"unix:/run/w.sock":                       "unix /run/w.sock unix:/run/w.sock",
		"unix:///run/w.sock":                     "unix /run/w.sock unix:/run/w.sock",
		"unix:/run/w.sock:/v1/transcribe":        "unix /run/w.sock unix:/run/w.sock:/v1/transcribe",
		"unix:@whisper":                          "unix @whisper unix:@whisper",
		"tcp://127.0.0.1":                        "tcp 127.0.0.1:10300 tcp://127.0.0.1:10300",
		"tcp:127.0.0.1:10300":                    "tcp 127.0.0.1:10300 tcp://127.0.0.1:10300",
		"HTTPS://gpu.example:8443/v1/transcribe": "tcp gpu.example:8443 https://gpu.example:8443/v1/transcribe",
	} {
		a, err := Parse(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := a.Network + " " + a.Target + " " + a.At(a.URL); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// Speech in the clear stays on this machine, and the error says how it gets to another one.
func TestInTheClear(t *testing.T) {
	for in, tunnel := range map[string]string{
		"http://192.168.1.5:9000/asr": "ssh -N -L 9000:127.0.0.1:9000 192.168.1.5",
		"http://gpu.example":          "ssh -N -L 8080:127.0.0.1:80 gpu.example` and http://127.0.0.1:8080",
		"tcp:gpu.example":             "ssh -N -L 10300:127.0.0.1:10300 gpu.example",
	} {
		if _, err := Parse(in); err == nil || !strings.Contains(err.Error(), tunnel) {
			t.Errorf("%s: %v, want an error with %q", in, err, tunnel)
		}
	}
}

// A port that no server can have is a mistake in the settings.
func TestPort(t *testing.T) {
	for in, wrong := range map[string]bool{
		"http://127.0.0.1:0/": true, "http://127.0.0.1:65536/": true, "https://gpu.example:87711": true, "tcp:127.0.0.1:99999": true,
		"http://127.0.0.1:65535/": false, "http://127.0.0.1:/asr": false,
	} {
		if _, err := Parse(in); wrong != (err != nil) {
			t.Errorf("%s: %v", in, err)
		}
	}
}
