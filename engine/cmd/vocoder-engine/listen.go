package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"

	"github.com/coreos/go-systemd/v22/activation"

	"github.com/arealicehole/vocoder/internal/usage"
)

// handed returns the sockets that systemd passes (sd_listen_fds(3)). There are none if
// systemd did not start this process for a socket.
func handed() ([]net.Listener, error) {
	all, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("take sockets of systemd: %w", err)
	}
	for _, l := range all {
		if l == nil {
			return nil, errors.New("take sockets of systemd: one is no stream socket that listens")
		}
		if err := local(l.Addr()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// listenAll returns the sockets of systemd. If there are none, it returns a socket at
// addr.
func listenAll(ctx context.Context, addr string) ([]net.Listener, error) {
	all, err := handed()
	if err != nil || len(all) > 0 {
		return all, err
	}
	l, err := listen(ctx, addr)
	return []net.Listener{l}, err
}

// listen returns a socket at addr: a loopback address with its port, or
// unix:PATH.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok && path != "" {
		return listenUnix(ctx, path)
	}
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, usage.Errorf("--addr %q: want a loopback address with its port, such as 127.0.0.1:8771, or unix:PATH", addr)
	}
	if err := local(tcp); err != nil {
		return nil, err
	}
	var c net.ListenConfig
	return c.Listen(ctx, "tcp", tcp.String())
}

// local returns an error for an address that other machines can reach: the server does
// not authenticate clients.
func local(a net.Addr) error {
	if tcp, ok := a.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		return usage.Errorf("listen on %s: not a loopback address, which is all that vocoder-engine listens on", a)
	}
	return nil
}

// listenUnix creates a socket that only its owner can use. It replaces the socket of a
// process that has ended.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	var d net.Dialer
	if c, err := d.DialContext(ctx, "unix", path); err == nil {
		_ = c.Close()
		return nil, fmt.Errorf("listen on %s: another process does", path)
	}
	info, err := os.Lstat(path)
	if err == nil && info.Mode().Type() == fs.ModeSocket {
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove old socket: %w", err)
	}
	var c net.ListenConfig
	l, err := c.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, 0o600)
}
