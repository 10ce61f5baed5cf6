package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// A brain is the recognizers of some settings, and what becomes of their words.
// It is safe for concurrent use.
type brain struct {
	client  *whisper.Client
	usual   language.Choice // of the settings, where the clip does not say
	writing writing
	command whisper.Command
	told    func(part string, err error) // is given what is wrong with a part, nil if nothing
	log     *slog.Logger

	background bool           // transcribe each utterance while the user speaks
	gain       func(pcm.Clip) // what capture does to each recording
	closed     chan struct{}
	live       sync.WaitGroup // the live transcriptions
	mu         sync.Mutex     // held while one of them begins, and to close closed
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
	b.background, b.gain, b.closed = cfg.Background, gain(cfg.Config), make(chan struct{})
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
	text, err := b.client.In(c.Spoken).Transcribe(ctx, c)
	return b.finish(ctx, c.Spoken, text, err)
}

// transcribeAnyway is transcribe for a user who insists: nothing is refused as
// not speech.
func (b *brain) transcribeAnyway(ctx context.Context, c pcm.Clip) (string, error) {
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

// close ends all live transcriptions and waits for that. It also closes idle
// connections. What is being transcribed goes on, with the whole utterance.
func (b *brain) close() {
	b.mu.Lock()
	if !b.isClosed() {
		close(b.closed)
	}
	b.mu.Unlock()
	b.live.Wait()
	b.client.Close()
}

func (b *brain) isClosed() bool {
	select {
	case <-b.closed:
		return true
	default:
		return false
	}
}
