package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// Speech is the recogniser of the settings in use as dictate sees it.
type speech struct{ *daemon }

// Transcribe implements dictate.Transcriber.
func (s speech) Transcribe(ctx context.Context, _ int, c pcm.Clip, anyway bool) (string, error) {
	g := s.current()
	if anyway {
		return g.brain.transcribeAnyway(ctx, c)
	}
	if err := gate(g.cfg.Config, g.log, c); err != nil {
		return "", err
	}
	return g.brain.transcribe(ctx, c)
}

// A brain is the recognisers of some settings, what becomes of their words, and
// the utterances that are transcribed while they are spoken.
type brain struct {
	client  *whisper.Client
	usual   language.Choice // of the settings, where the clip does not say
	writing writing
	command whisper.Command
	told    func(part string, err error) // is given what is wrong with a part, nil if nothing
	log     *slog.Logger
	follows follows
}

// newBrain returns the recognisers that the settings name. Its errors are errors
// of settings.
func (a *app) newBrain(cfg settings.Loaded, log *slog.Logger) (*brain, error) {
	words, err := vocabulary(cfg.Text.Vocabulary)
	if err != nil {
		return nil, cfg.Fault("text.vocabulary", err.Error())
	}
	all, err := a.recognisers(cfg, words, log)
	if err != nil {
		return nil, err
	}
	b := &brain{command: cfg.Text.Command, told: func(string, error) {}, log: log}
	all[0].Failing = func(err error) { b.told("recogniser", err) } // at once, while it is asked again
	client, err := whisper.New(all...)
	if err != nil {
		field := "URL"
		if e, ok := errors.AsType[*whisper.FieldError](err); ok {
			field = e.Field
		}
		return nil, cfg.Fault(fields[field], err.Error())
	}
	b.client, b.usual, b.writing = client, all[0].Language, writingOf(cfg.Config, words)
	b.follows.on, b.follows.gain = cfg.Background, gain(cfg.Config)
	return b, nil
}

// fields are the settings of the fields of whisper.Config that New finds wrong.
var fields = map[string]string{"URL": "whisper_url", "Dialect": "whisper.dialect", "KeyFile": "whisper.key_file", "CAFile": "whisper.ca_file"}

// gain returns what capture does to each recording.
func gain(cfg config.Config) func(pcm.Clip) {
	if cfg.Audio.AutoGain {
		return capture.Normalize
	}
	return func(c pcm.Clip) { capture.Amplify(c, cfg.Audio.GainDB) }
}

// transcribe returns the words of a clip as they are to be typed, or a
// dictate.Refusal.
func (b *brain) transcribe(ctx context.Context, c pcm.Clip) (string, error) {
	text, err := b.recognise(ctx, b.client.In(c.Spoken), c)
	return b.finish(ctx, c.Spoken, text, err)
}

// transcribeAnyway is transcribe for a user who insists: nothing is refused as
// not speech. Of what was transcribed while it was spoken nothing is used, since
// parts of that may have been refused.
func (b *brain) transcribeAnyway(ctx context.Context, c pcm.Clip) (string, error) {
	b.follows.drop(b.follows.claim(c))
	text, err := b.client.In(c.Spoken).Anyway().Transcribe(ctx, c)
	return b.finish(ctx, c.Spoken, text, err)
}

// late is the error of recognisers whose answer was waited for in vain, as we put
// it: none of them said a word.
func late(client *whisper.Client, waited time.Duration) error {
	return &whisper.Error{Kind: whisper.Late, URL: client.Health()[0].URL, Waited: waited, Err: context.DeadlineExceeded}
}

// finish makes of the recogniser's words, or its error, what is to be typed.
func (b *brain) finish(ctx context.Context, spoken language.Choice, text string, err error) (string, error) {
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if errors.Is(err, whisper.ErrNotSpeech) {
		b.told("recogniser", nil)
		b.log.Debug("text refused", "reason", err)
		return "", dictate.Refusal(dictate.NotSpeech)
	}
	b.told("recogniser", err)
	if err != nil || text == "" {
		return "", err
	}
	return b.write(ctx, spoken, text)
}

// listen follows an utterance while it is recorded; nil if that is not wanted.
// In which languages it may be is asked when there is something to send.
func (b *brain) listen(spoken func() language.Choice) *following {
	return b.follows.begin(func() *whisper.Client { return b.client.In(spoken()) })
}

// recognise returns the words of a clip. Of one that was followed, only the
// rest is asked for; if that fails, all of it is.
func (b *brain) recognise(ctx context.Context, client *whisper.Client, c pcm.Clip) (string, error) {
	f := b.follows.claim(c)
	if f == nil {
		return client.Transcribe(ctx, c)
	}
	defer b.follows.drop(f)
	limited, cancel := context.WithTimeout(ctx, whisper.Patience(c))
	defer cancel()
	text, err := f.finish(limited, c)
	switch {
	case err == nil || errors.Is(err, whisper.ErrNotSpeech) || ctx.Err() != nil:
		return text, err
	case limited.Err() != nil:
		return "", late(client, whisper.Patience(c))
	}
	b.log.Debug("asking for the whole utterance", "audio", c.Duration().Round(time.Millisecond))
	text, again := client.Transcribe(limited, c)
	if errors.Is(again, context.DeadlineExceeded) {
		return "", err
	}
	return text, again
}

// write applies the user's rules and command to a text.
func (b *brain) write(ctx context.Context, spoken language.Choice, text string) (string, error) {
	if len(spoken.Codes) == 0 {
		spoken = b.usual
	}
	text = b.writing.in(spoken).Apply(text, "")
	if text == "" {
		return "", nil
	}
	text, err := b.command.Process(ctx, text)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	b.told("command", err)
	if err != nil {
		b.log.Warn("the text is typed as it was", "err", err)
	}
	if text == "" {
		return "", dictate.Refusal(dictate.Taken)
	}
	return text, nil
}

// check asks once whether the recogniser is there, so that its absence is known
// before the first words are spoken.
func (b *brain) check(ctx context.Context) {
	if err := b.client.Check(ctx); ctx.Err() == nil {
		if err != nil {
			b.log.Warn("recogniser not reachable", "err", err)
		}
		b.told("recogniser", err)
	}
}

// close ends what is transcribed in the background, and connections that are
// kept open. What is being transcribed goes on, with the whole utterance.
func (b *brain) close() {
	b.follows.close()
	b.client.Close()
}
