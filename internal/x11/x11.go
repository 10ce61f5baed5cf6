// Package x11 connects to an X server of this machine with a given cookie. The library for
// the protocol reads the cookie that the environment names, and a service that was started
// before the session has no such environment.
package x11

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/jezek/xgb"
)

// Dial connects to a display such as ":0" with the cookie in an Xauthority
// file, or without a cookie if authority is empty. Close the net.Conn to end the
// connection and the goroutines of the library.
func Dial(ctx context.Context, display, authority string) (*xgb.Conn, net.Conn, error) {
	number, err := Number(display)
	if err != nil {
		return nil, nil, err
	}
	var cookie []byte
	if authority != "" {
		if cookie, err = readCookie(authority, number); err != nil {
			return nil, nil, err
		}
	}
	sock, err := dial(ctx, number)
	if err != nil {
		return nil, nil, err
	}
	xgb.Logger.SetOutput(io.Discard) // it prints the errors that it also returns
	stop := context.AfterFunc(ctx, func() { _ = sock.Close() })
	conn, err := xgb.NewConnNet(&greeter{Conn: sock, cookie: cookie})
	if !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = sock.Close()
		return nil, nil, fmt.Errorf("greet display :%d: %w", number, err)
	}
	return conn, sock, nil
}

// Number returns the 1 of ":1", ":1.0" or "unix:1".
func Number(display string) (int, error) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(display, "unix"), ":")
	rest, _, _ = strings.Cut(rest, ".")
	n, err := strconv.ParseUint(rest, 10, 16)
	if !ok || err != nil {
		return 0, fmt.Errorf("display %q is not one of this machine, such as :0", display)
	}
	return int(n), nil
}

// dial connects to either socket of a display, as Xlib does.
func dial(ctx context.Context, number int) (net.Conn, error) {
	path := "/tmp/.X11-unix/X" + strconv.Itoa(number)
	var d net.Dialer
	sock, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		if abstract, e := d.DialContext(ctx, "unix", "@"+path); e == nil {
			return abstract, nil
		}
	}
	return sock, err
}

const cookieName = "MIT-MAGIC-COOKIE-1"

func readCookie(authority string, number int) ([]byte, error) {
	file, err := os.ReadFile(authority)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	return findCookie(file, host, number), nil
}

// findCookie returns the cookie for a display in an Xauthority file, nil if it
// has none. The file is a row of family, address, number, name and data, all
// but the first with a length before it, in big endian. Source: Xauth(3).
func findCookie(file []byte, host string, number int) []byte {
	const local, wild = 256, 65535
	for len(file) >= 2 {
		family := binary.BigEndian.Uint16(file)
		file = file[2:]
		var part [4][]byte
		for i := range part {
			if len(file) < 2 {
				return nil
			}
			n := int(binary.BigEndian.Uint16(file))
			if len(file) < 2+n {
				return nil
			}
			part[i], file = file[2:2+n], file[2+n:]
		}
		here := family == wild || family == local && string(part[0]) == host
		this := len(part[1]) == 0 || string(part[1]) == strconv.Itoa(number)
		if here && this && string(part[2]) == cookieName {
			return part[3]
		}
	}
	return nil
}

// A greeter is a connection that replaces the first message of the library by one with
// the cookie. Source: X Window System Protocol, 8.
type greeter struct {
	net.Conn
	cookie  []byte
	greeted bool
}

func (g *greeter) Write(b []byte) (int, error) {
	if g.greeted {
		return g.Conn.Write(b)
	}
	g.greeted = true
	if _, err := g.Conn.Write(greeting(g.cookie)); err != nil {
		return 0, err
	}
	return len(b), nil
}

func greeting(cookie []byte) []byte {
	name := cookieName
	if cookie == nil {
		name = ""
	}
	var b bytes.Buffer
	b.Write([]byte{'l', 0, 11, 0, 0, 0}) // little endian, version 11.0
	b.Write([]byte{byte(len(name)), 0, byte(len(cookie)), byte(len(cookie) >> 8), 0, 0})
	for _, part := range []string{name, string(cookie)} {
		b.WriteString(part)
		b.Write(make([]byte, -len(part)&3))
	}
	return b.Bytes()
}
