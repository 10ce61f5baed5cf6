package main

import (
	"context"
	"fmt"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/config"
)

// checkSpan is how long a microphone is listened to if nothing is said.
const checkSpan = 3 * time.Second

// errUnfit is wrapped by the error about a microphone that is not fit.
var errUnfit = hint.New("not fit", "`vocoder sources` lists the microphones; the desktop's sound settings have volume and mute")

// check listens to the microphone for a while and prints a line if it is fit.
// If not, that is the error.
func (a *app) check(ctx context.Context, cfg config.Config, span time.Duration) error {
	cfg.Audio.GainDB, cfg.Audio.AutoGain = 0, false // it is the microphone that is asked for
	var source string
	var first capture.Problem
	clip, err := a.record(ctx, cfg, span, capture.Hooks{
		State: func(s capture.State) {
			if s.Ready() {
				source = s.Source
			}
		},
		Problem: func(t capture.Trouble) {
			// A microphone that is slow to open is fit.
			if first == 0 || first == capture.Unready || first == capture.Stalled {
				first = t.Problem
			}
		},
	})
	defer clip.Wipe()
	switch {
	case first != 0 && source != "":
		return fmt.Errorf("%w: %s: %v", errUnfit, source, first)
	case err != nil:
		return fmt.Errorf("%w: %w", errUnfit, err)
	case len(clip.Samples) == 0:
		return fmt.Errorf("%w: %s: no sound came", errUnfit, source)
	}
	noise, voice := capture.Range(clip)
	if !clip.Voice.Speaks() {
		fmt.Fprintf(a.Stdout, "fit: %s: noise at %.0f dB; nobody spoke\n", source, noise)
		return nil
	}
	fmt.Fprintf(a.Stdout, "fit: %s: a voice at %.0f dB, noise at %.0f dB\n", source, voice, noise)
	return nil
}
