package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/coreos/go-systemd/v22/activation"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/control"
)

// Errors of commands, for the client.
var (
	errBusy     = errors.New("not listening: too many utterances wait")
	errTalk     = errors.New("not typing: a recording is under way")
	errNoText   = errors.New("there is no last text")
	errNoWait   = errors.New("there is nothing to retry: in the last ten minutes nothing was kept, and nothing refused for its sound or words")
	errEnding   = errors.New("the daemon is ending")
	errPassword = errors.New("not listening: a password field has the focus")
	errListen   = errors.New("it is listening: end the recording first")
)

// listen opens the control socket: the one that systemd passed, else that of the
// settings or of the profile, else the usual one.
func listen(store settings.Store, cfg settings.Loaded) (*control.Socket, error) {
	passed, err := activation.Listeners()
	if err != nil {
		return nil, err
	}
	path := store.SocketPath(cfg.Config)
	if l := ownSocket(passed, path); l != nil {
		return control.Adopt(l)
	}
	return control.Listen(path)
}

// ownSocket returns the daemon's socket among those that systemd passed, and closes the
// others. It is the only one or, if there are several, the one at path. A descriptor that
// is not a listening socket is nil.
func ownSocket(passed []net.Listener, path string) (mine net.Listener) {
	for _, l := range passed {
		if l != nil && (len(passed) == 1 || mine == nil && l.Addr().String() == path) {
			mine = l
		}
	}
	for _, l := range passed {
		if u, is := l.(*net.UnixListener); is && l != mine {
			u.SetUnlinkOnClose(false) // it belongs to systemd
		}
		if l != nil && l != mine {
			_ = l.Close() // no client has connected
		}
	}
	return mine
}

// Do implements control.Daemon.
func (d *daemon) Do(ctx context.Context, c control.Command) error {
	now := time.Now()
	if want, is := c.Languages(); is {
		return d.setLanguage(want)
	}
	if task, is := c.Task(); is {
		d.setTask(task)
		return nil
	}
	switch c {
	case control.Start:
		return d.startRecording(ctx, dictate.Begin{At: now})
	case control.Stop:
		return d.send(ctx, dictate.End{At: now})
	case control.Toggle:
		if d.status.now().Recording {
			return d.send(ctx, dictate.BeginOrEnd{At: now})
		}
		return d.startRecording(ctx, dictate.BeginOrEnd{At: now})
	case control.Cancel:
		return d.send(ctx, dictate.Cancel{})
	case control.Forget:
		return d.send(ctx, dictate.Clear{})
	case control.Retry:
		if now := d.status.now(); now.Kept+now.Refused == 0 {
			return errNoWait
		}
		if err := d.hasRoom(); err != nil {
			return err
		}
		return d.send(ctx, dictate.Retry{At: now})
	case control.Again:
		if _, ok := d.Last(); !ok {
			return errNoText
		}
		switch now := d.status.now(); {
		case now.Recording:
			return errTalk
		case now.Lacks[control.Keyboard] != "": // it would be kept a second time
			return fmt.Errorf("not typing: %s", now.Lacks[control.Keyboard])
		}
		if err := d.hasRoom(); err != nil {
			return err
		}
		return d.send(ctx, dictate.Again{At: now})
	case control.Pause:
		defer d.suspend(context.WithoutCancel(ctx)) // the microphone is as the status says
		return d.send(ctx, dictate.Away{Cause: dictate.Pause, At: now})
	case control.Resume:
		defer d.suspend(context.WithoutCancel(ctx))
		return d.send(ctx, dictate.Back{Cause: dictate.Pause, At: now})
	case control.Reload:
		return d.reload(ctx)
	case control.Shutdown:
		d.shutdown()
		return nil
	}
	return errors.New("unknown command")
}

// hasRoom returns why the dictation would ignore a Retry or Again, or nil.
func (d *daemon) hasRoom() error {
	switch now := d.status.now(); {
	case now.Recording:
		return errListen
	case now.Waiting >= dictate.Backlog:
		return errBusy
	}
	return nil
}

// startRecording begins a recording without a key, by an event.
func (d *daemon) startRecording(ctx context.Context, begin dictate.Event) error {
	switch now := d.status.now(); {
	case now.Pause != "":
		return fmt.Errorf("not listening: paused (%s)", now.Pause)
	case now.Lacks[control.Microphone] != "":
		return fmt.Errorf("not listening: %s", now.Lacks[control.Microphone])
	case d.desktop.Password():
		return errPassword
	}
	if err := d.send(ctx, begin); err != nil {
		return err
	}
	switch now := d.status.now(); {
	case now.Recording:
		return nil
	case now.Pause != "":
		return fmt.Errorf("not listening: paused (%s)", now.Pause)
	case d.status.ending():
		return errEnding
	case now.Waiting >= dictate.Backlog:
		return errBusy
	}
	return nil // it has ended already
}

// send has the dictation carry out an event.
func (d *daemon) send(ctx context.Context, ev dictate.Event) error {
	err := d.dictation.Send(ctx, ev)
	if errors.Is(err, dictate.ErrEnded) {
		return errEnding
	}
	return err
}

// Last implements control.Daemon.
func (d *daemon) Last() (control.Text, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	text, left, err := d.dictation.LastText(ctx)
	return control.Text{Text: text, LeftOut: left.Left, Reason: left.Why}, err == nil && text != ""
}

// reload replaces the settings, or returns what is wrong with the new ones.
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
