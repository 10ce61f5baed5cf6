// Package tcpowner finds which users own the other end of a loopback TCP
// connection.
package tcpowner

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// tcpListen is the state of a socket that listens (include/net/tcp_states.h).
const tcpListen = "0A"

// noInode is the inode of a connection that the server has not accepted yet, or
// has already closed. The kernel then shows user 0, or in a user namespace the
// overflow user. Neither identifies an owner, so the connection counts as root's.
const noInode = "0"

// Listeners returns the users who own the other end of a loopback connection from
// the address here to the address there. These are the users whose processes
// listen at there, and the user whose process accepted the connection. Both are
// needed: a server can accept a connection and close its listening socket at once,
// and a connection has an owner only after it was accepted.
//
// Without an error, no users means that the port is served from outside this
// network namespace, for example by a container to which packets are redirected.
//
// Listeners reads /proc/self/net/tcp and /proc/self/net/tcp6 (proc_pid_net(5)). A
// sandbox with ProcSubset=pid leaves these visible.
func Listeners(here, there netip.AddrPort) ([]int, error) {
	var users []int
	for _, name := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		f, err := os.Open(name)
		if err != nil {
			if name == "/proc/self/net/tcp6" {
				continue // a kernel without IPv6
			}
			return nil, err
		}
		found, err := owners(f, here, there)
		_ = f.Close() // it was only read
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		users = append(users, found...)
	}
	return users, nil
}

// owners is Listeners for one table of sockets.
func owners(r io.Reader, here, there netip.AddrPort) ([]int, error) {
	var users []int
	lines := bufio.NewScanner(r)
	lines.Scan() // the heading
	for lines.Scan() {
		// sl local remote state tx:rx tr:when retransmits uid timeout inode …
		f := strings.Fields(lines.Text())
		if len(f) < 10 {
			continue
		}
		local, err := parseSocket(f[1])
		if err != nil {
			return nil, err
		}
		if local.Port() != there.Port() {
			continue
		}
		remote, err := parseSocket(f[2])
		if err != nil {
			return nil, err
		}
		listens := f[3] == tcpListen && (local.Addr() == there.Addr().Unmap() || local.Addr().IsUnspecified())
		accepted := remote == netip.AddrPortFrom(here.Addr().Unmap(), here.Port())
		if !listens && !accepted {
			continue
		}
		if f[9] == noInode {
			users = append(users, 0)
			continue
		}
		user, err := strconv.Atoi(f[7])
		if err != nil {
			return nil, fmt.Errorf("user %q", f[7])
		}
		users = append(users, user)
	}
	return users, lines.Err()
}

// parseSocket parses ADDRESS:PORT in hexadecimal. The address is a sequence of
// 32-bit words in the byte order of the machine.
func parseSocket(s string) (netip.AddrPort, error) {
	address, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(address)
	p, err2 := strconv.ParseUint(port, 16, 16)
	if err != nil || err2 != nil || len(b)%4 != 0 {
		return netip.AddrPort{}, fmt.Errorf("socket %q", s)
	}
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	ip, ok := netip.AddrFromSlice(b)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("socket %q", s)
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(p)), nil
}
