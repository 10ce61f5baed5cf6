package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
	"github.com/arealicehole/vocoder/internal/linux/peercred"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

const (
	// The pauses after an error of logind, each twice as long as the one before.
	minSessionPause = time.Second
	maxSessionPause = 8 * time.Second
)

// A server serves one client of each user.
type server struct {
	policy      policy
	keyboard    *keyboard
	presence    presence
	log         *slog.Logger
	keyboardErr string // the last error; belongs to checkKeyboard

	// The devices, which tests replace.
	listen   func(context.Context, evdev.Config, chan<- key.Event) error
	openKeys func(own string) (physicalKeys, error)

	suspended func() time.Duration // since the machine was started; tests replace it
}

// physicalKeys are the keys of the physical keyboards: *evdev.Keyboards.
type physicalKeys interface {
	Released(context.Context) error
	Pressed() ([]key.Code, error)
	Close() error
}

func newServer(p policy, k *keyboard, log *slog.Logger) *server {
	return &server{
		policy: p, keyboard: k, log: log,
		listen: func(ctx context.Context, c evdev.Config, events chan<- key.Event) error {
			return evdev.New(c).Run(ctx, events)
		},
		openKeys:  func(own string) (physicalKeys, error) { return evdev.OpenKeyboards(own) },
		suspended: clock.Asleep,
	}
}

// An acceptor is a *net.UnixListener.
type acceptor interface {
	AcceptUnix() (*net.UnixConn, error)
	Close() error
}

// run serves until ctx is done.
func (s *server) run(ctx context.Context, l acceptor) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { s.watchSessions(ctx) })
	wg.Go(func() { s.watchdog(ctx) })
	defer context.AfterFunc(ctx, func() { _ = l.Close() })() // ends Accept
	for {
		conn, err := peercred.Accept(ctx, l, s.log)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept: %w", err)
		}
		wg.Go(func() { s.serve(ctx, conn) })
	}
}

// serve serves one connection.
func (s *server) serve(ctx context.Context, conn *net.UnixConn) {
	defer func() { _ = conn.Close() }() // all was sent
	peer, err := peercred.Read(conn)
	if err != nil {
		s.log.Warn("refused", "err", err)
		return
	}
	c := newClient(s, conn, int(peer.Uid))
	if !s.presence.add(c) {
		_ = c.answer(helperproto.Busy) // the connection ends either way
		return
	}
	defer s.presence.remove(c)
	s.log.Info("client connected", "uid", peer.Uid, "pid", peer.Pid)
	err = c.run(ctx)
	s.log.Info("client disconnected", "uid", peer.Uid, "pid", peer.Pid, "err", err)
}

// watchSessions keeps presence up to date until ctx is done. While logind cannot
// be asked, no client may do anything.
func (s *server) watchSessions(ctx context.Context) {
	pause, level := minSessionPause, slog.LevelError
	for ctx.Err() == nil {
		began := time.Now()
		err := session.WatchUsers(ctx, s.presence.update)
		s.presence.update(nil)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > maxSessionPause {
			pause, level = minSessionPause, slog.LevelError
		}
		s.log.Log(ctx, level, "no client is served: sessions are not known", "err", err)
		_ = clock.Sleep(ctx, pause)                                   // the loop tests ctx
		pause, level = min(2*pause, maxSessionPause), slog.LevelDebug // it was said
	}
}
