package whisper

import (
	"io"
	"net"
)

// writeBuffer is how much net/http may gather before it is sent, in bytes: the
// head of a request. What is gathered stays in memory, and is speech otherwise.
const writeBuffer = 512

// A wipingConn is a connection that keeps no copy of what went out: net/http would
// leave the second that was sent last in a buffer.
type wipingConn struct{ net.Conn }

// ReadFrom implements io.ReaderFrom.
func (s wipingConn) ReadFrom(r io.Reader) (int64, error) {
	b := make([]byte, 32<<10)
	defer clear(b)
	return io.CopyBuffer(struct{ io.Writer }{s.Conn}, struct{ io.Reader }{r}, b)
}
