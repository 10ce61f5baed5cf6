package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
)

func (a *app) runCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Dictate: the daemon",
		Long: `Dictate, until ended by SIGTERM or SIGINT. SIGHUP takes up new settings; with a
mistake in them the old ones stay.`,
		Args: noArgs,
	}
	addSettings(c, "")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := a.settings(c)
		if err != nil {
			return err
		}
		d := &daemon{app: a, log: a.logger(cfg), load: func() (config.Config, error) { return a.settings(c) }}
		d.board.show = func(line string, s control.Status) {
			d.manager.status(line)
			d.server.Show(s)
		}
		return d.run(c.Context(), cfg)
	}
	return c
}

// A daemon is the running program: all stages, held together by dictate.
type daemon struct {
	*app
	log     *slog.Logger
	manager manager
	board   board
	server  control.Server
	hand    *hand
	load    func() (config.Config, error) // reads the settings again

	reloads  chan chan<- error
	shutdown context.CancelFunc

	mu   sync.Mutex
	now  *generation
	once sync.Once // for READY
}

// run dictates until ctx is done.
func (d *daemon) run(ctx context.Context, cfg config.Config) error {
	ctx, d.shutdown = context.WithCancel(ctx)
	defer d.shutdown()
	g, err := d.assemble(cfg)
	if err != nil {
		return err
	}
	socket, err := d.listen(cfg)
	if err != nil {
		return err
	}
	d.hand = newHand(d.log, func(err error) {
		d.board.lack("keyboard", trouble("typing unavailable", err))
		d.settled()
	})
	defer d.hand.close()
	_ = d.hand.open() // it says itself what is wrong

	var wg sync.WaitGroup
	defer wg.Wait()
	serve, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	d.server.Daemon, d.server.Log, d.reloads = d, d.log, make(chan chan<- error)
	wg.Go(func() {
		if err := d.server.Run(serve, socket); err != nil {
			d.log.Error("control", "err", err)
		}
	})
	d.log.Info("started", "version", buildVersion())
	defer d.log.Info("stopped")
	for g != nil && err == nil {
		g, err = d.live(ctx, g)
	}
	return err
}

// live dictates with one set of settings. It returns the next generation, or
// nil at the end. With a mistake in new settings the old ones stay.
func (d *daemon) live(ctx context.Context, g *generation) (*generation, error) {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	life, end := context.WithCancel(ctx)
	defer end()
	done := make(chan error, 1)
	d.begin(g)
	go func() { done <- g.run(life) }()
	for {
		var answer chan<- error
		select {
		case err := <-done:
			d.manager.stopping()
			return nil, err
		case <-ctx.Done():
			d.manager.stopping()
			return nil, <-done
		case <-hangup:
		case answer = <-d.reloads:
		}
		d.manager.reloading()
		next, err := d.reloaded()
		if answer != nil {
			answer <- err
		}
		if err != nil {
			d.log.Error("the old settings stay", "err", err)
			d.manager.started()
			continue
		}
		end()
		if err := <-done; err != nil {
			return nil, err
		}
		d.log.Info("new settings")
		return next, nil
	}
}

// reloaded returns the stages for the settings as they are now.
func (d *daemon) reloaded() (*generation, error) {
	cfg, err := d.load()
	if err != nil {
		return nil, err
	}
	return d.assemble(cfg)
}

// begin makes g the generation that commands are given to.
func (d *daemon) begin(g *generation) {
	d.hand.configure(g.cfg)
	d.board.name(g.keyNames())
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now, d.once = g, sync.Once{}
}

func (d *daemon) current() *generation {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

// settled says READY if nothing that a dictation needs is missing.
func (d *daemon) settled() {
	if d.board.known("key", "microphone", "keyboard") && d.board.well("key", "microphone", "keyboard") {
		d.ready()
	}
}

func (d *daemon) ready() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.once.Do(d.manager.started)
}
