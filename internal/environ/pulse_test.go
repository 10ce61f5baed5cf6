package environ

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPulse checks where the sound server and its secret are found, from the environment
// and the files of the clients of PulseAudio.
func TestPulse(t *testing.T) {
	for _, tt := range []struct {
		name           string
		files          map[string]string // below the home
		vars           map[string]string // ~ is the home
		server, cookie string
	}{
		{"nothing", nil, map[string]string{"PULSE_CLIENTCONFIG": "/dev/null"}, "/run/user/1/pulse/native", "~/.config/pulse/cookie ~/.pulse-cookie"},
		{"runtime path", nil, map[string]string{"PULSE_RUNTIME_PATH": "/tmp/p", "PULSE_CLIENTCONFIG": "/dev/null"}, "/tmp/p/native", ""},
		{"environment", map[string]string{".config/pulse/client.conf": "default-server = a\ncookie-file = /b"},
			map[string]string{"PULSE_SERVER": "c:1", "PULSE_COOKIE": "/d"}, "c:1", "/d"},
		{"file", map[string]string{".config/pulse/client.conf": "# x\n; default-server = y\n  default-server=unix:/a b \ncookie-file = /c/d\nautospawn = yes\nrubbish\n= \n"},
			nil, "unix:/a b", "/c/d"},
		{"the old folder", map[string]string{".pulse/client.conf": "default-server = a"}, nil, "a", ""},
		{"relative cookie", map[string]string{".config/pulse/client.conf": "cookie-file = secret"}, nil, "", "~/.config/pulse/secret"},
		{"named file", map[string]string{"other": "default-server = a", ".config/pulse/client.conf": "default-server = b"},
			map[string]string{"PULSE_CLIENTCONFIG": "~/other"}, "a", ""},
		{"drop-ins in order", map[string]string{".config/pulse/client.conf": "default-server = a",
			".config/pulse/client.conf.d/2.conf": "default-server = c", ".config/pulse/client.conf.d/1.conf": "default-server = b", ".config/pulse/client.conf.d/3": "default-server = d"}, nil, "c", ""},
		{"included", map[string]string{".config/pulse/client.conf": "default-server = a\n.include more", ".config/pulse/more": "default-server = b"}, nil, "b", ""},
		{"includes itself", map[string]string{".config/pulse/client.conf": ".include client.conf\ndefault-server = a"}, nil, "a", ""},
	} {
		home := t.TempDir()
		for name, text := range tt.files {
			file := filepath.Join(home, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		env := Env{Lookup: func(name string) (string, bool) {
			v, ok := map[string]string{"HOME": home, "XDG_RUNTIME_DIR": "/run/user/1"}[name]
			if w, set := tt.vars[name]; set {
				v, ok = strings.Replace(w, "~", home, 1), true
			}
			return v, ok
		}}
		if got := env.PulseServer(); tt.server != "" && got != tt.server {
			t.Errorf("%s: server %q, want %q", tt.name, got, tt.server)
		}
		want := strings.Fields(strings.ReplaceAll(tt.cookie, "~", home))
		if got := env.PulseCookies(); tt.cookie != "" && !slices.Equal(got, want) {
			t.Errorf("%s: cookies %q, want %q", tt.name, got, want)
		}
	}
}

func TestPulseSource(t *testing.T) {
	for _, tt := range []struct{ name, file, env, want string }{
		{"nothing", "", "", ""},
		{"file", "default-source = headset\n", "", "headset"},
		{"environment", "default-source = headset\n", "webcam", "webcam"},
		{"the server's own", "default-source = @DEFAULT_SOURCE@\n", "", ""},
		{"the server's own by the environment", "default-source = headset\n", "@DEFAULT_SOURCE@", ""},
		{"commented out", "; default-source = headset\n", "", ""},
	} {
		file := filepath.Join(t.TempDir(), "client.conf")
		if err := os.WriteFile(file, []byte(tt.file), 0o600); err != nil {
			t.Fatal(err)
		}
		env := Env{Lookup: func(name string) (string, bool) {
			v, ok := map[string]string{"PULSE_CLIENTCONFIG": file, "PULSE_SOURCE": tt.env}[name]
			return v, ok
		}}
		if got := env.PulseSource(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
