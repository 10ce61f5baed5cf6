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
		d := &daemon{app: a, log: a.logger(cfg)}
		d.board.show = d.manager.status
		return d.run(c.Context(), cfg, func() (config.Config, error) { return a.settings(c) })
	}
	return c
}

// A daemon is the running program: all stages, held together by dictate.
type daemon struct {
	*app
	log     *slog.Logger
	manager manager
	board   board
	hand    *hand
	once    sync.Once // for READY
}

// run dictates until ctx is done. At SIGHUP it goes on with the settings that
// load returns, if they are good.
func (d *daemon) run(ctx context.Context, cfg config.Config, load func() (config.Config, error)) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	d.hand = newHand(d.log, func(err error) {
		d.board.lack("keyboard", trouble("typing unavailable", err))
		d.settled()
	})
	defer d.hand.close()
	_ = d.hand.open() // it says itself what is wrong
	d.log.Info("started", "version", buildVersion())
	defer d.log.Info("stopped")
	for {
		next, err := d.live(ctx, cfg, hangup, load)
		if next == nil {
			return err
		}
		cfg = *next
	}
}

// live dictates with one set of settings. It returns the next, or nil at the
// end.
func (d *daemon) live(ctx context.Context, cfg config.Config, hangup <-chan os.Signal, load func() (config.Config, error)) (*config.Config, error) {
	g, err := d.assemble(cfg)
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(ctx)
	defer end()
	done := make(chan error, 1)
	go func() { done <- g.run(life) }()
	for {
		select {
		case err := <-done:
			d.manager.stopping()
			return nil, err
		case <-ctx.Done():
			d.manager.stopping()
			return nil, <-done
		case <-hangup:
			d.manager.reloading()
			next, err := load()
			if err != nil {
				d.log.Error("keep the old settings", "err", err)
				d.manager.started()
				continue
			}
			end()
			if err := <-done; err != nil {
				return nil, err
			}
			d.log.Info("new settings")
			d.once = sync.Once{}
			return &next, nil
		}
	}
}
