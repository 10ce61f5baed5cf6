// Command vocoder-engine recognises speech on this machine and answers over
// HTTP as transcription servers do.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/models"
)

// version is set by the linker; see the Makefile.
var version = ""

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "vocoder-engine: %v\n", err)
		if h := hint(err); h != "" {
			fmt.Fprintf(os.Stderr, "hint: %s\n", h)
		}
		os.Exit(1)
	}
}

func command() *cobra.Command {
	c := &cobra.Command{
		Use:           "vocoder-engine",
		Short:         "Recognise speech on this machine",
		Long:          "vocoder-engine recognises speech on this machine, without a network, and answers over HTTP as\ntranscription servers do. It runs Moonshine, for English, and other\nmodels by name: vocoder-engine models list.",
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	dir := c.PersistentFlags().String("models", "", "folder of the models (default $XDG_DATA_HOME/vocoder/models)")
	if err := c.MarkPersistentFlagDirname("models"); err != nil {
		panic("vocoder-engine: " + err.Error()) // there is no such flag
	}
	store := func() (models.Store, error) {
		if *dir != "" {
			return models.Store{Dir: *dir}, nil
		}
		d, err := models.DefaultDir()
		return models.Store{Dir: d}, err
	}
	c.AddCommand(serveCommand(store), modelsCommand(store), workerCommand(store))
	return c
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

// hint says what to do about an error, if that is known.
func hint(err error) string {
	switch {
	case errors.Is(err, models.ErrNoNPM):
		return "install npm, or pass --from FILE with the package moonshine-js-0.1.29.tgz"
	case errors.Is(err, models.ErrForeign):
		return "a model has tokens.txt and encoder, decoder and the like as .onnx; github.com/k2-fsa/sherpa-onnx/releases/tag/asr-models has many"
	case errors.Is(err, syscall.ENOSPC):
		return "make room, or keep the models elsewhere with --models"
	case errors.Is(err, models.ErrUnknown):
		return "vocoder-engine models list shows the names"
	case errors.Is(err, models.ErrMissing), errors.Is(err, models.ErrBroken):
		return "vocoder-engine models pull fetches it again"
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there; stop it or pass another --addr"
	}
	return ""
}
