package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/usage"
)

func keysCommand(a *cli) *cobra.Command {
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
			return learnKey(a, c.Context(), !*show)
		}
		cfg, err := a.load(c)
		if err != nil {
			return err
		}
		return showKeys(a, c.Context(), cfg, *count)
	}
	return c
}

// keys prints the presses and releases of the bound keys, at most count holds
// if that is not 0.
func showKeys(a *cli, ctx context.Context, cfg settings.Loaded, count int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	status := make(chan evdev.Status, 1)
	ear := evdev.New(evdev.Config{Bindings: settings.Bindings(cfg.Config), Changed: func(s evdev.Status) {
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
			showDevices(a, s)
			if err := settings.Unheard(cfg.Config, s); err != nil && len(s.Devices) == 0 {
				cancel()
				return errors.Join(err, <-done)
			}
		case ev := <-events:
			name := settings.ChordName(settings.Bindings(cfg.Config)[ev.Binding].Keys)
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

func showDevices(a *cli, s evdev.Status) {
	for _, d := range s.Devices {
		fmt.Fprintf(a.Stderr, "listening to %s (%s)\n", d.Name, d.Path)
	}
	for _, d := range s.Denied {
		fmt.Fprintf(a.Stderr, "cannot listen to %s (%s): %v\n", d.Name, d.Path, d.Err)
	}
}
