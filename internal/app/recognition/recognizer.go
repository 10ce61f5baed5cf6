// Package recognition makes recognizers from the settings. It transcribes recordings, also
// while the user speaks, and applies the text rules to the words.
package recognition

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
	"github.com/arealicehole/vocoder/whisper"
)

// A Recognizer is the recognizers of some settings, with the rules for their words. It is
// safe for concurrent use.
type Recognizer struct {
	client  *whisper.Client
	usual   language.Choice // of the settings, for a clip without a language
	rules   text.Rules
	command text.Command
	report  func(part control.Part, err error)
	log     *slog.Logger

	background bool           // transcribe each utterance while the user speaks
	gain       func(pcm.Clip) // what capture does to each recording
	closed     chan struct{}
	live       sync.WaitGroup // the live transcriptions
	mu         sync.Mutex     // held while a live transcription begins, and while closed closes
}

// Options are what a Recognizer needs besides the settings.
type Options struct {
	Env    environ.Env
	Log    *slog.Logger
	Report func(part control.Part, err error) // called with the problem of a part, nil if it works; nil ignores it
	Once   bool                               // ask each recognizer once, without retrying
}

// New returns the recognizers that the settings name. An error is a *config.Error.
func New(cfg settings.Loaded, o Options) (*Recognizer, error) {
	words, err := vocabulary(o.Env, cfg.Config)
	if err != nil {
		return nil, cfg.Fault("text.vocabulary", err.Error())
	}
	all, err := servers(cfg, words, o)
	if err != nil {
		return nil, err
	}
	r := &Recognizer{command: cfg.Text.Command, report: o.Report, log: o.Log}
	if r.report == nil {
		r.report = func(control.Part, error) {}
	}
	all[0].Failing = func(err error) { r.report(control.Recognizer, err) } // before it tries again
	client, err := whisper.New(all...)
	if err != nil {
		field := "URL"
		if e, ok := errors.AsType[*whisper.FieldError](err); ok {
			field = e.Field
		}
		return nil, cfg.FaultAt(fields[field], firstWrong(all), err.Error())
	}
	if o.Once {
		client = client.Once()
	}
	r.client, r.usual, r.rules = client, all[0].Language, rules(cfg.Config, words, all[0].Language)
	r.background, r.gain, r.closed = cfg.Background, gain(cfg.Config), make(chan struct{})
	return r, nil
}

// firstWrong returns which of several recognizers cannot be used.
func firstWrong(all []whisper.Config) int {
	return max(0, slices.IndexFunc(all, func(c whisper.Config) bool {
		client, err := whisper.New(c)
		if err == nil {
			client.Close()
		}
		return err != nil
	}))
}

// fields are the names of the settings for the fields of whisper.Config.
var fields = map[string]string{"URL": "whisper_url", "Dialect": "whisper.dialect", "KeyFile": "whisper.key_file", "CAFile": "whisper.ca_file"}

// gain returns the function with which capture amplifies each recording.
func gain(cfg config.Config) func(pcm.Clip) {
	if cfg.Audio.AutoGain {
		return capture.Normalize
	}
	return func(c pcm.Clip) { capture.Amplify(c, cfg.Audio.GainDB) }
}

// Rules returns the settings for how texts are written. Transcribe applies Write.
func (r *Recognizer) Rules() text.Rules { return r.rules }

// Alone returns a text of Transcribe as it is typed where no text comes before it and none
// after.
func (r *Recognizer) Alone(text string, spoken language.Choice) string {
	rules := r.rules
	rules.Languages, rules.TrailingSpace = r.spoken(spoken).Written(), false
	return rules.Continue(text, "")
}

// Transcribe returns the text of a clip as it is to be typed, or with a dictate.Refusal
// the text that is not typed.
func (r *Recognizer) Transcribe(ctx context.Context, c pcm.Clip) (string, error) {
	words, err := r.client.In(c.Spoken).Transcribe(ctx, c)
	return r.finish(ctx, c.Spoken, words, err)
}

// TranscribeAnyway is Transcribe for a retry by the user: it returns also words that
// Transcribe refuses as not speech.
func (r *Recognizer) TranscribeAnyway(ctx context.Context, c pcm.Clip) (string, error) {
	words, err := r.client.In(c.Spoken).Anyway().Transcribe(ctx, c)
	return r.finish(ctx, c.Spoken, words, err)
}

// late returns the error of recognizers that did not answer within the time.
func late(client *whisper.Client, waited time.Duration) error {
	return &whisper.Error{Kind: whisper.Late, URL: client.Health()[0].URL, Waited: waited, Err: context.DeadlineExceeded}
}

// isPartly reports whether an error comes with words, of which a part was left out.
func isPartly(err error) bool {
	_, is := errors.AsType[*whisper.LeftOut](err)
	return is
}

// finish turns the recognizer's words, or its error, into the text to type.
func (r *Recognizer) finish(ctx context.Context, spoken language.Choice, words string, err error) (string, error) {
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	incomplete := errors.Is(err, whisper.ErrIncomplete)
	if incomplete {
		r.report(control.Words, err)
	} else {
		r.report(control.Words, nil)
	}
	if errors.Is(err, whisper.ErrNotSpeech) {
		r.report(control.Recognizer, nil)
		return r.rules.Write(words, r.spoken(spoken).Written()), dictate.Refusal(dictate.NotSpeech)
	}
	left, partly := errors.AsType[*whisper.LeftOut](err)
	if (incomplete || partly) && words != "" {
		err = nil
	}
	r.report(control.Recognizer, err)
	if err != nil || words == "" {
		return "", err
	}
	written, err := r.write(ctx, spoken, words)
	if partly && err == nil {
		err = dictate.Partly{Left: r.rules.Write(left.Words, r.spoken(spoken).Known()), Why: left.Why.Error()}
	}
	return written, err
}

// spoken returns the languages of a clip, or those of the settings if it has none.
func (r *Recognizer) spoken(of language.Choice) language.Choice {
	return of.Over(r.usual)
}

// write applies the user's text rules and command to the recognizer's words.
func (r *Recognizer) write(ctx context.Context, spoken language.Choice, words string) (string, error) {
	written := r.rules.Write(words, r.spoken(spoken).Written())
	if written == "" {
		return "", nil
	}
	written, err := r.command.Process(ctx, written)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	r.report(control.UserText, err)
	if err != nil {
		r.log.Warn("the text is typed as it was", "err", err)
	}
	if written == "" {
		return "", dictate.Refusal(dictate.Taken)
	}
	return written, nil
}

// Check asks the recognizers once whether they work, so that a problem is known before
// the user speaks.
func (r *Recognizer) Check(ctx context.Context) {
	if err := r.client.Check(ctx); ctx.Err() == nil {
		if err != nil {
			r.log.Warn("recognizer not reachable", "err", err)
		}
		r.report(control.Recognizer, err)
	}
}

// Close ends all live transcriptions, waits for that, and closes idle connections. A
// Transcribe under way continues with the whole recording.
func (r *Recognizer) Close() {
	r.mu.Lock()
	if !r.isClosed() {
		close(r.closed)
	}
	r.mu.Unlock()
	r.live.Wait()
	r.client.Close()
}

// Client returns the client of the recognizers.
func (r *Recognizer) Client() *whisper.Client { return r.client }

// Usual returns the languages that the settings name.
func (r *Recognizer) Usual() language.Choice { return r.usual }

func (r *Recognizer) isClosed() bool {
	select {
	case <-r.closed:
		return true
	default:
		return false
	}
}
