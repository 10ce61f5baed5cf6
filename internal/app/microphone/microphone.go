// Package microphone records from the microphone of the settings.
package microphone

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// Config returns the settings of a Recorder.
func Config(env environ.Env, cfg config.Config) capture.Config {
	return capture.Config{
		Server: env.PulseServer(), Cookies: env.PulseCookies(), Source: cmp.Or(cfg.Audio.Source, env.PulseSource()),
		Tail: cfg.Audio.Tail, PreRoll: cfg.Audio.PreRoll,
		Linger: cfg.Audio.Linger, BluetoothLinger: cfg.Audio.BluetoothLinger,
		Longest: cfg.MaxDuration + cfg.Audio.PreRoll + cfg.Audio.Tail + time.Second,
		Gain:    cfg.Audio.GainDB, AutoGain: cfg.Audio.AutoGain,
	}
}

// Record records until ctx is done or, if limit is not 0, for that long.
func Record(ctx context.Context, conf capture.Config, limit time.Duration) (pcm.Clip, error) {
	run, end := context.WithCancel(context.WithoutCancel(ctx))
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	mic := capture.New(conf)
	done := make(chan error, 1)
	go func() { done <- mic.Run(run) }()
	clip, err := mic.Record(run, ctx.Done())
	end()
	return clip, errors.Join(err, <-done)
}

// ErrUnfit is wrapped by the error of a microphone with which no dictation works.
var ErrUnfit = hint.New("not fit", "`vocoder sources` lists the microphones; the desktop's sound settings have volume and mute")

// openLimit is how long a microphone may take to open before Probe gives up. A Bluetooth
// headset takes some seconds.
const openLimit = 6 * time.Second

// A Report has the results of Probe. Levels are in dB relative to full scale.
type Report struct {
	Source       string          // description of the microphone; empty if none opened
	Problem      capture.Problem // the first; 0 if there was none
	Voice        bool            // there was a voice
	Level, Noise float64         // of the voice, and of the rest
}

// Probe listens to a microphone for a time, without amplification. It calls opened
// when the microphone delivers sound. A microphone that delivers none is an error.
func Probe(ctx context.Context, conf capture.Config, span time.Duration, opened func()) (Report, error) {
	conf.Gain, conf.AutoGain = 0, false
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	limit := time.AfterFunc(openLimit, stop)
	defer limit.Stop()
	ready := sync.OnceFunc(func() {
		opened()
		limit.Reset(span)
	})
	var r Report
	conf.Hooks = capture.Hooks{
		State: func(s capture.State) {
			if s.Ready() {
				r.Source = s.Source
				ready()
			}
		},
		Problem: func(t capture.Trouble) {
			// A microphone that is only slow to open has no problem.
			if r.Problem == 0 || r.Problem == capture.Unready || r.Problem == capture.Stalled {
				r.Problem = t.Problem
			}
		},
	}
	clip, err := Record(ctx, conf, 0)
	defer clip.Wipe()
	if err == nil && len(clip.Samples) == 0 {
		err = errors.New("no sound came")
	}
	r.Voice = clip.Voice.Speaks()
	r.Noise, r.Level = capture.Range(clip)
	return r, err
}
