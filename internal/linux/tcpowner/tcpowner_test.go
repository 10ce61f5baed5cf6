package tcpowner

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
)

// The owner of a listening socket is read from the real tables.
func TestListeners(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	users, err := Listeners(conn.LocalAddr().(*net.TCPAddr).AddrPort(), conn.RemoteAddr().(*net.TCPAddr).AddrPort())
	if err != nil || !slices.Contains(users, os.Geteuid()) {
		t.Errorf("%v, %v, want user %d among them", users, err, os.Geteuid())
	}
}

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2243 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 1 1 0
   1: 00000000:2244 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
   2: 0100007F:2245 0100007F:D000 01 00000000:00000000 00:00000000 00000000  1002        0 1 1 0
   3: 0100007F:D000 0100007F:2245 01 00000000:00000000 00:00000000 00000000  1000        0 1 1 0
   4: 0100007F:2246 0100007F:D001 01 00000000:00000000 00:00000000 00000000  1003        0 1 1 0
   5: 0200007F:2247 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1004        0 1 1 0
   6: 0100007F:2249 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0
   7: 0100007F:2249 0100007F:D002 01 00000000:00000000 00:00000000 00000000 65534        0 0 1 0
`

const table6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:2243 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1005        0 1 1 0
   1: 00000000000000000000000000000000:2244 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1006        0 1 1 0
   2: 0000000000000000FFFF00000100007F:2245 0000000000000000FFFF00000100007F:D000 01 00000000:00000000 00:00000000 00000000  1007        0 1 1 0
`

func TestOwners(t *testing.T) {
	for _, tt := range []struct {
		name, here, there string
		table             string
		want              []int
	}{
		{"listens on loopback", "127.0.0.1:40000", "127.0.0.1:8771", table, []int{1001}},
		{"listens everywhere", "127.0.0.1:40000", "127.0.0.1:8772", table, []int{0}},
		{"accepted and closed its port", "127.0.0.1:53248", "127.0.0.1:8773", table, []int{1002}},
		{"accepted a different connection", "127.0.0.1:40000", "127.0.0.1:8774", table, nil},
		{"listens on a different loopback address", "127.0.0.1:40000", "127.0.0.1:8775", table, nil},
		{"no listener", "127.0.0.1:40000", "127.0.0.1:8776", table, nil},
		{"not accepted yet, seen from a sandbox", "127.0.0.1:53250", "127.0.0.1:8777", table, []int{1000, 0}},
		{"IPv6", "[::1]:40000", "[::1]:8771", table6, []int{1005}},
		{"IPv6 listens everywhere", "127.0.0.1:40000", "127.0.0.1:8772", table6, []int{1006}},
		{"IPv6 accepted IPv4", "127.0.0.1:53248", "127.0.0.1:8773", table6, []int{1007}},
	} {
		got, err := owners(strings.NewReader(tt.table), netip.MustParseAddrPort(tt.here), netip.MustParseAddrPort(tt.there))
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
}
