package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// A choice is a way to choose the language of a clip, and its result.
type choice struct {
	Language string
	How      string // one of byLocale, byName, byList
	Clip     string
	Text     string
	Right    bool // the text is in the spoken language
}

// The ways to choose a language.
const (
	byLocale = "nothing set, by the locale"
	byName   = "by name"
	byList   = "from a list of two"
)

// otherLanguage is the second language in the list for a language.
func otherLanguage(code string) string {
	if code == "en" {
		return "es"
	}
	return "en"
}

// wrongLanguage is the word error rate from which a text counts as being in a wrong
// language. In a translation nearly all words are wrong.
const wrongLanguage = 0.5

// chooseAll transcribes one clip of each language in each way to choose the language.
func chooseAll(ctx context.Context, s *servers.Server, top, home string) (all []choice, err error) {
	for _, l := range speech.Languages {
		sets, err := l.Sets()
		if err != nil {
			return all, err
		}
		some, err := choose(ctx, s, l, sets, top, home)
		if all = append(all, some...); err != nil {
			return all, err
		}
	}
	return all, nil
}

// choose transcribes one clip of a language with `vocoder transcribe`, in each way to choose
// the language.
func choose(ctx context.Context, s *servers.Server, l speech.Language, sets []speech.Set, top, home string) (all []choice, err error) {
	clip := sets[1].Clips[0] // the days of the week
	if known := sets[0].Clips; len(known) > 0 {
		clip = known[len(known)-1] // conf-onlyperson
	}
	file := filepath.Join(home, l.Code+".wav")
	if err := os.WriteFile(file, clip.WAV(), 0o600); err != nil {
		return nil, err
	}
	for _, way := range []struct {
		how    string
		locale string
		args   []string
	}{
		{byLocale, l.Locale, nil},
		{byName, "C.UTF-8", []string{"--whisper-language", l.Code}},
		{byList, "C.UTF-8", []string{"--whisper-language", l.Code + "," + otherLanguage(l.Code)}},
	} {
		text, err := transcribe(ctx, s.URL, home, way.locale, top, append(way.args, file)...)
		if err != nil {
			say("%s, %s: %v", l.Code, way.how, err)
		}
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		right := err == nil && l.Compare(clip.Words, text).Rate() < wrongLanguage
		if !right {
			say("%s, %s: %q", l.Code, way.how, text)
		}
		all = append(all, choice{l.Code, way.how, clip.Name, text, right})
	}
	return all, nil
}

// transcribe runs the program of make build, with its own home and locale and no other
// settings.
func transcribe(ctx context.Context, url, home, locale, top string, args ...string) (string, error) {
	args = append([]string{"transcribe", "--whisper-url", url}, args...)
	c := exec.CommandContext(ctx, filepath.Join(top, "bin", "vocoder"), args...)
	c.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "LANG=" + locale}
	var problem bytes.Buffer
	c.Stderr = &problem
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("vocoder transcribe: %w: %s", err, strings.TrimSpace(problem.String()))
	}
	return strings.TrimSpace(string(out)), err
}

// wrong returns an error for each failure: a refused text of real speech, a clip without an
// answer, a text in a wrong language, words for noise.
func (r *result) wrong() (all error) {
	for _, h := range r.Languages {
		for _, c := range append(h.Refused, h.Failed...) {
			all = errors.Join(all, fmt.Errorf("%s: %s", h.Language, c))
		}
	}
	for _, c := range r.Choices {
		if !c.Right {
			all = errors.Join(all, fmt.Errorf("%s, %s: not in the language that was spoken: %q", c.Language, c.How, c.Text))
		}
	}
	for _, n := range r.Noises {
		if n.Gate && n.Printed != "" {
			all = errors.Join(all, fmt.Errorf("noise %s: %q would be typed", n.Name, n.Printed))
		}
	}
	return all
}

var pinned = regexp.MustCompile(`(?m)^([a-z-]+)==(\S+)`)

// version returns the version of a server, and its model.
func version(ctx context.Context, kind servers.Kind, top string) (version, model string, err error) {
	const whole = "base, float16 weights"
	file := filepath.Join(top, "e2e", "servers", "requirements.txt")
	switch kind {
	case servers.Engine:
		out, err := exec.CommandContext(ctx, filepath.Join(top, "bin", "vocoder-engine"), "--version").Output()
		return strings.TrimSpace(strings.TrimPrefix(string(out), "vocoder-engine version ")), "base, int8", err
	case servers.WhisperCPP:
		file = filepath.Join(top, "e2e", "servers", "whispercpp.sh")
		b, err := os.ReadFile(file)
		_, after, _ := strings.Cut(string(b), "# whisper.cpp ")
		after, _, _ = strings.Cut(after, "\n")
		return after, whole, err
	}
	b, err := os.ReadFile(file)
	pins := map[string]string{}
	for _, m := range pinned.FindAllStringSubmatch(string(b), -1) {
		pins[m[1]] = m[2]
	}
	if kind == servers.Wyoming {
		return "wyoming-faster-whisper " + pins["wyoming-faster-whisper"], whole, err
	}
	return "faster-whisper-server " + pins["faster-whisper-server"] + ", faster-whisper " + pins["faster-whisper"], whole, err
}

// tail returns the last lines of a file.
func tail(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
