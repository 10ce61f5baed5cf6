package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
	"github.com/arealicehole/vocoder/engine/speech"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/usage"
)

// workerCommand returns the command of the process in which serve runs native code.
func workerCommand(store func() (models.Store, error)) *cobra.Command {
	c := &cobra.Command{
		Use:    "worker",
		Short:  "Recognize clips for vocoder-engine serve",
		Args:   usage.NoArgs,
		Hidden: true,
	}
	name := c.Flags().String("model", models.Default, "name of the model")
	threads := c.Flags().Int("threads", 1, "threads to compute with")
	c.RunE = func(*cobra.Command, []string) error {
		s, err := store()
		if err != nil {
			return err
		}
		m, err := s.Lookup(*name)
		if err != nil {
			return err
		}
		model, err := sherpa.Load(m, s.Folder(m.Name), *threads)
		if err != nil {
			return err
		}
		requests := os.NewFile(speech.RequestFD, "requests")
		replies := os.NewFile(speech.ReplyFD, "replies")
		return speech.Serve(requests, replies, func(c pcm.Clip, o speech.Options) (speech.Words, error) {
			w, err := model.Recognize(c, sherpa.Options(o))
			return speech.Words(w), err
		})
	}
	return c
}
