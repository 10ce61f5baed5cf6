package setup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/helper"
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
	has(ctx context.Context, model string) bool   // whether the model is there and complete
	pull(ctx context.Context, model string) error // fetches the model
}

// startEngine fetches a model for the engine, unless a suitable model is there, and
// starts the engine. If the user does not want the daemon started, it does not start the
// engine either.
func (s *Setup) startEngine(ctx context.Context) error {
	if !s.engine.installed() {
		return errNoEngine
	}
	model, there := s.model(ctx)
	if !there {
		if err := s.engine.pull(ctx, model); err != nil {
			return modelError(model, err)
		}
	}
	if model == recognition.WhisperBase && s.engine.has(ctx, smallModel) {
		s.printLine("Of its models vocoder-engine takes %s.", modelTitles[model])
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

var errNoEngine = errors.New("vocoder-engine is not installed")

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

// has runs `vocoder-engine models verify`: the program knows the files of a model. It
// discards the output.
func (p engineProgram) has(ctx context.Context, model string) bool {
	return p.installed() && exec.CommandContext(ctx, p.path, "models", "verify", model).Run() == nil
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
