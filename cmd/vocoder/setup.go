package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/evdev/learn"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/microphone"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/usage"
	"github.com/arealicehole/vocoder/whisper"
)

// A setup is one run of the command: what it asks, finds and does. What touches
// the machine is in functions, so that tests need none.
type setup struct {
	*app
	cfg settings.Loaded
	in  *bufio.Reader // nil if nobody can be asked

	learn   func(context.Context) (string, error) // the key that is pressed
	sources func(context.Context) ([]capture.Source, error)
	hear    func(ctx context.Context, one capture.Source, opened func()) (microphone.Report, error)
	layouts func(context.Context) [][]string // the languages of each that is set up
	answers func(ctx context.Context, url string) (whisper.Health, error)
	engine  engine
	units   units
	sandbox string // the drop-in that is shipped; empty if it is not for this machine

	key, microphone, language, recogniser, start string // the flags; empty to ask

	spoken  language.Choice // what the answer about the language comes to
	offline bool            // the engine is to be the recogniser
	paused  bool            // the daemon ran, and was stopped to learn the key
	changes [][2]string
}

// units is the service manager of the user.
type units interface {
	State(ctx context.Context, unit string) (systemd.UnitState, error)
	Start(ctx context.Context, unit string, always bool) error
	Stop(ctx context.Context, unit string, forGood bool) error
	Probe(ctx context.Context) error // nil if the daemon would run in the sandbox
}

func (a *app) setupCommand() *cobra.Command {
	s := &setup{app: a}
	c := &cobra.Command{
		Use:   "setup",
		Short: "Set up in five questions: key, microphone, language, recogniser, start",
		Long: `Ask at most five questions, write what was answered to the settings file, with a
comment at each setting, and start the daemon: which key (press it), which
microphone (speak into it), which language (what locale and keyboard layouts tell
is proposed), which recogniser (of those that answer; the offline one is fetched,
with a model for that language, and started if you want it), and when to start.

What a flag says is not asked; without a terminal nothing is, and what no flag
says stays as it is or is found out. It may be repeated. Where vocoder-inputd
serves the devices, the daemon is also put in a sandbox, if one works here. --undo
puts the settings file back, takes the sandbox away and stops the daemon.`,
		Args: usage.NoArgs,
	}
	f := c.Flags()
	f.StringVar(&s.key, "key", "", "the `KEY` to hold, by its kernel name; keep for the one that is set")
	f.StringVar(&s.microphone, "microphone", "", "the `NAME` of a microphone or a part of it; default for that of the session; speak for the one that hears you now")
	f.StringVar(&s.language, "language", "", "the `LANGUAGE` you speak, as whisper.language: a code, several with commas, locale, layout or auto")
	f.StringVar(&s.recogniser, "recogniser", "", "the `URL` of the recogniser; keep for the one that is set; engine for vocoder-engine, the offline one")
	f.StringVar(&s.start, "start", "", "`WHEN` the daemon is started: login, now or no")
	undo := f.Bool("undo", false, "put back what there was before")
	probe := f.Bool("probe", false, "change nothing; fail if a recogniser's port seems to be another user's, as one may in a sandbox")
	offer(c, "key", keyNames)
	offer(c, "microphone", among("default", "speak"))
	offer(c, "language", among("locale", "layout", "auto"))
	offer(c, "recogniser", among("keep", "engine"))
	offer(c, "start", among("login", "now", "no"))
	c.RunE = func(c *cobra.Command, _ []string) error {
		if s.key == "keep" {
			f.Lookup("key").Changed = false // the setting of that name is a key
		}
		var err error
		if s.cfg, err = a.load(c); err != nil && !*undo {
			return err
		}
		if *probe {
			return s.within(c.Context())
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
	if terminal.Is(s.Stdin) && terminal.Is(s.Stdout) {
		s.in = bufio.NewReader(s.Stdin)
	}
	s.learn = func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		h, err := learn.Learn(ctx, func(int) {})
		if errors.Is(err, fs.ErrPermission) && helper.Installed() {
			return s.learnByHelper(ctx)
		}
		if err != nil {
			return "", err
		}
		return settings.ChordName(h.Keys), evdev.Bindable(h.Keys...)
	}
	s.sources = func(ctx context.Context) ([]capture.Source, error) {
		return capture.Sources(ctx, capture.Config{Server: s.PulseServer()})
	}
	s.hear = func(ctx context.Context, one capture.Source, opened func()) (microphone.Report, error) {
		conf := microphone.Config(s.Env, s.cfg.Config)
		conf.Source = one.Name
		return microphone.Probe(ctx, conf, speakFor, opened)
	}
	s.layouts = s.setLayouts
	s.answers, s.engine, s.units, s.sandbox = s.answer, program{s.app}, systemd.NewUserManager(s.RuntimeDir(), s.Var("DBUS_SESSION_BUS_ADDRESS") != ""), shippedSandbox()
}

// answer asks a recogniser once, and returns what is known of it then. It is asked
// in no language: one that it does not know is no reason not to answer.
func (s *setup) answer(ctx context.Context, url string) (whisper.Health, error) {
	w := s.cfg.Whisper[0]
	if w.URL != url {
		w.Dialect, w.URL = "", url
	}
	w.Language = language.Auto
	h, _, err := recognition.Probe(ctx, s.Env, s.cfg, w)
	return h, err
}

func (s *setup) run(ctx context.Context) (err error) {
	defer func() {
		if s.paused { // who sets up only in part, or leaves, goes on dictating
			err = errors.Join(err, s.units.Start(context.WithoutCancel(ctx), systemd.Daemon, false))
		}
	}()
	if s.language != "" {
		if _, err := parseLanguage(s.language); err != nil {
			return usage.Errorf("--language %s: %v", s.language, err)
		}
	}
	for _, ask := range []func(context.Context) error{s.askKey, s.askMicrophone, s.askLanguage, s.askRecogniser, s.askStart} {
		if err := ask(ctx); err != nil {
			return err
		}
	}
	if err := s.write(); err != nil {
		return err
	}
	if s.offline {
		if err := s.startEngine(ctx); err != nil {
			return err
		}
	}
	key := settings.ChordName(s.cfg.Bindings[0].Keys)
	for _, c := range s.changes {
		if c[0] == "key" {
			key = c[1]
		}
	}
	if s.start == "no" {
		s.say("Start it with `vocoder run`, then hold %s and speak.", key)
		return nil
	}
	if err := s.wear(ctx); err != nil {
		return err
	}
	s.paused = false
	if err := s.units.Start(ctx, systemd.Daemon, s.start == "login"); err != nil {
		return fmt.Errorf("start %s: %w", systemd.Daemon, err)
	}
	s.say("Hold %s and speak.", key)
	return nil
}

func (s *setup) say(format string, args ...any) { fmt.Fprintf(s.Stdout, format+"\n", args...) }

// ask returns the answer to a question, or nothing if nobody can be asked.
func (s *setup) ask(format string, args ...any) string {
	if s.in == nil {
		return ""
	}
	fmt.Fprintf(s.Stdout, format+" ", args...)
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
