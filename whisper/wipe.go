package whisper

import (
	"io"
	"net"
)

// writeBuffer is the size of net/http's write buffer, in bytes. It holds the head of a
// request. A larger buffer would also hold speech, and net/http does not wipe it.
const writeBuffer = 512

// A wipingConn is a connection that keeps no copy of what was sent. Without it,
// net/http leaves the last second of speech in a buffer.
type wipingConn struct{ net.Conn }

// ReadFrom implements io.ReaderFrom.
func (s wipingConn) ReadFrom(r io.Reader) (int64, error) {
	b := make([]byte, 32<<10)
	defer clear(b)
	return io.CopyBuffer(struct{ io.Writer }{s.Conn}, struct{ io.Reader }{r}, b)
}
