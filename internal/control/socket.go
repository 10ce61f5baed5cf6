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

// A Socket is the place of the one daemon: a listening unix socket and the
// lock beside it. Listen and Adopt make one, Close or a Run that ends gives it
// up.
type Socket struct {
	*net.UnixListener
	lock *os.File
}

// Listen takes the place at path, mode 0600 from the first moment. A socket
// that nobody listens on is replaced. If a daemon is there the error has
// ErrRunning in it.
//
// The lock is path with .lock in place of .sock. It is never removed: whoever
// removes a lock file may remove one that another has just locked.
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

// Adopt takes the place at a socket that the service manager listens on;
// closing it leaves it in the file system. If a daemon is there already the
// error has ErrRunning in it.
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

// Close gives up the place.
func (s *Socket) Close() error {
	err := s.UnixListener.Close() // removes the socket while it is still locked
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return errors.Join(err, s.lock.Close())
}

// takeLock locks the file beside path, and writes there who did, for people.
func takeLock(path string) (*os.File, error) {
	name := strings.TrimSuffix(path, ".sock") + ".lock"
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	err = flock(f)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = fmt.Errorf("%w: %s", ErrRunning, holder(f, name))
	} else if err == nil {
		err = sign(f)
	}
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, err
	}
	return f, nil
}

func flock(f *os.File) error {
	for {
		// An interrupted call is tried again; see flock(2).
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != unix.EINTR {
			return err
		}
	}
}

func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder says who has locked f.
func holder(f *os.File, name string) string {
	b, err := io.ReadAll(io.LimitReader(f, 32))
	if pid, bad := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && bad == nil {
		return fmt.Sprintf("process %d", pid)
	}
	return name + " is locked"
}

// bind listens at path, in the place of a socket that nobody listens on. The
// caller has the lock, so no other vocoder does the same.
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

// private sets the mode of a socket before it is bound. Linux makes its file
// with that mode, less the umask, so there is no moment at which another user
// could connect. The usual way, a umask around bind, would also change the
// mode of any file that another goroutine makes meanwhile.
func private(_, _ string, c syscall.RawConn) error {
	var err error
	if e := c.Control(func(fd uintptr) { err = unix.Fchmod(int(fd), 0o600) }); e != nil {
		return e
	}
	return os.NewSyscallError("fchmod", err)
}

// removeDead removes the socket at path unless somebody listens on it.
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

// probe returns EPROTOTYPE if a stream socket is open at path and ECONNREFUSED
// if none is. It connects with a socket of another type: that is told from a
// dead socket before it could reach anybody, so it wakes no service that waits
// to be started by a connection. Source: unix(7), connect(2), and
// unix_find_bsd in net/unix/af_unix.c.
func probe(path string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }() // nothing went through it
	return unix.Connect(fd, &unix.SockaddrUnix{Name: path})
}
