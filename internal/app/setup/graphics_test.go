package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGraphicsCard: which devices of the PCI bus are a graphics card for a large model.
func TestGraphicsCard(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		files      map[string]string // of one device
	}{
		{"none", "", nil},
		{"NVIDIA", "NVIDIA", map[string]string{"class": "0x030000\n", "vendor": "0x10de\n"}},
		{"NVIDIA without a display", "NVIDIA", map[string]string{"class": "0x030200\n", "vendor": "0x10de\n"}},
		{"the sound of NVIDIA", "", map[string]string{"class": "0x040300\n", "vendor": "0x10de\n"}},
		{"AMD with 8 GB", "AMD", map[string]string{"class": "0x030000\n", "vendor": "0x1002\n", "mem_info_vram_total": "8573157376\n"}},
		{"AMD in the processor", "", map[string]string{"class": "0x030000\n", "vendor": "0x1002\n", "mem_info_vram_total": "536870912\n"}},
		{"AMD with another driver", "", map[string]string{"class": "0x030000\n", "vendor": "0x1002\n"}},
		{"Intel", "", map[string]string{"class": "0x030000\n", "vendor": "0x8086\n"}},
	} {
		root := t.TempDir()
		device := filepath.Join(root, "sys/bus/pci/devices/0000:01:00.0")
		if err := os.MkdirAll(device, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range tt.files {
			if err := os.WriteFile(filepath.Join(device, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := graphicsCard(root); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestSetupGraphics: with a graphics card setup names commands that start a server, unless
// a server answers. It asks no further question.
func TestSetupGraphics(t *testing.T) {
	for _, tt := range []struct {
		name, card string
		answers    bool
		want       []string
	}{
		{"NVIDIA", "NVIDIA", false, []string{"whisper-server ", "GGML_CUDA", "speaches:latest-cuda", "POST http://127.0.0.1:8000/v1/models/"}},
		{"AMD", "AMD", false, []string{"whisper-server ", "GGML_VULKAN"}},
		{"a server answers", "NVIDIA", true, nil},
		{"none", "", false, nil},
	} {
		s, _, out := newSetup(t.TempDir(), "\n\n")
		s.Key, s.Microphone, s.Language, s.graphics = "keep", "default", "en", tt.card
		s.engine = &fakeEngine{present: true}
		if !tt.answers {
			s.probe = noRecognizer
		}
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, w := range []string{"whisper-server ", "GGML_CUDA", "GGML_VULKAN", "speaches:latest-cuda", "POST http://127.0.0.1:8000/v1/models/"} {
			if got, want := strings.Contains(out.String(), w), strings.Contains(strings.Join(tt.want, "|"), w); got != want {
				t.Errorf("%s: %q in the output %v, want %v:\n%s", tt.name, w, got, want, out)
			}
		}
		if n := strings.Count(out.String(), "? ["); n > 2 {
			t.Errorf("%s: %d questions", tt.name, n)
		}
	}
}
