package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// speak returns words as a synthesizer speaks them: Russian by Festival, the others by Pico,
// which knows no Russian. Whisper base hears far more of both than of espeak-ng.
func (l language) speak(ctx context.Context, words string) (c pcm.Clip, err error) {
	dir, err := os.MkdirTemp("", "words-")
	if err != nil {
		return c, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it is in the folder for temporary files
	cache, err := servers.Cache()
	if err != nil {
		return c, err
	}
	file := filepath.Join(dir, "said.wav")
	say := exec.CommandContext(ctx, filepath.Join(cache, "venv", "bin", "python"), "-m", "py_nanotts", "-v", l.voice, "-o", file, words)
	if l.code == "ru" {
		say = exec.CommandContext(ctx, "text2wave", "-eval", "("+l.voice+")", "-o", file)
		say.Stdin = strings.NewReader(words)
	}
	if out, err := say.CombinedOutput(); err != nil {
		return c, fmt.Errorf("speak (e2e/servers/install.sh has Pico, Debian's festvox-ru Russian): %w: %s", err, bytes.TrimSpace(out))
	}
	wav, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	return pcm.ReadWAV(bytes.NewReader(wav))
}
