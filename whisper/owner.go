package whisper

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

// The states of a TCP socket that matter here (include/net/tcp_states.h).
const tcpListen = "0A"

// nobodys is the inode of a socket that nobody accepted yet, or that nobody has
// any more. The table says that it belongs to user 0, and within a user namespace
// that it does to nobody, so it proves nothing by itself and counts as root's.
const nobodys = "0"

// listeners returns the users who own the other end of a loopback connection:
// those who listen at there, and the one who has accepted what came from here.
// There are none if the port is served from elsewhere, such as a container that
// packets are redirected to. It reads /proc/self/net/tcp and tcp6, which /proc/net
// links to and a sandbox with ProcSubset=pid leaves: proc_pid_net(5).
//
// Both are needed: a listener may accept and close its port at once, and an
// owner is only known of what was accepted.
func listeners(here, there netip.AddrPort) ([]int, error) {
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

// owners is the part of listeners that reads one table.
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
		if f[9] == nobodys {
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

// parseSocket reads ADDRESS:PORT in hex, where the address is 32-bit words in
// the order of the machine.
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
