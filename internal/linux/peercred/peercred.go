// Package peercred finds which process has the other end of a Unix socket.
package peercred

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// Read returns the credentials of the process at the other end of a Unix socket:
// the process that called connect, or that called listen (SO_PEERCRED of unix(7)).
// In another user or process namespace the numbers are those of this namespace.
func Read(conn *net.UnixConn) (syscall.Ucred, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return syscall.Ucred{}, fmt.Errorf("read peer credentials: %w", err)
	}
	var peer *syscall.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		peer, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return syscall.Ucred{}, fmt.Errorf("read peer credentials: %w", err)
	}
	if failed != nil {
		return syscall.Ucred{}, fmt.Errorf("read peer credentials: %w", os.NewSyscallError("getsockopt", failed))
	}
	return *peer, nil
}
