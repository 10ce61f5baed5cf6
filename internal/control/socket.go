package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Socket is the listening unix socket of a daemon, with a lock file next to it. Only one
// daemon can have it. Close or the end of Server.Run releases it.
type Socket struct {
	*net.UnixListener
	lock *os.File
}

// Listen makes the socket at path, with mode 0600 from the beginning. It replaces a socket
// on which no process listens. If a daemon runs, the error wraps ErrRunning.
//
// The lock file has .lock in place of .sock. No daemon removes it, because another daemon
// may have locked it in the meantime.
func Listen(path string) (*Socket, error) {
	lock, err := takeLock(path)
	if err != nil {
		return nil, err
	}
	l, err := bind(path)
	if err != nil {
		_ = lock.Close() // nothing was written
		return nil, err
	}
	return &Socket{l, lock}, nil
}

// Adopt locks a socket on which systemd listens. Close leaves it in the file system. If a
// daemon runs already, the error wraps ErrRunning.
func Adopt(l net.Listener) (*Socket, error) {
	u, ok := l.(*net.UnixListener)
	if !ok || !filepath.IsAbs(l.Addr().String()) {
		return nil, fmt.Errorf("adopt socket %s %s: want a unix stream socket with a path", l.Addr().Network(), l.Addr())
	}
	lock, err := takeLock(l.Addr().String())
	if err != nil {
		return nil, err
	}
	u.SetUnlinkOnClose(false)
	return &Socket{u, lock}, nil
}

// Close closes the socket and releases the lock.
func (s *Socket) Close() error {
	err := s.UnixListener.Close() // removes the socket while it is still locked
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errors.Join(err, s.lock.Close())
}

// takeLock locks the lock file of path, and writes our process ID into it for people.
func takeLock(path string) (*os.File, error) {
	name := strings.TrimSuffix(path, ".sock") + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	for err = unix.EINTR; err == unix.EINTR; { // try an interrupted call again; see flock(2)
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = fmt.Errorf("%w: %s", ErrRunning, holder(f, name))
	} else if err == nil {
		err = writePID(f)
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, err
	}
	return f, nil
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder describes the process that has locked f.
func holder(f *os.File, name string) string {
	b, err := io.ReadAll(io.LimitReader(f, 32))
	if pid, bad := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && bad == nil {
		return fmt.Sprintf("process %d", pid)
	}
	return name + " is locked"
}

// bind listens at path. It replaces a socket on which no process listens. The caller has
// the lock, so that no other vocoder does the same.
func bind(path string) (*net.UnixListener, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode().Type() != fs.ModeSocket:
		return nil, fmt.Errorf("listen on %s: it is there and is not a socket", path)
	default:
		if err := removeDead(path); err != nil {
			return nil, err
		}
	}
	lc := net.ListenConfig{Control: private}
	l, err := lc.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	info, err = os.Lstat(path)
	if err == nil && info.Mode().Perm() != 0o600 {
		err = fmt.Errorf("listen on %s: mode is %#o, want 0600", path, info.Mode().Perm())
	}
	if err != nil {
		_ = l.Close() // it was never used
		return nil, err
	}
	return l.(*net.UnixListener), nil
}

// private sets the mode of a socket before bind. Linux makes its file with that mode,
// without the bits of the umask, so that other users can never connect. A umask around bind
// would also change the mode of files that other goroutines make at the same time.
func private(_, _ string, c syscall.RawConn) error {
	var err error
	if e := c.Control(func(fd uintptr) { err = unix.Fchmod(int(fd), 0o600) }); e != nil {
		return e
	}
	return os.NewSyscallError("fchmod", err)
}

// removeDead removes the socket at path unless a process listens on it.
func removeDead(path string) error {
	switch err := probe(path); {
	case errors.Is(err, unix.EPROTOTYPE):
		return fmt.Errorf("%w, or vocoder.socket holds its place: %s is in use", ErrRunning, path)
	case errors.Is(err, unix.ECONNREFUSED):
		return os.Remove(path)
	case errors.Is(err, unix.ENOENT):
		return nil
	default:
		return fmt.Errorf("look at %s: %w", path, err)
	}
}

// probe returns EPROTOTYPE if a process listens on the stream socket at path, and
// ECONNREFUSED if none does. It tries to connect with a socket of the wrong type, which the
// kernel refuses before the listener sees it. So it does not start a service that waits for
// a connection. Source: unix(7), connect(2), and unix_find_bsd in net/unix/af_unix.c.
func probe(path string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }() // nothing went through it
	return unix.Connect(fd, &unix.SockaddrUnix{Name: path})
}
