package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
	"github.com/arealicehole/vocoder/whisper"
)

// hearCuts transcribes the cut recordings and their whole clips with Whisper base on
// vocoder-engine, and stores the last words. Without cuts it starts no server.
func hearCuts(ctx context.Context, top string, all []tails) (err error) {
	if !slices.ContainsFunc(all, func(t tails) bool { return len(t.Cut) > 0 }) {
		return nil
	}
	log, err := os.CreateTemp("", "voice-*.log")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close(), os.Remove(log.Name())) }()
	s, err := servers.Start(ctx, servers.Engine, top, "", servers.Threads, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	for _, t := range all {
		for i := range t.Cut {
			c := &t.Cut[i]
			if c.Whole, err = lastWord(ctx, s.URL, c.code, c.whole); err != nil {
				return fmt.Errorf("%s: %w", c.Clip, err)
			}
			if c.Heard, err = lastWord(ctx, s.URL, c.code, c.recorded); err != nil {
				return fmt.Errorf("%s: %w", c.Clip, err)
			}
			report("tail %v: %s lacks %v: %q, of the whole %q", t.Fixed, c.Clip, c.Missing, c.Heard, c.Whole)
		}
	}
	return nil
}

// lastWord transcribes a clip and returns the last word, or "".
func lastWord(ctx context.Context, url, code string, clip pcm.Clip) (string, error) {
	c, err := whisper.New(whisper.Config{URL: url, Language: language.Of(code)})
	if err != nil {
		return "", err
	}
	defer c.Close()
	clip.Voice = vad.Detect(clip)
	text, err := c.Transcribe(ctx, clip)
	if err != nil && !errors.Is(err, whisper.ErrIncomplete) {
		if errors.Is(err, whisper.ErrNotSpeech) {
			err = nil
		}
		return "", err
	}
	i := slices.IndexFunc(speech.Languages, func(l speech.Language) bool { return l.Code == code })
	words := speech.Languages[i].Split(text)
	if len(words) == 0 {
		return "", nil
	}
	return words[len(words)-1], nil
}

// missed returns an error for each missed target.
func (r tailResult) missed() (err error) {
	for _, t := range r.Within {
		if t.Fixed != 0 {
			continue // the old tail is only for comparison
		}
		for _, c := range t.Cut {
			err = errors.Join(err, fmt.Errorf("%s lacks %v of its last word, %q instead of %q", c.Clip, c.Missing, c.Heard, c.Whole))
		}
	}
	for _, t := range r.Silent {
		if t.Fixed == 0 && t.Most > silenceMost {
			err = errors.Join(err, fmt.Errorf("released in silence, a recording came %v after the release, at most %v is the target", t.Most, silenceMost))
		}
	}
	return err
}
