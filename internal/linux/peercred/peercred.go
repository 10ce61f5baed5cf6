// Package peercred accepts the clients of a Unix socket, and finds which process has the
// other end.
package peercred

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// Accept returns the next client of l, a *net.UnixListener. If that fails because no file
// descriptor or memory is free (accept(2)), it logs so once, and tries again until a client
// is there. It returns an error if l is closed or ctx is done.
func Accept(ctx context.Context, l interface{ AcceptUnix() (*net.UnixConn, error) }, log *slog.Logger) (*net.UnixConn, error) {
	for ; ; log = slog.New(slog.DiscardHandler) { // it was said
		conn, err := l.AcceptUnix()
		if err == nil || ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return conn, err
		}
		log.Warn("clients are not accepted for now", "err", err)
		_ = clock.Sleep(ctx, 100*time.Millisecond) // if ctx is done, AcceptUnix returns: the caller closes l
	}
}

// Read returns the credentials of the process at the other end of a Unix socket:
// the process that called connect, or that called listen (SO_PEERCRED of unix(7)).
// In another user or process namespace the numbers are those of this namespace.
func Read(conn *net.UnixConn) (syscall.Ucred, error) {
	var peer *syscall.Ucred
	raw, err := conn.SyscallConn()
	if err == nil {
		var failed error
		err = raw.Control(func(fd uintptr) {
			peer, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		})
		err = errors.Join(err, os.NewSyscallError("getsockopt", failed))
	}
	if err != nil {
		return syscall.Ucred{}, fmt.Errorf("read peer credentials: %w", err)
	}
	return *peer, nil
}
