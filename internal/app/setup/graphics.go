package setup

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// leastGraphicsMemory is the memory of a graphics card on which OpenAI's large-v3-turbo
// runs, in bytes. Source: docs/languages.md.
const leastGraphicsMemory = 4e9 * 0.9 // cards have a little less than they are sold with

// graphicsCard returns the maker of a graphics card that can run a large model, or "". root
// is the root of the file system. Source: sysfs-bus-pci and amdgpu's mem_info_vram_total in
// the kernel's documentation of sysfs.
func graphicsCard(root string) string {
	devices, _ := filepath.Glob(filepath.Join(root, "sys/bus/pci/devices/*")) // the pattern is right
	read := func(device, name string) string {
		b, _ := os.ReadFile(filepath.Join(device, name)) // not all devices have all files
		return strings.TrimSpace(string(b))
	}
	for _, d := range devices {
		if class := read(d, "class"); !strings.HasPrefix(class, "0x0300") && !strings.HasPrefix(class, "0x0302") { // VGA, 3D
			continue
		}
		switch read(d, "vendor") {
		case "0x10de":
			return "NVIDIA"
		case "0x1002":
			if n, err := strconv.ParseInt(read(d, "mem_info_vram_total"), 10, 64); err == nil && float64(n) >= leastGraphicsMemory {
				return "AMD"
			}
		}
	}
	return ""
}

// printServers prints the commands that start a server on the graphics card, if there is
// one. findRecognizers finds such a server. Sources: README.md and examples/server of
// whisper.cpp; docs/installation.md of speaches, which has no model until it is asked to
// fetch one.
func (s *Setup) printServers() {
	if s.graphics == "" {
		return
	}
	build := "-DGGML_VULKAN=1"
	if s.graphics == "NVIDIA" {
		build = "-DGGML_CUDA=1"
	}
	s.printLine("A server on the %s graphics card of this machine makes fewer errors than a model on the processor. To start one:", s.graphics)
	s.printLine("whisper.cpp, in its folder, built with `cmake -B build %s && cmake --build build -j --config Release`:", build)
	s.printLine("  sh models/download-ggml-model.sh large-v3-turbo")
	s.printLine("  build/bin/whisper-server -m models/ggml-large-v3-turbo.bin -l auto --host 127.0.0.1 --port 8080")
	if s.graphics == "NVIDIA" { // the other image has no code for other cards
		s.printLine("Or speaches, in Docker with NVIDIA's Container Toolkit:")
		s.printLine("  docker run -d --name speaches --gpus all -p 127.0.0.1:8000:8000 -v hf-hub-cache:/home/ubuntu/.cache/huggingface/hub ghcr.io/speaches-ai/speaches:latest-cuda")
		s.printLine("  curl -X POST http://127.0.0.1:8000/v1/models/deepdml/faster-whisper-large-v3-turbo-ct2")
	}
	s.printLine("Then run `vocoder setup` again, which finds it.")
}
