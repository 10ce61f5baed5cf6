// Command vocoder-engine recognizes speech on this machine and answers over HTTP as
// transcription servers do.
package main

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/internal/usage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := call(ctx, os.Args[1:], os.Stderr)
	stop()
	os.Exit(status)
}

// call runs one command line, prints its error and returns the exit status.
func call(ctx context.Context, args []string, stderr io.Writer) int {
	c := command()
	usage.Tighten(c)
	c.SetArgs(args)
	called, err := c.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if usage.Explain(stderr, called, err, hint(err, modelName(called.Flags().Args()), pullCommandOf(called))) {
		return exitUsage
	}
	return exitFailed
}

// The exit statuses of vocoder-engine.
const (
	exitFailed = 1
	exitUsage  = 2
)

func command() *cobra.Command {
	c := &cobra.Command{
		Use:           "vocoder-engine",
		Short:         "Recognize speech on this machine",
		Long:          "vocoder-engine recognizes speech on this machine, without a network, and answers over HTTP as\ntranscription servers do. It runs OpenAI's Whisper base, in 99 languages, Moonshine, for English, and other\nmodels by name: vocoder-engine models list.",
		Version:       usage.Version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usage.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	dir := c.PersistentFlags().String("models", "", "the only folder of models (default $XDG_DATA_HOME/vocoder/models, then those of the system)")
	if err := c.MarkPersistentFlagDirname("models"); err != nil {
		panic("vocoder-engine: " + err.Error()) // there is no such flag
	}
	store := func() (models.Store, error) {
		if *dir != "" {
			return models.Store{Dir: *dir}, nil
		}
		return models.DefaultStore()
	}
	c.AddCommand(serveCommand(store), modelsCommand(store), workerCommand(store))
	return c
}

// pullCommandOf returns the command that fetches a model into the folder that a call uses.
func pullCommandOf(called *cobra.Command) string {
	if dir := called.Flags().Lookup("models"); dir != nil && dir.Changed {
		return "vocoder-engine --models " + dir.Value.String() + " models pull "
	}
	return "vocoder-engine models pull "
}

// hint returns how to correct an error, if that is known. The error is about the named
// model unless it is a CheckError of another one. pull is the command that fetches a model.
func hint(err error, model, pull string) string {
	if e := new(models.CheckError); errors.As(err, &e) {
		model = e.Model
	}
	switch {
	case errors.Is(err, models.ErrTooBig):
		return "vocoder-engine models propose names one that fits; a server on another machine can run this one: docs/whisper.md"
	case errors.Is(err, models.ErrBusy):
		return "wait until it is done, or end it"
	case errors.Is(err, models.ErrForeign):
		return "a model has tokens.txt and encoder, decoder and the like as .onnx; github.com/k2-fsa/sherpa-onnx/releases/tag/asr-models has many"
	case isNetwork(err):
		return "is the network there? HTTPS_PROXY sets a proxy; --mirror takes the files from another server, --from from a file that you have"
	case errors.Is(err, syscall.ENOSPC):
		return "make room, or keep the models elsewhere with --models"
	case errors.Is(err, models.ErrUnknown):
		return "vocoder-engine models list shows the names"
	case errors.Is(err, models.ErrMissing):
		return "download it with: " + pull + model
	case errors.Is(err, models.ErrBroken):
		return "download it again with: " + pull + model + "; --from takes it from a file or another address"
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there; stop it or pass another --addr"
	}
	return ""
}

// isNetwork reports whether a server could not be reached.
func isNetwork(err error) bool {
	var e *url.Error
	return errors.As(err, &e) && !errors.Is(err, context.Canceled)
}
