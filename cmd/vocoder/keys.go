package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/usage"
)

// Errors about keys that a hint belongs to.
var (
	errNoDevice = errors.New("no device has the bound key")
	errDenied   = errors.New("permission denied")
	errUntaught = errors.New("listen for any key: permission denied")
)

func (a *app) keysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Show what the bound keys do, until interrupted",
		Long: `Show the devices that have the bound keys, and each press and release of them,
until interrupted. Nothing else that is typed is seen: the kernel filters it.`,
		Args: usage.NoArgs,
	}
	addSettings(c, "key", "device", "grab")
	count := c.Flags().Int("count", 0, "end after `N` holds")
	learn := c.Flags().Bool("learn", false, "wait for a press on any device, tell about it and write it to the settings file")
	show := c.Flags().Bool("print", false, "with --learn, do not write anything")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *count < 0 {
			return usage.Errorf("--count %d, want 0 or more", *count)
		}
		if *learn {
			return a.learn(c.Context(), !*show)
		}
		cfg, err := a.settings(c)
		if err != nil {
			return err
		}
		return a.keys(c.Context(), cfg, *count)
	}
	return c
}

// keys prints the presses and releases of the bound keys, at most count holds
// if that is not 0.
func (a *app) keys(ctx context.Context, cfg config.Config, count int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	status := make(chan evdev.Status, 1)
	ear := evdev.New(evdev.Config{Bindings: bindings(cfg), Changed: func(s evdev.Status) {
		select {
		case <-status:
		default:
		}
		status <- s
	}})
	events, done := make(chan key.Event), make(chan error, 1)
	go func() { done <- ear.Run(ctx, events) }()

	var pressed time.Time
	for n := 0; ; {
		select {
		case err := <-done:
			return err
		case s := <-status:
			a.showDevices(s)
			if err := unusable(cfg, s); err != nil && len(s.Devices) == 0 {
				cancel()
				return errors.Join(err, <-done)
			}
		case ev := <-events:
			name := chordName(bindings(cfg)[ev.Binding].Keys)
			if ev.Down {
				pressed = ev.At
				fmt.Fprintln(a.Stdout, name, "pressed")
				continue
			}
			fmt.Fprintf(a.Stdout, "%s released after %v%s\n", name, ev.At.Sub(pressed).Round(time.Millisecond), cause(ev.Cause))
			if n++; n == count {
				cancel()
				return <-done
			}
		}
	}
}

func cause(c key.Cause) string {
	if c == key.Physical {
		return ""
	}
	return " (" + c.String() + ")"
}

func (a *app) showDevices(s evdev.Status) {
	for _, d := range s.Devices {
		fmt.Fprintf(a.Stderr, "listening to %s (%s)\n", d.Name, d.Path)
	}
	for _, d := range s.Denied {
		fmt.Fprintf(a.Stderr, "cannot listen to %s (%s): %v\n", d.Name, d.Path, d.Err)
	}
}

// unusable returns why some bound key cannot be heard, or nil.
func unusable(cfg config.Config, s evdev.Status) error {
	if len(s.Missing) == 0 {
		return nil
	}
	var names []string
	for _, i := range s.Missing {
		names = append(names, chordName(bindings(cfg)[i].Keys))
	}
	what := strings.Join(names, ", ")
	if denied := slices.IndexFunc(s.Denied, func(d evdev.Device) bool { return errors.Is(d.Err, fs.ErrPermission) }); denied >= 0 {
		return fmt.Errorf("listen for %s on %s: %w", what, s.Denied[denied].Path, errDenied)
	}
	return fmt.Errorf("listen for %s: %w", what, errNoDevice)
}

// bindings are the settings in the words of evdev.
func bindings(cfg config.Config) []evdev.Binding {
	out := make([]evdev.Binding, 0, len(cfg.Bindings)+1)
	for _, b := range cfg.Bindings {
		out = append(out, evdev.Binding{Keys: b.Keys, Device: b.Device, Grab: b.Grab})
	}
	if len(cfg.Cancel) > 0 {
		out = append(out, evdev.Binding{Keys: cfg.Cancel})
	}
	return out
}

// chordName returns a chord as it is written in the settings.
func chordName(keys []key.Code) string {
	var names []string
	for _, k := range keys {
		names = append(names, k.String())
	}
	return strings.Join(names, "+")
}
