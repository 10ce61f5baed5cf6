package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/pcm"
)

func (a *app) transcribeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "transcribe [FILE]",
		Short: "Print the words of a WAV file, or of standard input",
		Long: `Send a WAV file, or standard input, to the recogniser and print the words, alone,
on standard output. Any PCM of 8 to 32 bits or 32-bit float, mono or not.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("%s takes one file, got %d", c.CommandPath(), len(args))}
			}
			return nil
		},
	}
	addSettings(c, "whisper_url", "whisper")
	c.RunE = func(c *cobra.Command, args []string) error {
		cfg, err := a.settings(c)
		if err != nil {
			return err
		}
		b, err := newBrain(cfg, a.quiet(cfg))
		if err != nil {
			return err
		}
		clip, err := a.readClip(args)
		if err != nil {
			return err
		}
		defer clip.Wipe()
		text, err := b.client.Once().Transcribe(c.Context(), clip)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.stdout, text)
		return err
	}
	return c
}

// readClip reads the WAV file that args name, or standard input.
func (a *app) readClip(args []string) (pcm.Clip, error) {
	if len(args) == 0 || args[0] == "-" {
		if isTerminal(a.stdin) {
			return pcm.Clip{}, usageError{errors.New("transcribe what? name a WAV file, or pipe one in")}
		}
		return named("standard input", a.stdin)
	}
	f, err := os.Open(args[0])
	if err != nil {
		return pcm.Clip{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return named(args[0], f)
}

func named(name string, r io.Reader) (pcm.Clip, error) {
	clip, err := pcm.ReadWAV(r)
	if err != nil {
		return clip, fmt.Errorf("%s: %w", name, err)
	}
	return clip, nil
}
