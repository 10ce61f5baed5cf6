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
	var peer *syscall.Ucred
	raw, err := conn.SyscallConn()
	if err == nil {
		var failed error
		err = raw.Control(func(fd uintptr) {
			peer, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		})
		if err == nil {
			err = os.NewSyscallError("getsockopt", failed)
		}
	}
	if err != nil {
		return syscall.Ucred{}, fmt.Errorf("read peer credentials: %w", err)
	}
	return *peer, nil
}
