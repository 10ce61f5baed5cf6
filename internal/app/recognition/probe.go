package recognition

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/url"
	"time"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// Probe asks one recognizer to transcribe a short tone. It returns what the answer shows
// about the recognizer, and how long it took. The words of the answer do not matter, but a
// server that gives such an answer without any sound too is no recognizer.
func Probe(ctx context.Context, env environ.Env, cfg settings.Loaded, server config.Whisper) (h whisper.Health, took time.Duration, err error) {
	one := cfg.With(func(c *config.Config) { c.Whisper = []config.Whisper{server} })
	r, err := New(one, Options{Env: env, Log: slog.New(slog.DiscardHandler), Once: true})
	if err != nil {
		return h, 0, err
	}
	defer r.Close()
	start := time.Now()
	_, err = r.client.Transcribe(ctx, tone())
	took = time.Since(start)
	if _, is := errors.AsType[*whisper.Error](err); !is && errors.Is(err, context.DeadlineExceeded) {
		err = late(r.client, took)
	}
	if errors.Is(err, whisper.ErrNotSpeech) {
		err = nil
	}
	if e, is := errors.AsType[*whisper.Error](err); err == nil || is && e.Kind == whisper.NoLanguage {
		_ = r.client.Check(ctx) // it answers; this asks for its languages and models too
	}
	h = r.client.Health()[0]
	if err == nil {
		err = h.Doubt
	}
	return h, took, err
}

// tone returns a sound of half a second.
func tone() pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate/2)}
	for i := range c.Samples {
		c.Samples[i] = int16(2000 * math.Sin(2*math.Pi*220*float64(i)/pcm.Rate))
	}
	return c
}

// Place returns the address of a recognizer without what may be secret in it.
func Place(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the recognizer"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// Origin returns the scheme and the host of an address.
func Origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// WhisperBase is the model of vocoder-engine for many languages.
const WhisperBase = "whisper-base"
