package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/evdev/learn"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/printable"
)

// A deviceLine is a device as a line of `vocoder devices --json`.
type deviceLine struct {
	Path    string   `json:"path"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	ID      string   `json:"id"` // vendor:product, as in the setting device
	Phys    string   `json:"phys,omitempty"`
	Uniq    string   `json:"uniq,omitempty"`
	Links   []string `json:"links,omitempty"`
	Virtual bool     `json:"virtual"`
	Keys    int      `json:"keys"`  // the number of its keys
	Bound   bool     `json:"bound"` // it has a bound key
	Error   string   `json:"error,omitempty"`
}

func devicesCommand(a *cli) *cobra.Command {
	c := &cobra.Command{Use: "devices", Short: "List the input devices, and which of them have a bound key"}
	addSettings(c, "key")
	asJSON := c.Flags().Bool("json", false, "one JSON object a line")
	c.RunE = a.withSettings(func(_ *cobra.Command, cfg settings.Loaded, _ []string) error {
		devices, err := learn.List()
		if err != nil {
			return err
		}
		if len(devices) == 0 {
			return settings.ErrNoDevice
		}
		return printDevices(a, cfg.Config, devices, *asJSON)
	})
	return c
}

func printDevices(a *cli, cfg config.Config, devices []evdev.Device, asJSON bool) error {
	table := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, d := range devices {
		l := describe(cfg, d)
		if asJSON {
			if err := printable.Encode(a.Stdout, l); err != nil {
				return err
			}
			continue
		}
		mark := ""
		if l.Bound {
			mark = "*"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", mark, l.Path, l.Kind, l.ID, name(l.Name), name(l.Error))
	}
	return table.Flush()
}

// name returns the name of a device, a microphone or a window as one line to show.
func name(of string) string { return printable.Line(of, printable.MaxLine) }

func describe(cfg config.Config, d evdev.Device) deviceLine {
	l := deviceLine{Path: d.Path, Name: d.Name, Kind: string(d.Kind()), ID: fmt.Sprintf("%04x:%04x", d.Vendor, d.Product),
		Phys: d.Phys, Uniq: d.Uniq, Links: d.Links, Virtual: d.Virtual, Keys: d.Keys.Len()}
	for _, b := range cfg.Bindings {
		for _, k := range b.Keys {
			l.Bound = l.Bound || d.Keys.Has(k)
		}
	}
	if d.Err != nil {
		l.Error = d.Err.Error()
	}
	return l
}
