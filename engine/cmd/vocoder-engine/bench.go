package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/usage"
)

// benchRounds is how often a benchmark recognizes the clip. The quickest counts, which other
// programs disturbed least.
const benchRounds = 3

func benchCommand(store func() (models.Store, error)) *cobra.Command {
	c := &cobra.Command{
		Use:   "bench [NAME]",
		Short: "Measure how fast a model is on this machine",
		Long: `bench recognizes seven seconds of English speech three times and says how long a second of speech takes.
From 1 on, the words come later than they are spoken. propose and vocoder doctor use the figure.`,
		Args: usage.AtMost(1),

		ValidArgsFunction: offerModels(store, 1),
	}
	threads := c.Flags().Int("threads", min(4, runtime.NumCPU()), "threads to compute with")
	offer(c, "threads", cobra.NoFileCompletions)
	c.RunE = func(c *cobra.Command, args []string) error {
		s, err := store()
		switch {
		case err != nil:
			return err
		case *threads < 1 || *threads > maxThreads:
			return usage.Errorf("--threads %d, want 1 to %d", *threads, maxThreads)
		}
		name := modelOf(s, args)
		if err := s.Verify(name); err != nil {
			return err
		}
		m, err := s.Lookup(name)
		if err != nil {
			return err
		}
		return bench(c.Context(), c.OutOrStdout(), s, m, *threads)
	}
	return c
}

func bench(ctx context.Context, w io.Writer, s models.Store, m models.Model, threads int) error {
	b, err := models.BenchClip()
	if err != nil {
		return err
	}
	clip, err := pcm.ReadWAV(bytes.NewReader(b))
	if err != nil {
		return err
	}
	clip = pcm.Clip{Rate: pcm.Rate, Samples: clip.At(pcm.Rate)}
	began := time.Now()
	model, err := sherpa.Load(m, s.Folder(m.Name), threads)
	if err != nil {
		return err
	}
	defer model.Close()
	loaded := time.Since(began)
	var o sherpa.Options
	if code, known := m.Language("en"); known {
		o.Language = code
	}
	var quickest time.Duration
	for i := range benchRounds + 1 { // the first one also sets up memory
		if ctx.Err() != nil {
			return ctx.Err()
		}
		began := time.Now()
		if _, err := model.Recognize(clip, o); err != nil {
			return err
		}
		if took := time.Since(began); i > 0 && (quickest == 0 || took < quickest) {
			quickest = took
		}
	}
	result := models.Benchmark{Pace: quickest.Seconds() / clip.Duration().Seconds(), Threads: threads, At: time.Now().UTC().Truncate(time.Second)}
	fmt.Fprintf(w, "%s: %.2f s for a second of speech (%.1f s of speech in %.1f s, %d threads; loaded in %.1f s)\n",
		m.Name, result.Pace, clip.Duration().Seconds(), quickest.Seconds(), threads, loaded.Seconds())
	return s.KeepBenchmark(m.Name, result)
}
