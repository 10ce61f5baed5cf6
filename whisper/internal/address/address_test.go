package address

import "testing"

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
