package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/test/speech"
	"github.com/arealicehole/vocoder/whisper"
)

const (
	promptCount = 500 // of a language
	// engines is how many engines transcribe the prompts, with one thread each. On two cores
	// they are a quarter faster than one with two threads.
	engines = 2
)

// prompts transcribes prompts of the languages that match the pattern. A refused prompt is
// an error.
func prompts(ctx context.Context, top string, only *regexp.Regexp) (err error) {
	log, err := os.CreateTemp("", "whisper-*.log")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close(), os.Remove(log.Name())) }()
	var all []*servers.Server
	for range engines {
		s, err := servers.Start(ctx, servers.Engine, top, "", 1, log)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, tail(log.Name()))
		}
		all = append(all, s)
		defer func() { _ = s.Stop() }() // it has nothing to save
	}
	var bad error
	for _, l := range speech.Languages {
		if !only.MatchString(l.Code) {
			continue
		}
		began := time.Now()
		h, err := hearPrompts(ctx, all, l)
		if err != nil {
			return err
		}
		h.Took = time.Since(began).Seconds() // of all together
		say("%s: %d prompts of %.0f s in %.0f s, %d refused, %d empty, %d without an answer",
			l.Code, h.Clips, h.Sound, h.Took, len(h.Refused), len(h.Empty), len(h.Failed))
		if err := sweep.Save(kept, "prompts-"+l.Code, h); err != nil {
			return err
		}
		for _, c := range append(h.Refused, h.Failed...) {
			bad = errors.Join(bad, fmt.Errorf("%s: %s", l.Code, c))
		}
	}
	return bad
}

// hearPrompts transcribes the prompts of a language. Each server gets one at a time.
func hearPrompts(ctx context.Context, all []*servers.Server, l speech.Language) (heard, error) {
	h := heard{Language: l.Code}
	clips, err := l.Prompts(promptCount)
	if err != nil {
		return h, err
	}
	var mu sync.Mutex // guards h
	var done sync.WaitGroup
	next := make(chan speech.Clip)
	for _, s := range all {
		c, err := whisper.New(whisper.Config{URL: s.URL, Language: language.Of(l.Code)})
		if err != nil {
			panic("whisper: the address of a server that runs: " + err.Error())
		}
		defer c.Close()
		done.Go(func() {
			for clip := range next {
				clip.Clip = speech.InRoom(clip.Clip, 0, -60, speech.RoomBefore, speech.RoomAfter, 1)
				clip.Voice = vad.Detect(clip.Clip)
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
