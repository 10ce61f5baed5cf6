package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
	"github.com/arealicehole/vocoder/whisper"
)

// A result has the measurements of a server.
type result struct {
	Server    servers.Kind
	Commit    string
	Version   string
	Model     string
	Memory    int64 // peak, in bytes
	Languages []heard
	Choices   []choice
	Noises    []noise
}

// A heard is the result of a server for the clips of a language.
type heard struct {
	Language string
	Scores   map[string]speech.Score // by set of clips
	Clips    int
	Sound    float64  // seconds
	Took     float64  // seconds
	Refused  []string // clips whose text hygiene refused
	Empty    []string // clips without a text
	Failed   []string // clips without an answer
}

// The parts of host.
const (
	partWords    = "words"
	partLanguage = "language"
	partNoise    = "noise"
)

// host runs some parts with each server that matches the pattern, one after the other. It
// also keeps the results of a server that failed.
func host(ctx context.Context, top string, only *regexp.Regexp, parts ...string) (all error) {
	home, err := os.MkdirTemp("", "whisper-")
	if err != nil {
		return err
	}
	defer func() { all = errors.Join(all, os.RemoveAll(home)) }()
	if slices.Contains(parts, partNoise) {
		if err := writeNoises(ctx, top, home); err != nil {
			return err
		}
	}
	for _, kind := range servers.Kinds {
		if only.MatchString(string(kind)) {
			if err := do(ctx, kind, top, home, parts); err != nil {
				all = errors.Join(all, fmt.Errorf("%s: %w", kind, err))
			}
		}
	}
	return all
}

// do starts a server and runs some parts with it.
func do(ctx context.Context, kind servers.Kind, top, home string, parts []string) (err error) {
	log, err := os.Create(filepath.Join(home, "server.log"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	s, err := servers.Start(ctx, kind, top, "", servers.Threads, log)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, tail(log.Name()))
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	var bad error // the other parts run all the same
	for _, part := range parts {
		r := result{Server: kind, Commit: sweep.Commit(ctx)}
		if r.Version, r.Model, err = version(ctx, kind, top); err != nil {
			return err
		}
		if part == partNoise && kind != servers.Engine { // the others take minutes
			continue
		}
		say("%s %s: %s", kind, r.Version, part)
		switch part {
		case partWords:
			err = r.words(ctx, s)
		case partLanguage:
			r.Choices, err = chooseAll(ctx, s, top, home)
		case partNoise:
			r.Noises, err = listen(ctx, s, home)
		}
		bad = errors.Join(bad, r.wrong(), sweep.Save(kept, file(part, kind), r))
		if err != nil {
			return errors.Join(bad, err)
		}
	}
	return bad
}

// compared reports whether a server is one of the two that are compared. They get more
// clips than the others.
func compared(kind servers.Kind) bool { return kind == servers.Engine || kind == servers.WhisperCPP }

// file returns the file name of a result.
func file(part string, kind servers.Kind) string {
	return part + "-" + strings.ReplaceAll(string(kind), " ", "-")
}

// words transcribes the clips with known words.
func (r *result) words(ctx context.Context, s *servers.Server) error {
	for _, l := range speech.Languages {
		sets, err := l.Sets()
		if err != nil {
			return err
		}
		if !compared(s.Kind) {
			sets = slices.DeleteFunc(sets, func(s speech.Set) bool { return s.Name == words })
		}
		h, err := hear(ctx, s, l, sets)
		if err != nil {
			return err
		}
		say("%s: %d clips of %.0f s in %.0f s, %s", l.Code, h.Clips, h.Sound, h.Took, h.words())
		r.Languages = append(r.Languages, h)
	}
	var err error
	r.Memory, err = s.Memory()
	return err
}

// The sets of clips.
const (
	sentences = speech.SentenceSet
	lists     = speech.ListSet
	words     = speech.WordSet
)

// hear transcribes clips with their language set, and counts the errors.
func hear(ctx context.Context, s *servers.Server, l speech.Language, sets []speech.Set) (heard, error) {
	h := heard{Language: l.Code, Scores: map[string]speech.Score{}}
	c, err := whisper.New(whisper.Config{URL: s.URL, Language: language.Of(l.Code)})
	if err != nil {
		return h, err
	}
	defer c.Close()
	c.Connect(ctx)
	for _, set := range sets {
		for _, clip := range set.Clips {
			text := h.ask(ctx, c, clip)
			h.Scores[set.Name] = h.Scores[set.Name].Plus(l.Compare(clip.Words, text))
			if err := ctx.Err(); err != nil {
				return h, err
			}
		}
	}
	return h, nil
}

// ask transcribes a clip and adds the result.
func (h *heard) ask(ctx context.Context, c *whisper.Client, clip speech.Clip) string {
	clip.Voice = vad.Detect(clip.Clip)
	began := time.Now()
	text, err := c.Transcribe(ctx, clip.Clip)
	h.note(clip, text, err, time.Since(began))
	if errors.Is(err, whisper.ErrNotSpeech) {
		return ""
	}
	return text
}

func (h *heard) note(clip speech.Clip, text string, err error, took time.Duration) {
	h.Clips++
	h.Sound += clip.Duration().Seconds()
	h.Took += took.Seconds()
	switch {
	case errors.Is(err, whisper.ErrIncomplete) && text != "":
	case errors.Is(err, whisper.ErrNotSpeech):
		h.Refused = append(h.Refused, clip.Name+": "+err.Error())
	case err != nil:
		h.Failed = append(h.Failed, clip.Name+": "+err.Error())
	case text == "":
		h.Empty = append(h.Empty, clip.Name)
	}
}

// words returns the wrong words for a message, by set.
func (h *heard) words() string {
	var parts []string
	for _, name := range []string{sentences, lists, words} {
		s := h.Scores[name]
		parts = append(parts, fmt.Sprintf("%s %d of %d wrong", name, s.Errors, s.Words))
	}
	return strings.Join(parts, ", ")
}

// A noise is the result of a server for a sound without speech.
type noise struct {
	Name    string
	Text    []string // the server's answers
	Printed string   // the text after hygiene
	Gate    bool     // the daemon sends the sound
}

// writeNoises runs the tests of capture/vad to write their noises.
func writeNoises(ctx context.Context, top, home string) error {
	folder := filepath.Join(home, "noises")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	return sweep.GoTest(ctx, top, "./capture/vad", "TestNoiseFiles", "VOCODER_NOISES="+folder)
}

// listen transcribes the noises; the server detects the language.
func listen(ctx context.Context, s *servers.Server, home string) (all []noise, err error) {
	files, err := filepath.Glob(filepath.Join(home, "noises", "*.wav"))
	if err != nil {
		return nil, err
	}
	tap, err := servers.Listen(s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tap.Close()) }()
	c, err := whisper.New(whisper.Config{URL: tap.URL})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return all, err
		}
		clip, err := pcm.ReadWAV(bytes.NewReader(b))
		if err != nil {
			return all, err
		}
		clip.Voice = vad.Detect(clip)
		text, err := c.Transcribe(ctx, clip)
		switch {
		case errors.Is(err, whisper.ErrNotSpeech):
			text = ""
		case err != nil:
			say("%s: %v", filepath.Base(file), err)
		}
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		answers := slices.DeleteFunc(tap.Texts(), func(t string) bool { return strings.TrimSpace(t) == "" })
		all = append(all, noise{strings.TrimSuffix(filepath.Base(file), ".wav"), answers, text, clip.Voice.Speaks()})
	}
	return all, nil
}
