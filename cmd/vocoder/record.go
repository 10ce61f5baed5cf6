package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/microphone"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/usage"
)

var errTerminal = hint.New("a recording is not for a terminal", "send it to a file or a program: vocoder record > clip.wav")

func recordCommand(a *cli) *cobra.Command {
	c := &cobra.Command{
		Use:   "record > FILE.wav",
		Short: "Record from the microphone and write a WAV file to standard output",
		Long: `Record from the microphone until interrupted, or for so many seconds, and write
16 kHz mono WAV to standard output. What spoils the recording is said meanwhile.

With --level, how loud it is is shown on standard error; with standard output a
terminal, nothing is written. With --check, nothing is written but one line that
says whether the microphone is fit; if not, the exit status is 1. Speak
meanwhile, and it says how loud you are.`,
	}
	addSettings(c, "audio")
	seconds := c.Flags().Float64("seconds", 0, "end after so many seconds; 0 is until interrupted")
	level := c.Flags().Bool("level", false, "show on standard error how loud it is")
	check := c.Flags().Bool("check", false, "say in one line whether the microphone is fit")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *check && *level {
			return usage.Errorf("record: --level or --check, not both")
		}
		cfg, err := a.load(c)
		if err != nil {
			return err
		}
		if !(*seconds >= 0) { // negative or NaN
			return usage.Errorf("--seconds %v, want 0 or more", *seconds)
		}
		limit := time.Duration(*seconds * float64(time.Second))
		if *check {
			return checkMicrophone(a, c.Context(), cfg.Config, cmp.Or(limit, 3*time.Second))
		}
		onTerminal := terminal.Is(a.Stdout)
		if onTerminal && !*level {
			return usage.Error{Err: errTerminal}
		}
		clip, err := recordWarning(a, c.Context(), cfg.Config, limit, *level)
		defer clip.Wipe()
		switch {
		case len(clip.Samples) == 0 && err != nil:
			return err
		case len(clip.Samples) == 0:
			return errors.New("record: no sound came")
		case err != nil:
			fmt.Fprintln(a.Stderr, "vocoder: warning: "+err.Error())
		}
		if onTerminal {
			return nil
		}
		wav := clip.WAV()
		defer clear(wav)
		_, err = a.Stdout.Write(wav)
		return err
	}
	return c
}

// recordWarning records, and prints what spoils the recording meanwhile. If level is
// set, it also shows how loud the sound is.
func recordWarning(a *cli, ctx context.Context, cfg config.Config, limit time.Duration, level bool) (pcm.Clip, error) {
	m := terminal.NewMeter(a.Stderr, terminal.Is(a.Stderr))
	conf := microphone.Config(a.Env, cfg)
	conf.Hooks.Problem = func(t capture.Trouble) {
		if t.Problem != 0 {
			m.Print("vocoder: warning: " + t.Problem.String())
		}
	}
	if level {
		conf.Hooks.Frame = m.Show
		defer m.End()
	}
	return microphone.Record(ctx, conf, limit)
}

// checkMicrophone listens to the microphone for a time. It prints a line if the
// microphone is fit, else it returns an error.
func checkMicrophone(a *cli, ctx context.Context, cfg config.Config, span time.Duration) error {
	r, err := microphone.Probe(ctx, microphone.Config(a.Env, cfg), span, func() {})
	switch {
	case r.Problem != 0 && r.Source != "":
		return fmt.Errorf("%w: %s: %v", microphone.ErrUnfit, r.Source, r.Problem)
	case err != nil && r.Source != "":
		return fmt.Errorf("%w: %s: %w", microphone.ErrUnfit, r.Source, err)
	case err != nil:
		return fmt.Errorf("%w: %w", microphone.ErrUnfit, err)
	case !r.Voice:
		fmt.Fprintf(a.Stdout, "fit: %s: noise at %.0f dB; no voice was heard\n", r.Source, r.Noise)
	default:
		fmt.Fprintf(a.Stdout, "fit: %s: a voice at %.0f dB, noise at %.0f dB\n", r.Source, r.Level, r.Noise)
	}
	return nil
}
