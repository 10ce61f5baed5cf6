package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev/learn"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/microphone"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/key/legend"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/printable"
	"github.com/arealicehole/vocoder/internal/usage"
	"github.com/arealicehole/vocoder/whisper"
)

// Answers are the answers that the flags give. Setup asks for the empty ones.
type Answers struct {
	Key, Microphone, Language, Recognizer, Start string
}

// A Setup is one run of `vocoder setup`. It reaches the machine through functions and
// interfaces, which tests replace.
type Setup struct {
	Answers
	env   environ.Env
	store settings.Store
	cfg   settings.Loaded
	in    *terminal.Answers // nil without a terminal: then setup asks nothing

	learn   func(context.Context) (string, error) // returns the key that the user presses
	sources func(context.Context) ([]capture.Source, error)
	listen  func(ctx context.Context, one capture.Source, opened func()) (microphone.Report, error)
	layouts func(context.Context) [][]string // the languages of each layout of the desktop
	probe   func(ctx context.Context, url string) (whisper.Health, error)
	engine  engine
	units   units
	sandbox string // path of the installed drop-in; empty if this machine cannot use it

	extension bool // the extension of GNOME Shell is installed, and the desktop is GNOME

	graphics string // the maker of the graphics card, if that can run a large model

	spoken  language.Choice // the languages of the user
	offline bool            // the user chose vocoder-engine as the recognizer
	model   string          // of vocoder-engine
	fetch   bool            // the model is to be fetched
	paused  bool            // setup stopped the running daemon to learn the key
	changes [][2]string     // of settings: name and value
}

// units is the service manager of the user: systemd.UserManager.
type units interface {
	State(ctx context.Context, unit string) (systemd.UnitState, error)
	Start(ctx context.Context, unit string, enable bool) error
	Stop(ctx context.Context, unit string, disable bool) error
	Probe(ctx context.Context) error
}

// New returns the setup of this machine with these settings.
func New(env environ.Env, store settings.Store, cfg settings.Loaded, given Answers) *Setup {
	s := &Setup{
		Answers: given, env: env, store: store, cfg: cfg,
		units:  systemd.NewUserManager(env.RuntimeDir(), env.Var("DBUS_SESSION_BUS_ADDRESS") != ""),
		engine: findEngine(env), sandbox: shippedSandbox(), extension: hasExtension(env), graphics: graphicsCard("/"),
	}
	if terminal.Is(env.Stdin) && terminal.Is(env.Stdout) {
		s.in = terminal.NewAnswers(env.Stdin)
	}
	s.learn, s.probe = s.learnKey, s.probeRecognizer
	s.sources = func(ctx context.Context) ([]capture.Source, error) {
		return capture.Sources(ctx, capture.Config{Server: env.PulseServer(), Cookies: env.PulseCookies()})
	}
	s.listen = func(ctx context.Context, one capture.Source, opened func()) (microphone.Report, error) {
		conf := microphone.Config(env, cfg.Config)
		conf.Source = one.Name
		return microphone.Probe(ctx, conf, speakFor, opened)
	}
	s.layouts = func(ctx context.Context) [][]string { return typing.LayoutLanguages(ctx, env) }
	return s
}

// learnKey returns the key that the user presses.
func (s *Setup) learnKey(ctx context.Context) (string, error) {
	limited, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	ctx, cancel := context.WithCancelCause(limited)
	defer cancel(nil)
	h, err := learn.Learn(ctx, func(devices int) {
		if devices == 0 {
			cancel(settings.ErrNoInput)
		}
	})
	if cause := context.Cause(ctx); errors.Is(cause, settings.ErrNoInput) {
		return "", cause
	}
	if errors.Is(err, fs.ErrPermission) && helper.Installed() {
		return s.learnByHelper(ctx)
	}
	if err != nil {
		return "", err
	}
	return settings.ChordName(h.Keys), settings.Holdable(false, h.Keys...)
}

// probeRecognizer sends one request to a recognizer and returns what it reports of
// itself. The request names no language, so that every recognizer answers it.
func (s *Setup) probeRecognizer(ctx context.Context, url string) (whisper.Health, error) {
	w := s.cfg.Whisper[0]
	if w.URL != url {
		w.Dialect, w.URL = "", url
	}
	w.Language = language.Auto
	h, _, err := recognition.Probe(ctx, s.env, s.cfg, w)
	return h, err
}

// An Ended is the error of a setup that the user ended, with Ctrl+C or the end of the input.
type Ended struct{ written bool }

func (e Ended) Error() string {
	if e.written {
		return "setup: ended before it was done; `vocoder setup --undo` puts back what there was"
	}
	return "setup: nothing was changed"
}

// Run asks, writes the settings and starts the daemon. If the user ends it, the error is an
// Ended.
func (s *Setup) Run(ctx context.Context) (err error) {
	written := false
	defer func() {
		if ctx.Err() != nil || errors.Is(err, io.EOF) {
			err = Ended{written}
		}
	}()
	defer func() {
		if s.paused { // setup was ended early, or does not start the daemon
			err = errors.Join(err, s.units.Start(context.WithoutCancel(ctx), systemd.Daemon, false))
		}
	}()
	if s.Start != "" && !slices.Contains(starts, s.Start) {
		return usage.Errorf("--start %s: want login, now or no", s.Start)
	}
	unit := s.store.Unit()
	if unit == "" && s.Start != "" && s.Start != "no" {
		return usage.Errorf("--start %s: no unit reads %s: want no", s.Start, s.store.Name)
	}
	if s.Language != "" {
		if _, err := parseLanguage(s.Language); err != nil {
			return usage.Errorf("--language %s: %v", s.Language, err)
		}
	}
	for _, ask := range []func(context.Context) error{s.askKey, s.askMicrophone, s.askLanguage, s.askRecognizer, s.askStart} {
		if err := ask(ctx); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.write(); err != nil {
		return err
	}
	written = true
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
	if s.Start == "no" {
		s.printLine("Start it with `%s`, then hold %s and speak.", s.runCommand(), legend.Of(key))
		return nil
	}
	if err := s.enableSandbox(ctx); err != nil {
		return err
	}
	if unit == systemd.Daemon {
		s.paused = false
	} else if u, err := s.units.State(ctx, systemd.Daemon); s.paused || err == nil && u.Active == "active" {
		s.printLine("%s runs too, and vocoder-inputd serves one of them at a time: `systemctl --user stop vocoder` makes room for %s.", systemd.Daemon, unit)
	}
	if err := s.units.Start(ctx, unit, s.Start == "login"); err != nil {
		return fmt.Errorf("start %s: %w", unit, err)
	}
	if s.extension {
		s.printLine(offerOfExtension)
	}
	s.printLine("Hold %s and speak.", legend.Of(key))
	return nil
}

// runCommand returns the command that runs the daemon with the settings in a terminal.
func (s *Setup) runCommand() string {
	if s.store.Name != "" {
		return "vocoder --config " + s.store.Name + " run"
	}
	return "vocoder run"
}

// printLine formats a line and prints it.
func (s *Setup) printLine(format string, args ...any) {
	fmt.Fprintln(s.env.Stdout, printable.Lines(fmt.Sprintf(format, args...), printable.MaxLine))
}

// ask returns the user's answer to a question. Without a terminal it returns "". What was
// typed before the question is no answer to it.
func (s *Setup) ask(ctx context.Context, format string, args ...any) (string, error) {
	if s.in == nil {
		return "", nil
	}
	s.in.Flush()
	fmt.Fprint(s.env.Stdout, printable.Lines(fmt.Sprintf(format, args...), printable.MaxLine)+" ")
	answer, err := s.in.Line(ctx)
	if err != nil {
		s.printLine("") // the message comes below the question
	}
	return answer, err
}

// choose returns the index of the choice whose number the user enters. Without an answer,
// or with one choice, it returns 0.
func (s *Setup) choose(ctx context.Context, question string, choices []string) (int, error) {
	for i, c := range choices {
		s.printLine("  %d  %s", i+1, c)
	}
	for len(choices) > 1 {
		answer, err := s.ask(ctx, "%s [1]", question)
		if answer == "" || err != nil {
			return 0, err
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(choices) {
			return n - 1, nil
		}
		s.printLine("Enter a number from 1 to %d.", len(choices))
	}
	return 0, nil
}

// set adds a change of a setting, for write.
func (s *Setup) set(name, value string) { s.changes = append(s.changes, [2]string{name, value}) }
