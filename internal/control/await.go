package control

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Await returns once somebody listens at the socket, or with the error of ctx
// when that is done. It does not poll: the kernel says when a file appears
// beside the socket (inotify(7)).
func (c Client) Await(ctx context.Context) error {
	f, err := watchFolder(filepath.Dir(c.Path))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	stop := context.AfterFunc(ctx, func() { _ = f.Close() })
	defer stop()
	err = c.await(ctx, f)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// await tries to connect after each event. A socket is there a moment before
// somebody listens on it, so the first tries after an event are timed, until
// they are too far apart.
func (c Client) await(ctx context.Context, events *os.File) error {
	const first, longest = 10 * time.Millisecond, time.Second
	buf, again := make([]byte, 4096), first
	for {
		conn, err := c.dial(ctx)
		if err == nil {
			return conn.Close()
		}
		if !errors.Is(err, ErrNotRunning) {
			return err
		}
		var deadline time.Time
		if again <= longest {
			deadline = time.Now().Add(again)
		}
		if err := events.SetReadDeadline(deadline); err != nil {
			return err
		}
		switch _, err = events.Read(buf); {
		case err == nil:
			again = first
		case errors.Is(err, os.ErrDeadlineExceeded):
			again *= 2
		default:
			return err
		}
	}
}

// watchFolder returns a file that can be read when a file appears in dir.
func watchFolder(dir string) (*os.File, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_CREATE|unix.IN_MOVED_TO|unix.IN_ONLYDIR); err != nil {
		_ = unix.Close(fd) // it was never used
		return nil, &fs.PathError{Op: "watch", Path: dir, Err: err}
	}
	return os.NewFile(uintptr(fd), "inotify"), nil
}
