package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/config"
)

// A setup is one run of the command: what it asks, finds and does. What touches
// the machine is in functions, so that tests need none.
type setup struct {
	*app
	cfg config.Config
	in  *bufio.Reader // nil if nobody can be asked

	learn   func(context.Context) (string, error) // the key that is pressed
	sources func(context.Context) ([]capture.Source, error)
	answers func(ctx context.Context, url string) (dialect string, err error)
	units   units

	key, microphone, recogniser, start string // the flags; empty to ask
	changes                            [][2]string
}

// units is the service manager of the user.
type units interface {
	Start(ctx context.Context, unit string, always bool) error
	Stop(ctx context.Context, unit string) error
}

func (a *app) setupCommand() *cobra.Command {
	s := &setup{app: a}
	c := &cobra.Command{
		Use:   "setup",
		Short: "Set up in four questions: key, microphone, recogniser, start",
		Long: `Ask at most four questions, write what was answered to the settings file, with a
comment at each setting, and start the daemon. What a flag says is not asked;
without a terminal nothing is, and what no flag says stays as it is or is found
out. It may be repeated. --undo puts the settings file back and stops the daemon.`,
		Args: noArgs,
	}
	f := c.Flags()
	f.StringVar(&s.key, "key", "", "the `KEY` to hold, by its kernel name; keep for the one that is set")
	f.StringVar(&s.microphone, "microphone", "", "the `NAME` of a microphone or a part of it; default for that of the session")
	f.StringVar(&s.recogniser, "recogniser", "", "the `URL` of the recogniser; keep for the one that is set")
	f.StringVar(&s.start, "start", "", "`WHEN` the daemon is started: login, now or no")
	undo := f.Bool("undo", false, "put back what there was before")
	_ = c.RegisterFlagCompletionFunc("start", cobra.FixedCompletions([]string{"login", "now", "no"}, cobra.ShellCompDirectiveNoFileComp)) // it fails only for a flag that is not there
	c.RunE = func(c *cobra.Command, _ []string) error {
		var err error
		if s.cfg, err = a.settings(c); err != nil && !*undo {
			return err
		}
		s.real()
		if *undo {
			return s.undo(c.Context())
		}
		return s.run(c.Context())
	}
	return c
}

// real makes s work on this machine.
func (s *setup) real() {
	if isTerminal(s.stdin) && isTerminal(s.stdout) {
		s.in = bufio.NewReader(s.stdin)
	}
	s.learn = func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		h, err := evdev.Learn(ctx, "", "", func(int) {})
		if err != nil {
			return "", err
		}
		return chordName(h.Keys), evdev.Bindable(h.Keys...)
	}
	s.sources = func(ctx context.Context) ([]capture.Source, error) {
		return capture.Sources(ctx, capture.Config{Server: s.pulseServer()})
	}
	s.answers = func(ctx context.Context, url string) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		p := &patient{app: s.app, cfg: s.cfg}
		w := s.cfg.Whisper[0]
		if w.URL != url {
			w.Dialect, w.URL = "", url
		}
		return p.try(ctx, w)
	}
	s.units = userManager{s.app}
}

func (s *setup) run(ctx context.Context) error {
	for _, ask := range []func(context.Context) error{s.askKey, s.askMicrophone, s.askRecogniser, s.askStart} {
		if err := ask(ctx); err != nil {
			return err
		}
	}
	if err := s.write(); err != nil {
		return err
	}
	key := chordName(s.cfg.Bindings[0].Keys)
	for _, c := range s.changes {
		if c[0] == "key" {
			key = c[1]
		}
	}
	if s.start == "no" {
		s.say("Start it with `vocoder run`, then hold %s and speak.", key)
		return nil
	}
	if err := s.units.Start(ctx, daemonUnit, s.start == "login"); err != nil {
		return fmt.Errorf("start %s: %w", daemonUnit, err)
	}
	s.say("Hold %s and speak.", key)
	return nil
}

func (s *setup) say(format string, args ...any) { fmt.Fprintf(s.stdout, format+"\n", args...) }

// ask returns the answer to a question, or nothing if nobody can be asked.
func (s *setup) ask(format string, args ...any) string {
	if s.in == nil {
		return ""
	}
	fmt.Fprintf(s.stdout, format+" ", args...)
	line, err := s.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	return strings.TrimSpace(line)
}

// choose has one of several taken by its number; the first if nobody says.
func (s *setup) choose(question string, choices []string) int {
	for i, c := range choices {
		s.say("  %d  %s", i+1, c)
	}
	for {
		answer := s.ask("%s [1]", question)
		if answer == "" {
			return 0
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(choices) {
			return n - 1
		}
		s.say("1 to %d, please.", len(choices))
	}
}

func (s *setup) set(name, value string) { s.changes = append(s.changes, [2]string{name, value}) }

func (s *setup) askKey(ctx context.Context) error {
	switch {
	case s.key == "keep" || s.key == "" && s.in == nil:
		return nil
	case s.key != "":
		s.set("key", s.key)
		return nil
	}
	s.say("Press the key to hold while speaking (any key that writes keeps %s) ...", chordName(s.cfg.Bindings[0].Keys))
	name, err := s.learn(ctx)
	switch {
	case errors.Is(err, evdev.ErrWrites), errors.Is(err, evdev.ErrClicks), errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		s.say("%s it is.", chordName(s.cfg.Bindings[0].Keys))
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		s.say("The keyboard cannot be read here (%v): %s stays; `vocoder doctor` says more.", err, chordName(s.cfg.Bindings[0].Keys))
	default:
		s.say("%s it is.", name)
		s.set("key", name)
	}
	return nil
}

func (s *setup) askMicrophone(ctx context.Context) error {
	if s.microphone == "default" {
		s.set("audio.source", "")
		return nil
	}
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	all, err := s.sources(short)
	if err != nil {
		s.say("No microphone can be asked for: %v. `vocoder doctor` says what mends it.", err)
		return ctx.Err()
	}
	if s.microphone != "" {
		one, err := capture.Choose(all, s.microphone)
		if err != nil {
			return err
		}
		s.say("Microphone: %s", one.Description)
		s.set("audio.source", s.microphone)
		return nil
	}
	var names, shown []string
	for _, one := range all {
		switch {
		case one.Monitor:
		case one.Default:
			names, shown = append([]string{""}, names...), append([]string{one.Description + ", as the session has it"}, shown...)
		default:
			names, shown = append(names, one.Name), append(shown, one.Description)
		}
	}
	if s.in == nil || len(names) < 2 {
		return nil // nothing to choose
	}
	s.set("audio.source", names[s.choose("Which microphone?", shown)])
	return nil
}

func (s *setup) askRecogniser(ctx context.Context) error {
	switch s.recogniser {
	case "keep":
		return nil
	case "":
	default:
		s.set("whisper_url", s.recogniser)
		return nil
	}
	if len(s.cfg.Whisper) > 1 {
		return nil // a list of the user's own
	}
	found, shown := s.found(ctx)
	switch {
	case len(found) == 0:
		s.say("No recogniser answers. `vocoder doctor` says how to start one.")
	case found[0] == s.cfg.Whisper[0].URL && s.in == nil:
	case s.in == nil || len(found) == 1:
		s.say("Recogniser: %s", shown[0])
		s.set("whisper_url", found[0])
	default:
		s.set("whisper_url", found[s.choose("Which recogniser?", shown)])
	}
	return ctx.Err()
}

// found returns the recognisers that answer: the one that is set, and those at
// the usual places of this machine.
func (s *setup) found(ctx context.Context) (urls, shown []string) {
	usual := []string{
		s.cfg.Whisper[0].URL, config.Default().Whisper[0].URL,
		"http://127.0.0.1:8000/v1/audio/transcriptions", // speaches, vLLM
		"http://127.0.0.1:8080/inference",               // whisper.cpp
		"http://127.0.0.1:9000/asr",                     // whisper-asr-webservice
	}
	for i, url := range usual {
		if i > 0 && url == usual[0] {
			continue
		}
		if dialect, err := s.answers(ctx, url); err == nil {
			urls, shown = append(urls, url), append(shown, fmt.Sprintf("%s (%s)", place(url), dialect))
		}
	}
	return urls, shown
}

func (s *setup) askStart(context.Context) error {
	switch s.start {
	case "login", "now", "no":
		return nil
	case "":
	default:
		return usageError{fmt.Errorf("--start %s: want login, now or no", s.start)}
	}
	all := []string{"login", "now", "no"}
	s.start = all[0]
	if s.in != nil {
		s.start = all[s.choose("Start vocoder?", []string{"now and at each login", "only now", "not at all"})]
	}
	return nil
}
