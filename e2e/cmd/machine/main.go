// Command machine starts the test machine, to try things in it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/e2e/machine"
	"github.com/arealicehole/vocoder/internal/pcm"
)

const usage = `machine boot [cold] [SESSION]         boot a machine (sway, xorg, gnome, kde, none), leave it running
machine run COMMAND...                run a shell command as root; without one, a shell
machine as USER COMMAND...            the same as alice, who has the session, or bob
machine put LOCAL REMOTE              copy a file in
machine get REMOTE LOCAL              copy a file out
machine key QCODE [DURATION]          hold a key of its keyboard, ctrl_r for 500ms
machine play FILE.wav                 speak into its microphone
machine shot FILE.png                 photograph its screen
machine typed                         what its terminal has got so far
machine stop                          switch it off
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := command(ctx, os.Args[1:])
	if errors.Is(err, errUsage) {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "machine:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("wrong arguments")

func command(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	if args[0] == "boot" {
		return boot(ctx, args[1:])
	}
	m, err := machine.Attach(ctx)
	if err != nil {
		return err
	}
	if args[0] == "stop" {
		return m.Close()
	}
	defer m.Detach()
	return act(ctx, m, args[0], args[1:])
}

func boot(ctx context.Context, args []string) error {
	o := machine.Options{Log: os.Stderr, Detach: true}
	for _, a := range args {
		if a == "cold" {
			o.Cold = true
		} else {
			o.Session = a
		}
	}
	m, err := machine.Boot(ctx, o)
	if err != nil {
		return err
	}
	defer m.Detach()
	fmt.Println(m.Dir())
	return nil
}

func act(ctx context.Context, m *machine.Machine, verb string, args []string) error {
	switch {
	case verb == "run":
		return shell(ctx, m, "root", args)
	case verb == "as" && len(args) > 0:
		return shell(ctx, m, args[0], args[1:])
	case verb == "put" && len(args) == 2:
		return m.Put(ctx, args[0], args[1])
	case verb == "get" && len(args) == 2:
		return m.Get(ctx, args[0], args[1])
	case verb == "shot" && len(args) == 1:
		return m.Screenshot(ctx, args[0])
	case verb == "play" && len(args) == 1:
		return play(ctx, m, args[0])
	case verb == "key" && len(args) == 1:
		return hold(ctx, m, args[0], 100*time.Millisecond)
	case verb == "key" && len(args) == 2:
		d, err := time.ParseDuration(args[1])
		if err != nil {
			return err
		}
		return hold(ctx, m, args[0], d)
	case verb == "typed":
		text, err := m.Typed(ctx)
		fmt.Print(text)
		return err
	}
	return errUsage
}

func shell(ctx context.Context, m *machine.Machine, user string, args []string) error {
	c, err := m.Command(ctx, user, strings.Join(args, " "))
	if err != nil {
		return err
	}
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	return c.Run()
}

func play(ctx context.Context, m *machine.Machine, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	clip, err := pcm.ReadWAV(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return m.Play(ctx, clip)
}

// hold holds a key for a duration.
func hold(ctx context.Context, m *machine.Machine, qcode string, d time.Duration) error {
	if err := m.KeyDown(ctx, qcode); err != nil {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	return m.KeyUp(context.WithoutCancel(ctx), qcode)
}
