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
	}
	addSettings(c, "key", "device", "grab")
	count := c.Flags().Int("count", 0, "end after `N` holds")
	learn := c.Flags().Bool("learn", false, "wait for a press on any device, tell about it and write it to the settings file")
	show := c.Flags().Bool("print", false, "with --learn, do not write anything")
	c.RunE = func(c *cobra.Command, _ []string) error {
		switch {
		case *count < 0:
			return usage.Errorf("--count %d, want 0 or more", *count)
		case *learn && c.Flags().Changed("count"):
			return usage.Errorf("keys: --learn or --count, not both")
		case *show && !*learn:
			return usage.Errorf("keys: --print needs --learn")
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

// showKeys prints the presses and releases of the bound keys. If count is not 0, it ends
// after that many holds.
func showKeys(a *cli, ctx context.Context, cfg settings.Loaded, count int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	status := make(chan evdev.Status, 1)
	listener := evdev.New(evdev.Config{Bindings: settings.Bindings(cfg.Config), Changed: func(s evdev.Status) {
		select {
		case <-status:
		default:
		}
		status <- s
	}})
	events, done := make(chan key.Event), make(chan error, 1)
	go func() { done <- listener.Run(ctx, events) }()

	var pressed time.Time
	for n := 0; ; {
		select {
		case err := <-done:
			return err
		case s := <-status:
			showDevices(a, s)
			if err := settings.CheckDevices(cfg.Config, s); err != nil && len(s.Devices) == 0 {
				cancel()
				return errors.Join(err, <-done)
			}
		case ev := <-events:
			chord := settings.ChordName(settings.Bindings(cfg.Config)[ev.Binding].Keys)
			if ev.Down {
				pressed = ev.At
				fmt.Fprintln(a.Stdout, chord, "pressed")
				continue
			}
			fmt.Fprintf(a.Stdout, "%s released after %v%s\n", chord, ev.At.Sub(pressed).Round(time.Millisecond), cause(ev.Cause))
			if n++; n == count {
				cancel()
				return <-done
			}
		}
	}
}

// cause returns why a hold ended, or nothing if the user released the key.
func cause(c key.Cause) string {
	if c == key.Physical {
		return ""
	}
	return " (" + c.String() + ")"
}

// showDevices prints which devices are listened to, and which cannot be opened.
func showDevices(a *cli, s evdev.Status) {
	for _, d := range s.Devices {
		fmt.Fprintf(a.Stderr, "listening to %s (%s)\n", name(d.Name), d.Path)
	}
	for _, d := range s.Denied {
		fmt.Fprintf(a.Stderr, "cannot listen to %s (%s): %v\n", name(d.Name), d.Path, d.Err)
	}
}
