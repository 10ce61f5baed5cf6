package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// Speech is the recogniser of the settings in use as dictate sees it.
type speech struct{ *daemon }

// Transcribe implements dictate.Transcriber.
func (s speech) Transcribe(ctx context.Context, binding int, c pcm.Clip) (string, error) {
	g := s.current()
	if err := g.gate(c); err != nil {
		return "", err
	}
	return g.brain.transcribe(ctx, binding, c)
}

// A brain is a recogniser and what is known of it.
type brain struct {
	client    *whisper.Client
	languages []string    // by binding; empty is that of the client
	told      func(error) // is given what is wrong with the recogniser, nil if nothing
	log       *slog.Logger
}

// newBrain returns the recogniser that the settings name. Its errors are errors
// of settings.
func newBrain(cfg config.Config, log *slog.Logger) (*brain, error) {
	w := cfg.Whisper
	client, err := whisper.New(whisper.Config{
		URL: w.URL, Dialect: w.Dialect, Language: w.Language, Model: w.Model, Prompt: w.Prompt,
		KeyFile: w.KeyFile, CAFile: w.CAFile, Log: log,
	})
	if err != nil {
		return nil, &config.Error{Place: "whisper", Msg: err.Error()}
	}
	b := &brain{client: client, told: func(error) {}, log: log}
	for _, binding := range cfg.Bindings {
		b.languages = append(b.languages, binding.Language)
	}
	return b, nil
}

// transcribe returns the words of a clip, or a dictate.Refusal.
func (b *brain) transcribe(ctx context.Context, binding int, c pcm.Clip) (string, error) {
	client := b.client
	if binding < len(b.languages) {
		client = client.In(b.languages[binding])
	}
	text, err := client.Transcribe(ctx, c)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if errors.Is(err, whisper.ErrNotSpeech) {
		b.told(nil)
		return "", dictate.Refusal(dictate.Silence)
	}
	b.told(err)
	return text, err
}

// check asks once whether the recogniser is there, so that its absence is known
// before the first words are spoken.
func (b *brain) check(ctx context.Context) {
	if err := b.client.Check(ctx); ctx.Err() == nil {
		if err != nil {
			b.log.Warn("recogniser not reachable", "err", err)
		}
		b.told(err)
	}
}
