package session

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"
)

// connect connects to the system bus. Every user may send a signal to this connection,
// of up to 32 MiB and with open files: system.conf of dbus-daemon(1). So the connection
// does not negotiate files, and a boundedConn drops what is too long.
func connect(ctx context.Context, handler dbus.SignalHandler) (*dbus.Conn, error) {
	address := cmp.Or(os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"), "unix:path=/run/dbus/system_bus_socket")
	path, err := socketPath(address)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: replyTimeout}
	socket, err := dialer.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := socket.SetDeadline(time.Now().Add(replyTimeout)); err != nil {
		_ = socket.Close() // nothing was written
		return nil, err
	}
	conn, err := dbus.NewConn(&boundedConn{Conn: socket}, dbus.WithContext(ctx), dbus.WithSignalHandler(handler))
	if err != nil {
		_ = socket.Close() // nothing was written
		return nil, err
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err == nil {
		err = socket.SetDeadline(time.Time{})
	}
	if err != nil {
		_ = conn.Close() // err says why
		return nil, err
	}
	return conn, nil
}

// socketPath returns the socket of a bus address ("Server Addresses" of the D-Bus
// specification). It knows those of type unix.
func socketPath(address string) (string, error) {
	for one := range strings.SplitSeq(address, ";") {
		pairs, ok := strings.CutPrefix(one, "unix:")
		if !ok {
			continue
		}
		for pair := range strings.SplitSeq(pairs, ",") {
			name, value, _ := strings.Cut(pair, "=")
			value, err := url.PathUnescape(value)
			switch {
			case err != nil:
			case name == "path":
				return value, nil
			case name == "abstract":
				return "@" + value, nil
			}
		}
	}
	return "", fmt.Errorf("address %q has no unix socket", address)
}

// maxMessage limits the length of a message, in bytes. logind's answer has about a
// hundred for each of its at most 8192 sessions. Decoded, a message takes up to twelve
// times as much.
const maxMessage = 2 << 20

// A boundedConn passes the messages of a bus on, except those longer than maxMessage.
type boundedConn struct {
	net.Conn
	begun   atomic.Bool // after the authentication, which is lines
	in      *bufio.Reader
	message io.Reader // what is left of the present one
}

// Write implements io.Writer. The library writes the last line of the authentication at
// once, and reads messages after that.
func (c *boundedConn) Write(b []byte) (int, error) {
	if string(b) == "BEGIN\r\n" {
		c.begun.Store(true)
	}
	return c.Conn.Write(b)
}

// Read implements io.Reader.
func (c *boundedConn) Read(b []byte) (int, error) {
	if !c.begun.Load() {
		return c.Conn.Read(b)
	}
	for {
		if c.message != nil {
			if n, err := c.message.Read(b); err != io.EOF {
				return n, err
			}
			c.message = nil
		}
		if err := c.next(); err != nil {
			return 0, err
		}
	}
}

// headLength is that of the part of a message that has its length: "Message Format" of
// the D-Bus specification.
const headLength = 16

// next begins the next message, or drops it.
func (c *boundedConn) next() error {
	if c.in == nil {
		c.in = bufio.NewReader(c.Conn)
	}
	head, err := c.in.Peek(headLength)
	if err != nil {
		return err
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[0] == 'B' {
		order = binary.BigEndian
	}
	body, fields := int64(order.Uint32(head[4:])), int64(order.Uint32(head[12:]))
	length := headLength + (fields+7)/8*8 + body
	if length <= maxMessage {
		c.message = io.LimitReader(c.in, length)
		return nil
	}
	_, err = io.CopyN(io.Discard, c.in, length)
	return err
}
