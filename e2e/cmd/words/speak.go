package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// speak returns words as a synthesizer speaks them: Russian by Festival, the others by Pico,
// which knows no Russian. Whisper base hears far more of both than of espeak-ng. What was
// spoken once is kept in the cache.
func (l language) speak(ctx context.Context, words string) (c pcm.Clip, err error) {
	cache, err := servers.Cache()
	if err != nil {
		return c, err
	}
	file := filepath.Join(cache, "said", fmt.Sprintf("%x.wav", sha256.Sum256([]byte(l.voice+" "+words))))
	wav, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		wav, err = l.synthesize(ctx, cache, file, words)
	}
	if err != nil {
		return c, err
	}
	return pcm.ReadWAV(bytes.NewReader(wav))
}

func (l language) synthesize(ctx context.Context, cache, file, words string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	part := file + ".part"
	say := exec.CommandContext(ctx, filepath.Join(cache, "venv", "bin", "python"), "-m", "py_nanotts", "-v", l.voice, "-o", part, words)
	if l.code == "ru" {
		say = exec.CommandContext(ctx, "text2wave", "-eval", "("+l.voice+")", "-o", part)
		say.Stdin = strings.NewReader(words)
	}
	if out, err := say.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("speak (e2e/servers/install.sh has Pico, Debian's festvox-ru Russian): %w: %s", err, bytes.TrimSpace(out))
	}
	if err := os.Rename(part, file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}
