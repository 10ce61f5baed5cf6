package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
)

// An engine is vocoder-engine, the offline recognizer.
type engine interface {
	installed() bool
	// propose returns the models for these languages and this machine, the best choice
	// first. Without a language it is for any.
	propose(ctx context.Context, languages []string) ([]proposal, error)
	pull(ctx context.Context, model string) error // fetches the model
	use(ctx context.Context, model string) error  // serves the model from now on
}

// A proposal is a model of the engine. Source: engine/models/rank.go.
type proposal struct {
	Role       string  `json:"role"` // proposed, better or smaller
	Name       string  `json:"name"`
	Title      string  `json:"title"`      // for people
	Size       int64   `json:"size"`       // of the download, in bytes; 0 if the model is there
	Errors     float64 `json:"errors"`     // wrong words of 100; 0 if that is not known
	Characters bool    `json:"characters"` // Errors are of characters
	Pace       float64 `json:"pace"`       // seconds for a second of speech
}

// String returns what to expect of the model, in one line.
func (p proposal) String() string {
	text := "installed"
	if p.Size > 0 {
		text = fmt.Sprintf("%d MB to fetch", p.Size/1e6)
	}
	if p.Errors > 0 {
		unit := "words"
		if p.Characters {
			unit = "characters"
		}
		text += fmt.Sprintf("; about %.0f of 100 %s wrong", p.Errors, unit)
	}
	return fmt.Sprintf("vocoder-engine, on this machine, with %s: %s; about %.1f s for 10 s of speech", p.Title, text, 10*p.Pace)
}

// offers returns the models of the engine to choose from.
func (s *Setup) offers(ctx context.Context) (all []candidate, err error) {
	models, err := s.engine.propose(ctx, s.spoken.Known())
	if err != nil {
		return nil, fmt.Errorf("ask vocoder-engine which model suits this machine: %w", err)
	}
	for _, p := range models {
		prefix := ""
		switch p.Role {
		case "better":
			prefix = "fewer errors: "
		case "smaller":
			prefix = "smaller: "
		}
		all = append(all, candidate{shown: prefix + p.String(), model: p.Name, size: p.Size})
	}
	return all, nil
}

// proposeEngine sets the engine with the model that suits best.
func (s *Setup) proposeEngine(ctx context.Context) error {
	if !s.engine.installed() {
		return errNoEngine
	}
	all, err := s.offers(ctx)
	switch {
	case err != nil:
		return err
	case len(all) == 0:
		return hint.Wrap(errNoModel, "`vocoder-engine models list` shows the languages of each; docs/whisper.md sets up a server")
	}
	s.printLine("Recognizer: %s", all[0].shown)
	s.useEngine(all[0])
	return nil
}

// startEngine fetches the model for the engine, unless it is there, and starts the engine.
// If it cannot be fetched, the engine may get another one.
// If the user does not want the daemon started, it does not start the engine either.
func (s *Setup) startEngine(ctx context.Context) error {
	if err := s.fetchModel(ctx); err != nil {
		return err
	}
	if err := s.engine.use(ctx, s.model); err != nil {
		return fmt.Errorf("use the model %s of vocoder-engine: %w", s.model, err)
	}
	if s.Start == "no" {
		s.printLine("The recognizer is started with `vocoder-engine serve`.")
		return nil
	}
	if err := s.units.Start(ctx, systemd.EngineSocket, s.Start == "login"); err != nil {
		return fmt.Errorf("start %s: %w", systemd.EngineSocket, err)
	}
	short, cancel := context.WithTimeout(ctx, time.Minute) // the engine loads its model first
	defer cancel()
	h, err := s.probe(short, config.Default().Whisper[0].URL)
	if err != nil {
		s.printLine("The recognizer was started but does not answer yet: %v", err)
		return ctx.Err()
	}
	s.printLine("Recognizer: %s (%s)", recognition.Place(config.Default().Whisper[0].URL), h.Dialect)
	return nil
}

var (
	errNoEngine = errors.New("vocoder-engine is not installed")
	errNoModel  = errors.New("no model of vocoder-engine knows all of your languages and fits this machine")
)

// An engineProgram is the program vocoder-engine. It implements engine.
type engineProgram struct {
	env  environ.Env
	path string // empty if the program is not installed
}

// findEngine looks for vocoder-engine in the folder of this program, then in $PATH.
func findEngine(env environ.Env) engineProgram {
	if self, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(self), "vocoder-engine")
		if _, err := os.Stat(path); err == nil {
			return engineProgram{env, path}
		}
	}
	path, err := exec.LookPath("vocoder-engine")
	if err != nil {
		path = ""
	}
	return engineProgram{env, path}
}

func (p engineProgram) installed() bool { return p.path != "" }

// propose runs `vocoder-engine models propose`: the program knows its models.
func (p engineProgram) propose(ctx context.Context, languages []string) (all []proposal, err error) {
	out, err := exec.CommandContext(ctx, p.path, "models", "propose", "--json", "--language", strings.Join(languages, ",")).Output()
	if err != nil {
		return nil, err
	}
	return all, json.Unmarshal(out, &all)
}

// use runs `vocoder-engine models use`, which also lets the memory limit of its unit follow
// the model.
func (p engineProgram) use(ctx context.Context, model string) error {
	c := exec.CommandContext(ctx, p.path, "models", "use", model)
	c.Stderr = p.env.Stderr
	return c.Run()
}

// pull runs `vocoder-engine models pull`, which shows its progress. The user has asked
// for the model, at the terminal or with a flag. The daemon never fetches one.
func (p engineProgram) pull(ctx context.Context, model string) error {
	c := exec.CommandContext(ctx, p.path, "models", "pull", model)
	c.Stdin, c.Stdout, c.Stderr = nil, p.env.Stdout, p.env.Stderr
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 5 * time.Second
	return c.Run()
}

// pause stops the daemon, if it runs, until the end of the setup. If the daemon cannot be
// stopped, the helper reports no key, and setup says so.
func (s *Setup) pause(ctx context.Context) {
	u, err := s.units.State(ctx, systemd.Daemon)
	if err != nil || u.Active == "inactive" || u.Active == "failed" {
		return
	}
	s.paused = s.units.Stop(ctx, systemd.Daemon, false) == nil
}

// usualKeys are the keys that vocoder-inputd lets every user bind by default: right Ctrl,
// Pause, Scroll Lock and F13 to F17. The helper listens for eight keys at most. Source:
// linux/input-event-codes.h.
var usualKeys = []key.Code{97, 119, 70, 183, 184, 185, 186, 187}

// learnByHelper returns the key that the user presses, if only vocoder-inputd may read
// keyboards. The helper reports only keys that may be bound. It serves one program of a
// user at a time, so the daemon must not run.
func (s *Setup) learnByHelper(ctx context.Context) (string, error) {
	s.pause(ctx)
	var bindings []evdev.Binding
	for _, k := range usualKeys {
		bindings = append(bindings, evdev.Binding{Keys: []key.Code{k}})
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	c := helper.New(slog.New(slog.DiscardHandler), func() {})
	events, ready := make(chan key.Event), make(chan struct{})
	isReady := sync.OnceFunc(func() { close(ready) })
	l := c.Listener(bindings, func(_ evdev.Status, err error) {
		if err == nil || errors.Is(err, helperproto.NotAllowed) { // some of the keys are not allowed
			isReady()
		}
	})
	wg.Go(func() { c.Run(ctx) })
	wg.Go(func() { _ = l.Run(ctx, events) }) // eight keys fit into a request
	end := time.After(learnLimit)
	for {
		select {
		case <-ready:
			s.printLine("(Here it may be right Ctrl, Pause, Scroll Lock or F13 to F17. Ten seconds without one keep what is set.)")
			ready, end = nil, time.After(learnLimit)
		case <-end:
			return "", context.DeadlineExceeded
		case <-ctx.Done():
			return "", ctx.Err()
		case ev := <-events:
			if ev.Down {
				return usualKeys[ev.Binding].String(), nil
			}
		}
	}
}

// learnLimit is how long vocoder-inputd may take until it listens, and then the user to
// press a key.
const learnLimit = 10 * time.Second
