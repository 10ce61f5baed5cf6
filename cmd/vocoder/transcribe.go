package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/usage"
)

func transcribeCommand(a *cli) *cobra.Command {
	c := &cobra.Command{
		Use:   "transcribe [FILE]",
		Short: "Print the words of a WAV file, or of standard input",
		Long: `Send a WAV file, or standard input, to the recognizer and print the words, alone,
on standard output, as they would be typed. What holds no voice is not sent;
--audio-gate=false sends it all the same. Any PCM of 8 to 32 bits or 32-bit
float, mono or not.`,
		ValidArgsFunction: files,
		Args:              arguments(0, 1, "one file"),
	}
	addSettings(c, "whisper_url", "whisper", "text", "audio.gate")
	short := map[string]string{"url": "whisper-url", "dialect": "whisper-dialect", "language": "whisper-language"}
	for name, long := range short {
		c.Flags().String(name, "", "`"+c.Flags().Lookup(long).Value.Type()+"` of --"+long)
		values, _ := c.GetFlagCompletionFunc(long)
		offer(c, name, values)
	}
	asJSON := c.Flags().Bool("json", false, "print an object: the text, how long the sound is, who answered, how and how soon")
	c.RunE = func(c *cobra.Command, args []string) error {
		for name, long := range short {
			if f := c.Flags().Lookup(name); f.Changed {
				if err := c.Flags().Set(long, f.Value.String()); err != nil {
					return err
				}
			}
		}
		cfg, err := a.load(c)
		if err != nil {
			return err
		}
		clip, err := readClip(a, args)
		if err != nil {
			return err
		}
		defer clip.Wipe()
		return transcribe(a, c.Context(), cfg, keyboard(a, cfg.Config), clip, *asJSON)
	}
	return c
}

// A transcript is what `vocoder transcribe --json` prints.
type transcript struct {
	Text    string  `json:"text"`
	Seconds float64 `json:"seconds"`           // of sound
	Took    float64 `json:"took"`              // seconds until the answer
	URL     string  `json:"url"`               // of the recognizer that answered
	Dialect string  `json:"dialect,omitempty"` // of that recognizer
}

// transcribe prints the words of a clip, in the languages that the daemon would expect.
func transcribe(a *cli, ctx context.Context, cfg settings.Loaded, keyboard recognition.Keyboard, clip pcm.Clip, asJSON bool) error {
	log := settings.QuietLogger(a.Env, cfg.Config)
	r, err := recognition.New(cfg, recognition.Options{Env: a.Env, Log: log, Report: reportTrouble(a), Once: true})
	if err != nil {
		return err
	}
	defer r.Close()
	clip.Voice = vad.Detect(clip)
	if recognition.Gate(cfg.Config, log, clip) != nil {
		return hint.New("the recording holds no voice, so it was not sent",
			"`vocoder transcribe --audio-gate=false` sends it all the same; `vocoder record --check` says whether the microphone hears a voice")
	}
	clip.Spoken = keyboard.Spoken(ctx, a.Env, cfg.Config)
	begin := time.Now()
	text, err := r.Transcribe(ctx, clip)
	text = printable.Text(r.Alone(text, clip.Spoken))
	switch {
	case errors.Is(err, dictate.Refusal(dictate.Taken)):
		fmt.Fprintln(a.Stderr, "vocoder: text.command took the text: nothing is typed")
	case errors.Is(err, dictate.Refusal(dictate.NotSpeech)):
		return fmt.Errorf("the recognizer probably made this up, and the daemon would not type it: %s", text)
	case err != nil:
		return err
	}
	if !asJSON {
		_, err = fmt.Fprintln(a.Stdout, text)
		return err
	}
	h := transcript{Text: text, Seconds: clip.Duration().Seconds(), Took: time.Since(begin).Seconds()}
	for _, one := range r.Client().Health() {
		if h.URL == "" && one.Err == nil && !one.At.IsZero() {
			h.URL, h.Dialect = one.URL, one.Dialect
		}
	}
	return printable.Encode(a.Stdout, h)
}

// readClip reads the WAV file that args name, or standard input.
func readClip(a *cli, args []string) (pcm.Clip, error) {
	name, wav := "standard input", a.Stdin
	if len(args) > 0 && args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return pcm.Clip{}, err
		}
		defer func() { _ = f.Close() }() // it was only read
		name, wav = args[0], f
	} else if terminal.Is(a.Stdin) {
		return pcm.Clip{}, usage.Errorf("transcribe what? name a WAV file, or pipe one in")
	}
	clip, err := pcm.ReadWAV(wav)
	if err != nil {
		return clip, fmt.Errorf("%s: %w", name, err)
	}
	return clip, nil
}

// reportTrouble returns a function that prints, for the user alone, what the recognizer
// and the user's own program report.
func reportTrouble(a *cli) func(control.Part, error) {
	return func(part control.Part, err error) {
		if part == control.UserText && err != nil {
			fmt.Fprintln(a.Stderr, "vocoder: warning: "+err.Error()+"; the text is as it was")
		}
		if part == control.Words && err != nil {
			fmt.Fprintln(a.Stderr, "vocoder: warning: "+err.Error())
		}
		if s := hint.Said(err); s != "" {
			fmt.Fprintln(a.Stderr, "vocoder: the recognizer said: "+s)
		}
		if s := hint.Details(err); s != "" {
			fmt.Fprintln(a.Stderr, "vocoder: in detail: "+s)
		}
	}
}
