package paste

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

// dialX11 connects to a display of this machine. The library takes the cookie
// from the file that its environment names, which is not that of the session
// when we were started before it; so it is given a connection that knows
// better.
func dialX11(ctx context.Context, d Display) (*xgb.Conn, net.Conn, error) {
	number, err := displayNumber(d.X11)
	if err != nil {
		return nil, nil, err
	}
	var cookie []byte
	if d.Authority != "" {
		file, err := os.ReadFile(d.Authority)
		if err != nil {
			return nil, nil, err
		}
		host, err := os.Hostname()
		if err != nil {
			return nil, nil, err
		}
		cookie = findCookie(file, host, number)
	}
	sock, err := dialDisplay(ctx, number)
	if err != nil {
		return nil, nil, err
	}
	xgb.Logger.SetOutput(io.Discard) // it writes to standard error what it also returns
	stop := context.AfterFunc(ctx, func() { _ = sock.Close() })
	x, err := xgb.NewConnNet(&greeter{Conn: sock, cookie: cookie})
	if !stop() || err != nil {
		_ = sock.Close()
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, nil, fmt.Errorf("greet display :%d: %w", number, err)
	}
	return x, sock, nil
}

// displayNumber returns the 1 of ":1" or ":1.0".
func displayNumber(display string) (int, error) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(display, "unix"), ":")
	rest, _, _ = strings.Cut(rest, ".")
	n, err := strconv.ParseUint(rest, 10, 16)
	if !ok || err != nil {
		return 0, fmt.Errorf("display %q is not one of this machine, such as :0", display)
	}
	return int(n), nil
}

// dialDisplay connects to either socket of a display, as Xlib does.
func dialDisplay(ctx context.Context, number int) (net.Conn, error) {
	path := "/tmp/.X11-unix/X" + strconv.Itoa(number)
	var dialer net.Dialer
	sock, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		if abstract, e := dialer.DialContext(ctx, "unix", "@"+path); e == nil {
			return abstract, nil
		}
	}
	return sock, err
}

const cookieName = "MIT-MAGIC-COOKIE-1"

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

// A greeter is a connection that replaces the first message, which is the
// library's, by one with our cookie. Source: X Window System Protocol, 8.
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
