package whisper

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/arealicehole/vocoder/internal/linux/peercred"
	"github.com/arealicehole/vocoder/internal/linux/tcpowner"
)

// maxKey limits an API key and maxCA a file of certificates, in bytes.
const (
	maxKey = 4 << 10
	maxCA  = 4 << 20
)

// trust returns the settings of TLS: which certificates of servers are accepted.
func (c Config) trust() (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile == "" {
		return t, nil
	}
	pem, _, err := readFile(c.CAFile, maxCA)
	if err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read certificates: %s holds none in PEM form", c.CAFile)
	}
	return t, nil
}

// apiKey reads the key that the settings name, or returns "" if they name none. Its
// errors contain nothing of the file.
func (c Config) apiKey() (string, error) {
	name := cmp.Or(c.KeyFile, c.Credential)
	if name == "" {
		return "", nil
	}
	b, info, err := readFile(name, maxKey)
	if err != nil {
		return "", fmt.Errorf("read API key: %w", err)
	}
	if c.KeyFile != "" {
		if err := private(info); err != nil {
			return "", fmt.Errorf("read API key: %s %w", name, err)
		}
	}
	key := strings.TrimSpace(string(b))
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("read API key: %s must hold one line with the key alone", name)
	}
	return key, nil
}

// private returns an error unless the file belongs to this user or to root, and other
// users cannot read or change it.
func private(info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("belongs to user %d, want this user", stat.Uid)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("has mode %04o, want 0600: others can read it", mode)
	}
	return nil
}

// readFile reads a regular file of at most limit bytes, without the byte order mark that
// programs of Windows begin it with. It does not wait for the writer of a named pipe.
func readFile(name string, limit int64) ([]byte, fs.FileInfo, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s is not a regular file", name)
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s is longer than %d bytes", name, limit)
	}
	return bytes.TrimPrefix(b, []byte("\ufeff")), info, err
}

// verifyPeer returns an error unless the other end of a connection without TLS is
// on this machine and belongs to root, this user or one of Owners. Any user can
// bind a free port, and would then receive the user's speech and choose what is
// typed.
func (c Config) verifyPeer(conn net.Conn) error {
	switch conn := conn.(type) {
	case *net.UnixConn:
		peer, err := peercred.Read(conn)
		if err != nil {
			return err
		}
		return c.allow(int(peer.Uid))
	case *net.TCPConn:
		return c.verifyPort(conn)
	}
	return &Error{Kind: NotOurs, Why: "its owner cannot be found out"}
}

func (c Config) verifyPort(conn *net.TCPConn) error {
	here, ok1 := conn.LocalAddr().(*net.TCPAddr)
	there, ok2 := conn.RemoteAddr().(*net.TCPAddr)
	if !ok1 || !ok2 || !there.IP.IsLoopback() {
		return &Error{Kind: Unreachable, Why: "its name leads to another machine, and speech in the clear stays on this one"}
	}
	users, err := tcpowner.Listeners(here.AddrPort(), there.AddrPort())
	if err != nil {
		c.Log.Warn("cannot see who owns the recognizer's port", "err", err)
		return nil
	}
	for _, user := range users {
		if err := c.allow(user); err != nil {
			return err
		}
	}
	return nil
}

// allow returns an error unless the user may run the recognizer.
func (c Config) allow(user int) error {
	if user == 0 || user == os.Geteuid() || slices.Contains(c.Owners, user) {
		return nil
	}
	return &Error{Kind: NotOurs, Why: fmt.Sprintf("user %d listens there", user)}
}
