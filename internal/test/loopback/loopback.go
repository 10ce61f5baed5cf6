// Package loopback finds free addresses for the servers of tests.
package loopback

import "net"

// FreeAddr returns an address of the loopback interface whose TCP port is free, as
// HOST:PORT. The port stays free only until some program listens there.
func FreeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
