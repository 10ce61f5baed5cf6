// Command whisper tests vocoder with human speech on real Whisper servers with OpenAI's
// weights, and writes docs/whisper.md from the results.
//
//	whisper install                     the weights and the servers, once
//	whisper [-run PATTERN] host         each server on this host: words, language and noise
//	whisper [-run PATTERN] words        clips whose words are known, and the server's time and memory
//	whisper [-run PATTERN] language     whether the text is in the language that was spoken
//	whisper [-run PATTERN] noise        sounds without speech
//	whisper [-run PATTERN] prompts      500 prompts a language through vocoder-engine
//	whisper [-run PATTERN] cuts         people who speak without pauses, transcribed while they do
//	whisper machine                     the daemon in the virtual machine
//	whisper write                       docs/whisper.md from what is in out/whisper
//
// The results are kept in out/whisper, in a file for each server and part, so that a part can
// be run alone. PATTERN is a regular expression for names of servers or languages.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
)

const usage = "usage: whisper [-run PATTERN] install | host | words | language | noise | prompts | cuts | machine | write"

// kept is the folder of results, page the page that is written from them.
const (
	kept = "out/whisper"
	page = "docs/whisper.md"
)

func main() {
	sweep.Command{
		Name: "whisper", Usage: usage, Dir: kept,
		Filter: "only the servers, or languages, whose name the regular expression matches",
		Parts: func(ctx context.Context, top string, only *regexp.Regexp) map[string]func() error {
			return map[string]func() error{
				"install":    func() error { return install(ctx, top) },
				"host":       func() error { return host(ctx, top, only, partWords, partLanguage, partNoise) },
				partWords:    func() error { return host(ctx, top, only, partWords) },
				partLanguage: func() error { return host(ctx, top, only, partLanguage) },
				partNoise:    func() error { return host(ctx, top, only, partNoise) },
				"prompts":    func() error { return prompts(ctx, top, only) },
				partCuts:     func() error { return cuts(ctx, top, only) },
				"machine":    inMachine,
				sweep.Write:  write,
			}
		},
	}.Main()
}

func install(ctx context.Context, top string) error {
	c := exec.CommandContext(ctx, filepath.Join(top, "e2e", "servers", "install.sh"))
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	return c.Run()
}

// inMachine runs the tests in the virtual machine.
func inMachine() error {
	old, err := filepath.Glob(filepath.Join(kept, "machine", "*.json"))
	for _, name := range old {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		return err
	}
	return testlog.Run(filepath.Join(kept, "machine"), "machine", testlog.E2E, []string{"VOCODER_WHISPER=1"},
		"-tags", "e2e", "-timeout", "20m", "-run", "^TestWhisper$", ".")
}

// saved returns the kept results whose names match a pattern of filepath.Glob.
func saved[T any](dir, pattern string) (all []T, err error) {
	files, err := filepath.Glob(filepath.Join(dir, pattern+".json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var v T
		if err := json.Unmarshal(b, &v); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		all = append(all, v)
	}
	return all, nil
}

// say prints the progress.
func say(format string, a ...any) { fmt.Printf(format+"\n", a...) }
