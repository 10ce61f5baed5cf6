package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/e2e/speech"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/whisper"
)

const (
	promptCount = 500 // of a language
	// atOnce is how many prompts vocoder-engine is asked at a time: one computes
	// while another is received and decoded.
	atOnce = 2
)

// prompts has vocoder-engine hear prompts of the languages that the pattern
// matches. A prompt that is refused is an error.
func prompts(ctx context.Context, top string, only *regexp.Regexp) (err error) {
	log, err := os.CreateTemp("", "whisper-*.log")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close(), os.Remove(log.Name())) }()
	s, err := servers.Start(ctx, servers.Engine, top, "", log)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, tail(log.Name()))
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	var all error
	for _, l := range speech.Languages {
		if !only.MatchString(l.Code) {
			continue
		}
		began := time.Now()
		h, err := hearPrompts(ctx, s, l)
		if err != nil {
			return err
		}
		h.Took = time.Since(began).Seconds() // two at a time
		say("%s: %d prompts of %.0f s in %.0f s, %d refused, %d empty, %d without an answer",
			l.Code, h.Clips, h.Sound, h.Took, len(h.Refused), len(h.Empty), len(h.Failed))
		if err := save("prompts-"+l.Code, h); err != nil {
			return err
		}
		for _, c := range append(h.Refused, h.Failed...) {
			all = errors.Join(all, fmt.Errorf("%s: %s", l.Code, c))
		}
	}
	return all
}

// hearPrompts asks for the prompts of a language, some at a time.
func hearPrompts(ctx context.Context, s *servers.Server, l speech.Language) (heard, error) {
	h := heard{Language: l.Code}
	clips, err := l.Prompts(promptCount)
	if err != nil {
		return h, err
	}
	c, err := whisper.New(whisper.Config{URL: s.URL, Language: language.Of(l.Code)})
	if err != nil {
		return h, err
	}
	defer c.Close()
	c.Warm(ctx)
	var mu sync.Mutex // guards h
	var done sync.WaitGroup
	next := make(chan speech.Clip)
	for range atOnce {
		done.Go(func() {
			for clip := range next {
				began := time.Now()
				text, err := c.Transcribe(ctx, clip.Clip)
				mu.Lock()
				h.note(clip, text, err, time.Since(began))
				mu.Unlock()
			}
		})
	}
	for _, clip := range clips {
		select {
		case next <- clip:
		case <-ctx.Done():
		}
	}
	close(next)
	done.Wait()
	return h, ctx.Err()
}
