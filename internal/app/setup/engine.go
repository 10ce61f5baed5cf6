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

// An engine is the offline recognizer of this machine.
type engine interface {
	there() bool
	has(ctx context.Context, model string) bool // whole
	pull(ctx context.Context, model string) error
}

// startEngine fetches the engine's model, if none that fits is there, and starts it, as long as the daemon is
// to be started.
func (s *Setup) startEngine(ctx context.Context) error {
	if !s.engine.there() {
		return errNoEngine
	}
	model, there := s.model(ctx)
	if !there {
		if err := s.engine.pull(ctx, model); err != nil {
			return modelError(model, err)
		}
	}
	if model == recognition.WhisperBase && s.engine.has(ctx, smallModel) {
		s.say("Of its models vocoder-engine takes %s.", modelTitles[model])
	}
	if s.Start == "no" {
		s.say("The recognizer is started with `vocoder-engine serve`.")
		return nil
	}
	if err := s.units.Start(ctx, systemd.EngineSocket, s.Start == "login"); err != nil {
		return fmt.Errorf("start %s: %w", systemd.EngineSocket, err)
	}
	short, cancel := context.WithTimeout(ctx, time.Minute) // it loads its model now
	defer cancel()
	h, err := s.probe(short, config.Default().Whisper[0].URL)
	if err != nil {
		s.say("The recognizer was started but does not answer yet: %v", err)
		return ctx.Err()
	}
	s.say("Recognizer: %s (%s)", recognition.Place(config.Default().Whisper[0].URL), h.Dialect)
	return nil
}

var errNoEngine = errors.New("vocoder-engine is not installed")

// A program is vocoder-engine, beside this program or in the path.
type program struct{ env environ.Env }

func (p program) path() (string, error) {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), "vocoder-engine")
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	return exec.LookPath("vocoder-engine")
}

func (p program) there() bool {
	_, err := p.path()
	return err == nil
}

// has asks vocoder-engine, which knows what belongs to a model. What it says of a
// model that is not there is of no interest.
func (p program) has(ctx context.Context, model string) bool {
	path, err := p.path()
	return err == nil && exec.CommandContext(ctx, path, "models", "verify", model).Run() == nil
}

// pull runs vocoder-engine, which alone knows its models, and shows its own
// progress. It is the user who asked for it, at the terminal or by a flag; the
// daemon never does this.
func (p program) pull(ctx context.Context, model string) error {
	path, err := p.path()
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, path, "models", "pull", model)
	c.Stdin, c.Stdout, c.Stderr = nil, p.env.Stdout, p.env.Stderr
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 5 * time.Second
	return c.Run()
}

// pause stops the daemon, if it runs, until the end of the setup. Beside one that
// cannot be stopped no key is heard, which is said then.
func (s *Setup) pause(ctx context.Context) {
	u, err := s.units.State(ctx, systemd.Daemon)
	if err != nil || u.Active == "inactive" || u.Active == "failed" {
		return
	}
	s.paused = s.units.Stop(ctx, systemd.Daemon, false) == nil
}

// usualKeys are what vocoder-inputd lets everybody bind unless its file says
// otherwise, as many as it listens for at once.
var usualKeys = []string{"KEY_RIGHTCTRL", "KEY_PAUSE", "KEY_SCROLLLOCK", "KEY_F13", "KEY_F14", "KEY_F15", "KEY_F16", "KEY_F17"}

// learnByHelper returns the key that is pressed where only vocoder-inputd may
// hear keys: it tells of those that may be bound, and of no other. The daemon
// must not run, for it serves one program of a user at a time.
func (s *Setup) learnByHelper(ctx context.Context) (string, error) {
	s.pause(ctx)
	var bindings []evdev.Binding
	for _, name := range usualKeys {
		k, err := key.Parse(name)
		if err != nil {
			panic("vocoder: " + err.Error())
		}
		bindings = append(bindings, evdev.Binding{Keys: []key.Code{k}})
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	c := helper.New(slog.New(slog.DiscardHandler), func() {})
	heard, listens := make(chan key.Event), make(chan struct{}, 1)
	l := c.Listener(bindings, func(_ evdev.Status, err error) {
		if err == nil || errors.Is(err, helperproto.NotAllowed) { // some of them are not
			select {
			case listens <- struct{}{}:
			default: // it is known
			}
		}
	})
	wg.Go(func() { c.Run(ctx) })
	wg.Go(func() { _ = l.Run(ctx, heard) }) // it fails only for more keys than these
	end := time.After(helperPatience)
	for {
		select {
		case <-listens:
			s.say("(Here it may be right Ctrl, Pause, Scroll Lock or F13 to F17. Ten seconds without one keep what is set.)")
			listens, end = nil, time.After(helperPatience)
		case <-end:
			return "", context.DeadlineExceeded
		case <-ctx.Done():
			return "", ctx.Err()
		case ev := <-heard:
			if ev.Down {
				return usualKeys[ev.Binding], nil
			}
		}
	}
}

// helperPatience is how long vocoder-inputd may take to listen, and then the
// user to press a key.
const helperPatience = 10 * time.Second
