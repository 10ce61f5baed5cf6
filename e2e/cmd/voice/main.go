// Command voice measures on human speech, noise and music whether vocoder's gate sends a
// clip, and where a recording ends. It writes docs/voice.md from the results.
//
//	voice gate     whether clips of eight voices, whispers, noises and music are sent
//	voice tail     what a release within the last word loses, and how long a tail is
//	voice write    docs/voice.md from what is in out/voice
//
// Each part keeps its results in out/voice, so that it can run by itself. A part
// fails if it misses one of its targets.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
)

const usage = "usage: voice gate | tail | write"

// kept is the folder of results, page the page that is written from them.
const (
	kept = "out/voice"
	page = "docs/voice.md"
)

// The parts that measure.
const (
	partGate = "gate"
	partTail = "tail"
)

func main() {
	sweep.Command{
		Name: "voice", Usage: usage, Dir: kept,
		Parts: func(ctx context.Context, top string, _ *regexp.Regexp) map[string]func() error {
			return map[string]func() error{
				partGate:    func() error { return measureGate(ctx, top) },
				partTail:    func() error { return measureTail(ctx, top) },
				sweep.Write: write,
			}
		},
	}.Main()
}

// load reads a kept result into result. If there is none, it changes nothing.
func load(dir, name string, v any) error {
	b, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// report prints the progress.
func report(format string, a ...any) { fmt.Printf(format+"\n", a...) }
