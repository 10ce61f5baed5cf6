package control

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Await returns when a daemon listens at the socket, or with the error of ctx when ctx
// is done. It tries to connect each time a file appears in the folder of the socket. The
// socket appears a moment before the daemon listens, so Await then tries again a few
// times, with a pause that grows.
func (c Client) Await(ctx context.Context) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }() // it was only read
	if err := w.Add(filepath.Dir(c.Path)); err != nil {
		return err
	}
	const first, longest = 10 * time.Millisecond, time.Second
	for pause := first; ; {
		conn, err := c.dial(ctx)
		if err == nil {
			return conn.Close()
		}
		if !errors.Is(err, ErrNotRunning) {
			return err
		}
		var again <-chan time.Time
		if pause <= longest {
			again = time.After(pause)
		}
		select {
		case <-again:
			pause *= 2
		case <-w.Events:
			pause = first
		case err := <-w.Errors:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
