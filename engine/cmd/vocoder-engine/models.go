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
	"github.com/arealicehole/vocoder/internal/usage"
)

func modelsCommand(store func() (models.Store, error)) *cobra.Command {
	c := &cobra.Command{Use: "models", Short: "List, fetch and check models", Args: usage.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(benchCommand(store), listCommand(store), proposeCommand(store), pullCommand(store), useCommand(store), verifyCommand(store))
	return c
}

// modelName returns the argument, or the default model.
func modelName(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return models.Default
}

// modelOf returns the argument, or the model that is served.
func modelOf(s models.Store, args []string) string {
	if m, is := s.Preferred(); is && len(args) == 0 {
		return m.Name
	}
	return modelName(args)
}

func listCommand(store func() (models.Store, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the known models and the folders of installed ones",
		Args:  usage.NoArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := store()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, m := range known(s) {
				state := "not downloaded"
				if s.Present(m) {
					state = s.Folder(m.Name)
				}
				if !m.Pinned() {
					state += " (checksums recorded)"
				}
				if used, is := s.Preferred(); is && used.Name == m.Name {
					state += " (used)"
				}
				fmt.Fprintf(w, "%s\t%s\t%d MB\t%s\t%s\n", m.Name, m.Title, m.Size()/1e6, m.License, state)
			}
			return w.Flush()
		},
	}
}

// known returns the models of the catalog as the store has them, then the models that
// the user added.
func known(s models.Store) []models.Model {
	all := s.Catalog()
	named := map[string]bool{}
	for _, m := range all {
		named[m.Name] = true
	}
	for _, m := range s.Installed() {
		if !named[m.Name] {
			all = append(all, m)
		}
	}
	return all
}

func verifyCommand(store func() (models.Store, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [NAME]",
		Short: "Check a model's files against their SHA-256",
		Args:  usage.AtMost(1),

		ValidArgsFunction: offerModels(store, 1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := store()
			if err != nil {
				return err
			}
			name := modelOf(s, args)
			if err := s.Verify(name); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is complete: %s\n", name, s.Folder(name))
			return nil
		},
	}
}

func pullCommand(store func() (models.Store, error)) *cobra.Command {
	c := &cobra.Command{
		Use:   "pull [NAME]",
		Short: "Download a model, or take it from a file or folder",
		Long: `pull installs a model completely or not at all. An interrupted download continues where it stopped.
A model of the list comes over HTTPS from the place where it is published, through the proxy that
HTTPS_PROXY names, or from a server with the same paths, --mirror. With --from it comes from an archive
(tar, gzip, bzip2, zip), its address, or a folder. The program has the SHA-256 of each of its files, and
uses nothing else.

With --from, NAME may be any other name. The files show which kind of model it is: Moonshine, Whisper,
Parakeet and other NeMo models as sherpa-onnx runs them. The first time, their SHA-256 is recorded, and
pull says so. Each later download from that address must have it.`,
		Args: usage.AtMost(1),

		ValidArgsFunction: offerModels(store, 1),
	}
	from := c.Flags().String("from", "", "address, archive or `FOLDER` to take the model from")
	mirror := c.Flags().String("mirror", os.Getenv("HF_ENDPOINT"), "`ADDRESS` of a server with the paths of huggingface.co (default $HF_ENDPOINT)")
	offer(c, "mirror", cobra.NoFileCompletions)
	c.Flags().String("registry", "", "has no effect")
	if err := c.Flags().MarkDeprecated("registry", "npm is not needed anymore; see --mirror"); err != nil {
		panic("vocoder-engine: " + err.Error()) // there is no such flag
	}
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
			Mirror:   *mirror,
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

// A bar shows the progress of a download. In a terminal it rewrites one line; otherwise
// it prints a line at intervals.
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
