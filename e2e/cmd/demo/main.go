// Command demo dictates on real devices: in a virtual machine it holds a key and plays human
// speech into the microphone, and the words appear in a terminal. It does so in two
// languages with the same settings. It fails if a word is wrong.
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
	"github.com/arealicehole/vocoder/internal/test/realserver"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// settings are those of the demonstration. The recognizer detects the language.
const settings = "whisper: {language: [en, es]}\n"

func main() {
	shot := flag.String("screenshot", "out/demo.png", "`FILE` for the photograph of the screen")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := &show{began: time.Now(), shot: *shot}
	if err := s.run(ctx); err != nil {
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

// Write prints the lines of other programs.
func (s *show) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		s.say("%s", strings.TrimSuffix(line, "\n"))
	}
	return len(b), nil
}

func (s *show) say(format string, a ...any) {
	fmt.Printf("[%6.1f s] %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, a...))
}

func (s *show) run(ctx context.Context) (err error) {
	sentences, err := speech.Sentences()
	if err != nil {
		return err
	}
	s.say("the machine: Debian with systemd, sway and foot; building it takes minutes, once")
	if s.m, err = machine.Boot(ctx, machine.Options{Log: s}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.m.Close()) }()
	s.say("starting the recognizer on the host: its model takes seconds to load")
	engine, err := realserver.StartEngine(ctx, realserver.Whisper, os.Stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Stop()) }()
	if err := s.start(ctx, engine.Addr); err != nil {
		return err
	}
	all, err := s.dictateAll(ctx, sentences)
	if err != nil {
		return err
	}
	if err := s.photograph(ctx); err != nil {
		return err
	}
	return s.report(all)
}

// start installs the daemon and starts it as alice's unit, with debug, so that the journal
// has the durations.
func (s *show) start(ctx context.Context, recognizer string) error {
	s.say("installing vocoder in the machine")
	if err := shipped.Install(ctx, s.m); err != nil {
		return err
	}
	if err := s.m.Forward(ctx, shipped.Port, recognizer); err != nil {
		return err
	}
	if err := s.m.ClearTyped(ctx); err != nil {
		return err
	}
	write := "mkdir -p ~/.config/vocoder && cat > ~/.config/vocoder/vocoder.yaml"
	if _, err := s.m.Feed(ctx, "alice", write, strings.NewReader(settings)); err != nil {
		return err
	}
	s.say("settings: %s", strings.TrimSpace(settings))
	out, err := s.m.As(ctx, "alice", `systemctl --user set-environment DEBUG=1 &&
		systemctl --user start vocoder && systemctl --user show -P StatusText vocoder`)
	if err != nil {
		return err
	}
	s.say("the unit vocoder.service says: %s", strings.TrimSpace(out))
	return nil
}

// A user presses the key a little before speaking, and releases it a little after.
const before, after = 700 * time.Millisecond, 500 * time.Millisecond

// textTimeout is how long the words may take to appear.
const textTimeout = time.Minute

// A dictation is the result of a sentence.
type dictation struct {
	spoken speech.Sentence
	typed  string
	end    entry
}

func (d dictation) score() speech.Score { return speech.Compare(d.spoken.Words, d.typed) }

// takes is how often a sentence is spoken at most until it is typed without a mistake. An
// emulated sound card on a busy host sometimes loses sound.
const takes = 3

func (s *show) dictateAll(ctx context.Context, sentences []speech.Sentence) (all []dictation, err error) {
	done := 0
	for _, spoken := range sentences {
		for take := 1; ; take++ {
			d, err := s.dictate(ctx, spoken, done)
			if err != nil {
				return nil, err
			}
			done++
			wrong := d.score().Errors
			if wrong == 0 || take == takes {
				all = append(all, d)
				break
			}
			s.say("%d words are wrong in %q: a busy host loses sound; once more", wrong, strings.TrimSpace(d.typed))
		}
	}
	return all, nil
}

// dictate sets the keyboard layout of a sentence, dictates it after so many others, and
// ends its line in the terminal.
func (s *show) dictate(ctx context.Context, spoken speech.Sentence, others int) (d dictation, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, spoken.Duration()+textTimeout, fmt.Errorf("nothing was typed within %v", textTimeout))
	defer cancel()
	s.say("keyboard layout: %s", spoken.Layout)
	if _, err := s.m.As(ctx, "alice", fmt.Sprintf("swaymsg -q 'input type:keyboard xkb_layout %q'", spoken.Layout)); err != nil {
		return d, err
	}
	if err := s.hold(ctx, spoken); err != nil {
		return d, err
	}
	end, err := s.awaitEnd(ctx, others)
	if err != nil {
		return d, err
	}
	s.say("%s", end.message())
	const enter = "ret"
	if err := errors.Join(s.m.KeyDown(ctx, enter), s.m.KeyUp(ctx, enter)); err != nil {
		return d, err
	}
	typed, err := s.m.WaitTyped(ctx, func(typed string) bool { return strings.Count(typed, "\n") > others })
	if err != nil {
		return d, err
	}
	return dictation{spoken, strings.Split(typed, "\n")[others], end}, nil
}

// hold holds the key and plays the sentence.
func (s *show) hold(ctx context.Context, spoken speech.Sentence) error {
	const key = "ctrl_r"
	s.say("holding the right Ctrl key")
	if err := s.m.KeyDown(ctx, key); err != nil {
		return err
	}
	wait(ctx, before)
	s.say("speaking for %.1f s: %q", spoken.Duration().Seconds(), spoken.Words)
	err := s.play(ctx, spoken)
	wait(ctx, after)
	if err := errors.Join(err, s.m.KeyUp(context.WithoutCancel(ctx), key)); err != nil {
		return err
	}
	s.say("let go")
	return nil
}

// play plays the sentence, and photographs the overlay towards its end.
func (s *show) play(ctx context.Context, spoken speech.Sentence) error {
	p, err := s.m.StartPlay(ctx, spoken.Clip.Clip)
	if err != nil {
		return err
	}
	wait(ctx, spoken.Duration()*3/4)
	return errors.Join(s.m.Screenshot(ctx, during(spoken, s.shot)), p.Wait(ctx))
}

// during returns the path of the photograph during a sentence, next to that at the end.
func during(spoken speech.Sentence, end string) string {
	return strings.TrimSuffix(end, ".png") + "-" + spoken.Language + ".png"
}

// wait waits for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (s *show) photograph(ctx context.Context) error {
	// grim waits for a frame that the compositor has finished.
	if _, err := s.m.As(ctx, "alice", "grim - > /dev/null"); err != nil {
		return err
	}
	return s.m.Screenshot(ctx, s.shot)
}

func (s *show) report(all []dictation) error {
	path, err := filepath.Abs(s.shot)
	if err != nil {
		return err
	}
	wrong := 0
	for _, d := range all {
		score := d.score()
		wrong += score.Errors
		fmt.Printf("\nspoken in %-6s %s\ntyped            %s\n", d.spoken.Language, d.spoken.Words, strings.TrimSpace(d.typed))
		fmt.Printf("words wrong      %d of %d\n", score.Errors, score.Words)
		for _, stage := range stages {
			fmt.Printf("%-16s %s\n", stage.label, d.end.duration(stage.field))
		}
	}
	fmt.Printf("\nscreenshot       %s\n", path)
	for _, d := range all {
		fmt.Printf("while speaking   %s\n", during(d.spoken, path))
	}
	fmt.Printf("whole run        %.1f s\n", time.Since(s.began).Seconds())
	if wrong > 0 {
		return fmt.Errorf("%d words were typed wrong", wrong)
	}
	return nil
}
