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
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/engine/api"
	"github.com/arealicehole/vocoder/engine/models"
	"github.com/arealicehole/vocoder/engine/speech"
	"github.com/arealicehole/vocoder/internal/usage"
)

const (
	headerTime = 10 * time.Second // to send a request's header, at most
	endTime    = 20 * time.Second // for clips at work when we are told to end
)

type serveFlags struct {
	addr, model string
	threads     int
	preload     bool
	idle        time.Duration
}

func serveCommand(store func() (models.Store, error)) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer transcription requests",
		Args:  usage.NoArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := store()
			switch {
			case err != nil:
				return err
			case f.threads < 1:
				return usage.Errorf("--threads %d, want 1 or more", f.threads)
			case f.idle < 0:
				return usage.Errorf("--unload-after %v, want 0 or more", f.idle)
			}
			return serve(c.Context(), s, f, slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil)))
		},
	}
	c.Flags().StringVar(&f.addr, "addr", "127.0.0.1:8771", "loopback address to listen on, or unix:PATH")
	c.Flags().StringVar(&f.model, "model", models.Default, "name of the model")
	c.Flags().IntVar(&f.threads, "threads", min(4, runtime.NumCPU()), "threads to compute with")
	c.Flags().BoolVar(&f.preload, "preload", false, "load the model at start, not at the first request")
	c.Flags().DurationVar(&f.idle, "unload-after", 0, "unload the model when idle for so long (0: never)")
	offer(c, "model", offerModels(store, 0))
	for _, name := range []string{"addr", "threads", "unload-after"} {
		offer(c, name, cobra.NoFileCompletions)
	}
	return c
}

func serve(ctx context.Context, store models.Store, f serveFlags, log *slog.Logger) error {
	m, err := store.Lookup(f.model)
	if err != nil { // it may be brought while we serve
		m = models.Model{Name: f.model, Title: f.model}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own program: %w", err)
	}
	check := func() error { return store.Verify(m.Name) }
	if err := check(); err != nil {
		log.Error("model cannot be used", "err", err, "hint", hint(err))
	}
	recogniser := speech.New(speech.Config{
		Command: func() *exec.Cmd {
			return exec.Command(self, "worker", "--models", store.Dir, "--model", m.Name, "--threads", strconv.Itoa(f.threads))
		},
		Check:   check,
		Idle:    f.idle,
		Preload: f.preload,
		Log:     log,
	})
	all, err := listenAll(ctx, f.addr)
	if err != nil {
		return err
	}
	handler := api.Server{Model: m, Recogniser: recogniser, Check: check, Log: log}.Handler()
	for _, l := range all {
		log.Info("listening", "addr", l.Addr().String(), "model", m.Name, "title", m.Title)
	}
	return run(ctx, recogniser, handler, all)
}

// run serves on all these sockets until ctx is done, then lets requests at work
// end. It ends when one of them fails, and closes them.
func run(ctx context.Context, r *speech.Recogniser, h http.Handler, all []net.Listener) error {
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Run(working) }) // it returns nil
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTime}
	ended := make(chan error, len(all)) // who does not wait for all shall not block one
	for _, l := range all {
		wg.Go(func() { ended <- server.Serve(l) })
	}
	wg.Go(func() {
		select {
		case <-r.Ready():
			_, _ = daemon.SdNotify(false, daemon.SdNotifyReady) // nobody may be listening
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
