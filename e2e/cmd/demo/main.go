// Command demo shows the main job on real devices: in a virtual machine a key is
// held, somebody speaks into the microphone, and the words stand in a terminal.
// It fails if nothing was typed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/e2e/machine"
	"github.com/arealicehole/vocoder/e2e/shipped"
	"github.com/arealicehole/vocoder/e2e/speech"
)

func main() {
	name := flag.String("clip", "sense_and_sensibility_01_austen_64kb-0870", "`NAME` of the clip to speak")
	shot := flag.String("screenshot", "out/demo.png", "`FILE` for the photograph of the screen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := &show{began: time.Now(), shot: *shot}
	if err := s.run(ctx, *name); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// A show is one demonstration.
type show struct {
	began time.Time
	shot  string // path of the screenshot
	m     *machine.Machine
}

// Write says what others report, line by line.
func (s *show) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		s.say("%s", strings.TrimSuffix(line, "\n"))
	}
	return len(b), nil
}

func (s *show) say(format string, a ...any) {
	fmt.Printf("[%6.1f s] %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, a...))
}

func (s *show) run(ctx context.Context, name string) (err error) {
	clip, err := find(name)
	if err != nil {
		return err
	}
	s.say("the machine: Debian with systemd, sway and foot; building it takes minutes, once")
	if s.m, err = machine.Boot(ctx, machine.Options{Log: s}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.m.Close()) }()
	s.say("starting the recogniser on the host: its model takes seconds to load")
	engine, err := shipped.StartEngine(ctx, shipped.Moonshine, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Stop()) }()
	if err := s.start(ctx, engine.Addr); err != nil {
		return err
	}
	return s.dictate(ctx, clip)
}

func find(name string) (speech.Clip, error) {
	clips, err := speech.Clips()
	if err != nil {
		return speech.Clip{}, err
	}
	for _, c := range clips {
		if c.Name == name {
			return c, nil
		}
	}
	return speech.Clip{}, fmt.Errorf("find clip %q: not in %s", name, speech.Folder)
}

// start installs the daemon and starts it as alice's unit. Debug, so that the
// journal has the timings.
func (s *show) start(ctx context.Context, recogniser string) error {
	s.say("installing vocoder in the machine")
	if err := shipped.Install(ctx, s.m); err != nil {
		return err
	}
	if err := s.m.Forward(ctx, shipped.Port, recogniser); err != nil {
		return err
	}
	if err := s.m.ClearTyped(ctx); err != nil {
		return err
	}
	out, err := s.m.As(ctx, "alice", `systemctl --user set-environment DEBUG=1 &&
		systemctl --user start vocoder && systemctl --user show -P StatusText vocoder`)
	if err != nil {
		return err
	}
	s.say("the unit vocoder.service says: %s", strings.TrimSpace(out))
	return nil
}

// Somebody who dictates presses the key a little before speaking and lets it go
// a little after.
const before, after = 700 * time.Millisecond, 500 * time.Millisecond

// patience is how long the words may take to stand there.
const patience = time.Minute

func (s *show) dictate(ctx context.Context, clip speech.Clip) error {
	ctx, cancel := context.WithTimeoutCause(ctx, clip.Duration()+patience, fmt.Errorf("nothing was typed within %v", patience))
	defer cancel()
	const key = "ctrl_r"
	s.say("holding the right Ctrl key")
	if err := s.m.KeyDown(ctx, key); err != nil {
		return err
	}
	wait(ctx, before)
	s.say("speaking for %.1f s: %q", clip.Duration().Seconds(), clip.Words)
	err := s.m.Play(ctx, clip.Clip)
	wait(ctx, after)
	if err := errors.Join(err, s.m.KeyUp(context.WithoutCancel(ctx), key)); err != nil {
		return err
	}
	s.say("let go")
	end, err := s.awaitEnd(ctx)
	if err != nil {
		return err
	}
	typed, err := s.m.Typed(ctx)
	if err != nil {
		return err
	}
	s.say("%s", end.message())
	// grim waits for a frame that the compositor has finished.
	if _, err := s.m.As(ctx, "alice", "grim - > /dev/null"); err != nil {
		return err
	}
	if err := s.m.Screenshot(ctx, s.shot); err != nil {
		return err
	}
	return s.report(clip, typed, end)
}

// wait passes the time, unless ctx ends before.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (s *show) report(clip speech.Clip, typed string, end entry) error {
	path, err := filepath.Abs(s.shot)
	if err != nil {
		return err
	}
	score := speech.Compare(clip.Words, typed)
	fmt.Printf("\nspoken           %s\ntyped            %s\n", clip.Words, strings.TrimSpace(typed))
	fmt.Printf("word error rate  %.0f %% (%d of %d words)\n", 100*score.Rate(), score.Errors, score.Words)
	for _, stage := range stages {
		fmt.Printf("%-16s %s\n", stage.label, end[stage.field])
	}
	fmt.Printf("screenshot       %s\nwhole run        %.1f s\n", path, time.Since(s.began).Seconds())
	if strings.TrimSpace(typed) == "" {
		return errors.New("nothing was typed")
	}
	return nil
}
