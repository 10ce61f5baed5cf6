// Package accept fails to accept connections, for tests.
package accept

import (
	"net"

	"golang.org/x/sys/unix"
)

// A Failing is a listener that fails in the ways of accept(2), and then accepts connections.
type Failing struct {
	*net.UnixListener
	failures int
}

var failures = []error{unix.ENFILE, unix.EMFILE, unix.ENOBUFS}

// AcceptUnix is that of net.UnixListener, after the failures.
func (f *Failing) AcceptUnix() (*net.UnixConn, error) {
	if f.failures < len(failures) {
		f.failures++
		return nil, failures[f.failures-1]
	}
	return f.UnixListener.AcceptUnix()
}
