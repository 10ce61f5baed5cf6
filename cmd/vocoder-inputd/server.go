package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// A server serves one guest a user. Its zero value is not ready for use.
type server struct {
	rules    rules
	keyboard *keyboard
	users    users
	log      *slog.Logger
	trouble  string // the last error of the keyboard; of the goroutine that looks

	// The devices, of which tests have others.
	listen  func(context.Context, evdev.Config, chan<- key.Event) error
	fingers func(own string) (fingers, error)
}

// Fingers are the keys of the physical keyboards.
type fingers interface {
	Released(context.Context) error
	Pressed() ([]key.Code, error)
	Close() error
}

func newServer(r rules, k *keyboard, log *slog.Logger) *server {
	return &server{
		rules: r, keyboard: k, log: log,
		listen: func(ctx context.Context, c evdev.Config, events chan<- key.Event) error {
			return evdev.New(c).Run(ctx, events)
		},
		fingers: func(own string) (fingers, error) { return evdev.OpenKeyboards("", own) },
	}
}

// run serves until ctx is done.
func (s *server) run(ctx context.Context, l *net.UnixListener) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { s.watchSessions(ctx) })
	wg.Go(func() { s.beat(ctx) })
	defer context.AfterFunc(ctx, func() { _ = l.Close() })() // ends Accept
	for {
		conn, err := l.AcceptUnix()
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ECONNABORTED) {
			after(ctx, time.Second)
			continue
		}
		if err != nil {
			return fmt.Errorf("accept: %w", err)
		}
		wg.Go(func() { s.admit(ctx, conn) })
	}
}

// admit serves one connection.
func (s *server) admit(ctx context.Context, conn *net.UnixConn) {
	defer func() { _ = conn.Close() }() // what was said, was said
	peer, err := credentials(conn)
	if err != nil {
		s.log.Warn("refused", "err", err)
		return
	}
	g := newGuest(s, conn, int(peer.Uid))
	if !s.users.enter(g) {
		_ = g.say(helperproto.Answer{Reason: helperproto.Busy}) // it is refused either way
		return
	}
	defer s.users.exit(g)
	s.log.Info("guest came", "uid", peer.Uid, "pid", peer.Pid)
	err = g.run(ctx)
	s.log.Info("guest went", "uid", peer.Uid, "pid", peer.Pid, "err", err)
}

// credentials returns who is at the other end: SO_PEERCRED of unix(7).
func credentials(conn *net.UnixConn) (*unix.Ucred, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	var peer *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		peer, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return nil, err
	}
	return peer, failed
}
