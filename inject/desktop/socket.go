package desktop

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"slices"
	"strings"
)

// A socket is a connection that ends when its context is done.
type socket struct {
	net.Conn
	stop func() bool
}

// dialSocket connects to the socket of a desktop's own protocol until ctx is done.
func dialSocket(ctx context.Context, path string) (*socket, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	return &socket{conn, context.AfterFunc(ctx, func() { _ = conn.Close() })}, nil
}

func (s *socket) close() {
	s.stop()
	_ = s.Close() // nothing is waiting to be written
}

// askSocket sends a question and reads the answer in JSON.
func askSocket(ctx context.Context, path, question string, answer any) error {
	conn, err := dialSocket(ctx, path)
	if err != nil {
		return err
	}
	defer conn.close()
	if _, err := io.WriteString(conn, question); err != nil {
		return err
	}
	return json.NewDecoder(io.LimitReader(conn, 1<<20)).Decode(answer)
}

// maxLine limits a line of listenSocket, in bytes. All windows of a desktop are one line.
const maxLine = 4 << 20

// listenSocket sends a request and calls touched for each line that has one of the
// prefixes.
func listenSocket(ctx context.Context, path, request string, touched func(), prefixes ...string) error {
	conn, err := dialSocket(ctx, path)
	if err != nil {
		return err
	}
	defer conn.close()
	if _, err := io.WriteString(conn, request); err != nil {
		return err
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(lines.Text(), p) }) {
			touched()
		}
	}
	return lines.Err()
}
