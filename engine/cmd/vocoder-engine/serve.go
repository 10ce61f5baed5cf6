package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/api"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/sherpa"
	"github.com/arealicehole/vocoder/engine/speech"
	"github.com/arealicehole/vocoder/internal/usage"
)

const (
	idleTime   = 2 * time.Minute  // between two requests of a connection, at most
	headerTime = 10 * time.Second // to send a request's header, at most
	endTime    = 20 * time.Second // for running requests when the engine must end
)

// maxThreads is above what the largest machine gains by.
const maxThreads = 256

type serveFlags struct {
	addr, model string
	threads     int
	preload     bool
	idle        time.Duration

	pull string // the command that fetches a model
}

func serveCommand(store func() (models.Store, error)) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer transcription requests",
		Long: `serve answers transcription requests over HTTP: POST /v1/transcribe, and OpenAI's /v1/audio/transcriptions
and /v1/audio/translations. A request may name a language (none: detect) and the task (transcribe, translate);
what the model does not know is refused. GET /health says what it knows.`,
		Args: usage.NoArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := store()
			f.pull = pullCommandOf(c)
			switch {
			case err != nil:
				return err
			case f.threads < 1 || f.threads > maxThreads:
				return usage.Errorf("--threads %d, want 1 to %d", f.threads, maxThreads)
			case f.idle < 0:
				return usage.Errorf("--unload-after %v, want 0 or more", f.idle)
			}
			return serve(c.Context(), s, f, slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil)))
		},
	}
	c.Flags().StringVar(&f.addr, "addr", "127.0.0.1:8771", "loopback address to listen on, or unix:PATH")
	c.Flags().StringVar(&f.model, "model", "", "name of the model (default: of those that are installed "+models.Base+", else "+models.Default+")")
	c.Flags().IntVar(&f.threads, "threads", min(4, runtime.NumCPU()), "threads to compute with")
	c.Flags().BoolVar(&f.preload, "preload", false, "load the model at start, not at the first request")
	c.Flags().DurationVar(&f.idle, "unload-after", 0, "unload the model when idle for so long (0: never)")
	offer(c, "model", offerModels(store, 0))
	for _, name := range []string{"addr", "threads", "unload-after"} {
		offer(c, name, cobra.NoFileCompletions)
	}
	return c
}

// A choice is the model that is served: the named one, otherwise the best installed one.
// While none is loaded it may appear, change or vanish. A choice is safe for concurrent use.
type choice struct {
	store  models.Store
	name   string      // empty: none was named
	loaded func() bool // reports whether the model is loaded

	mu    sync.Mutex
	found models.Model // the last model; it has no name until a model was found
}

// model returns the model. A model that is not installed has no files.
func (c *choice) model() models.Model {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.found.Name == "" || !c.loaded() {
		c.found = c.find()
	}
	return c.found
}

func (c *choice) find() models.Model {
	name := c.name
	if name == "" {
		if m, is := c.store.Preferred(); is {
			return m
		}
		name = models.Default
	}
	m, err := c.store.Lookup(name)
	if err != nil {
		return models.Model{Name: name, Title: name}
	}
	return m
}

// requirements returns the requirements of a kind of model.
func requirements(m models.Model) speech.Requirements {
	if m.Kind == models.KindWhisper {
		return speech.Requirements{Longest: sherpa.LongestWhisper, Invents: true}
	}
	return speech.Requirements{Again: true}
}

func serve(ctx context.Context, store models.Store, f serveFlags, log *slog.Logger) error {
	var recognizer *speech.Recognizer
	choice := &choice{store: store, name: f.model, loaded: func() bool { loaded, _ := recognizer.Err(); return loaded }}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own program: %w", err)
	}
	check := func() error { return store.Verify(choice.model().Name) }
	recognizer = speech.New(speech.Config{
		Command: func() *exec.Cmd {
			name := choice.model().Name
			return exec.Command(self, "worker", "--models", filepath.Dir(store.Folder(name)), "--model", name, "--threads", strconv.Itoa(f.threads))
		},
		Requirements: func() speech.Requirements { return requirements(choice.model()) },
		Check:        check,
		Idle:         f.idle,
		Preload:      f.preload,
		Log:          log,
	})
	if err := check(); err != nil {
		log.Error("model cannot be used", "err", err, "hint", hint(err, choice.model().Name, f.pull))
	}
	all, err := listenAll(ctx, f.addr)
	if err != nil {
		return err
	}
	m := choice.model()
	handler := api.Server{Model: choice.model, Recognizer: recognizer, Check: check, Log: log}.Handler()
	for _, l := range all {
		log.Info("listening", "addr", l.Addr().String(), "model", m.Name, "title", m.Title)
	}
	return run(ctx, recognizer, handler, all)
}

// run serves on all sockets until ctx is done, then lets running requests end. It also
// ends when one of the sockets fails. It closes the sockets.
func run(ctx context.Context, r *speech.Recognizer, h http.Handler, all []net.Listener) error {
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Run(working) }) // it returns nil
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime}
	ended := make(chan error, len(all)) // has room for all, so that none blocks
	for _, l := range all {
		wg.Go(func() { ended <- server.Serve(l) })
	}
	wg.Go(func() {
		select {
		case <-r.Ready():
			_, _ = daemon.SdNotify(false, daemon.SdNotifyReady) // there may be no service manager
		case <-working.Done():
		}
	})

	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping)
		grace, cancel := context.WithTimeout(working, endTime)
		err = server.Shutdown(grace)
		cancel()
	}
	stop()
	_ = server.Close()
	wg.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
