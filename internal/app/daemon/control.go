package daemon

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/coreos/go-systemd/v22/activation"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/control"
)

// Errors of commands, for the client.
var (
	errAway   = errors.New("not listening: paused, or the session is not in use")
	errBusy   = errors.New("too many utterances wait")
	errNoText = errors.New("there is no last text")
	errNoWait = errors.New("there is nothing to retry: in the last ten minutes nothing was kept, and nothing refused for its sound or words")
	errEnding = errors.New("the daemon is ending")
)

// listen opens the control socket: the one that the manager passed, else that
// of the settings, else the usual one. A profile has one of its own.
func listen(store settings.Store, cfg settings.Loaded) (*control.Socket, error) {
	passed, err := activation.Listeners()
	if err != nil {
		return nil, err
	}
	path := store.SocketPath(cfg.Config)
	if l := own(passed, path); l != nil {
		return control.Adopt(l)
	}
	return control.Listen(path)
}

// own returns, of the sockets that the manager passed, the only one, or of
// several the one at path, and closes the others. A descriptor that is no
// listening socket is passed as nil.
func own(passed []net.Listener, path string) (mine net.Listener) {
	for _, l := range passed {
		if l != nil && (len(passed) == 1 || mine == nil && l.Addr().String() == path) {
			mine = l
		}
	}
	for _, l := range passed {
		if u, is := l.(*net.UnixListener); is && l != mine {
			u.SetUnlinkOnClose(false) // it is the manager's
		}
		if l != nil && l != mine {
			_ = l.Close() // nobody was promised anything
		}
	}
	return mine
}

// Do implements control.Daemon. It returns once the dictation has taken the
// command and shown what follows from it.
func (d *daemon) Do(ctx context.Context, c control.Command) error {
	now := time.Now()
	if want, is := c.Languages(); is {
		return d.speak(want)
	}
	switch c {
	case control.Start:
		return d.listenNow(ctx)
	case control.Stop:
		return d.order(ctx, dictate.End{At: now})
	case control.Toggle:
		if d.board.recording() {
			return d.order(ctx, dictate.End{At: now})
		}
		return d.listenNow(ctx)
	case control.Cancel:
		return d.order(ctx, dictate.Cancel{})
	case control.Retry:
		if !d.board.retriable() {
			return errNoWait
		}
		return d.order(ctx, dictate.Retry{At: now})
	case control.Again:
		if _, ok := d.Last(); !ok {
			return errNoText
		}
		return d.order(ctx, dictate.Again{At: now})
	case control.Pause:
		d.board.pause(control.PausedByCommand)
		defer d.suspend(ctx)
		return d.order(ctx, dictate.Away{Cause: dictate.Pause, At: now})
	case control.Resume:
		d.board.pause("")
		d.suspend(ctx)
		return d.order(ctx, dictate.Back{Cause: dictate.Pause})
	case control.Reload:
		return d.reload(ctx)
	case control.Shutdown:
		d.shutdown()
		return nil
	}
	return errors.New("unknown command")
}

// listenNow begins a recording without a key.
func (d *daemon) listenNow(ctx context.Context) error {
	if err := d.order(ctx, dictate.Begin{At: time.Now()}); err != nil {
		return err
	}
	switch {
	case d.board.recording():
		return nil
	case d.board.deaf():
		return errAway
	}
	return errBusy
}

// order gives the dictation an event, and waits until that was carried out.
func (d *daemon) order(ctx context.Context, ev dictate.Event) error {
	if err := reach(ctx, d.orders, ev, d.over); err != nil {
		return err
	}
	if err := d.dictation.Alive(ctx); !errors.Is(err, dictate.ErrEnded) {
		return err
	}
	return errEnding
}

// Last implements control.Daemon.
func (d *daemon) Last() (string, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	text, err := d.dictation.LastText(ctx)
	return text, err == nil && text != ""
}

// reload takes up new settings and returns what is wrong with them.
func (d *daemon) reload(ctx context.Context) error {
	result := make(chan error, 1)
	select {
	case d.reloads <- result:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
