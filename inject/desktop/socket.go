package desktop

import (
	"context"
	"encoding/json"
	"io"
	"net"
)

// A socket is a connection that ends with its context.
type socket struct {
	net.Conn
	stop func() bool
}

// dialSocket connects to a desktop's own socket until ctx is done.
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

// askSocket sends a question and reads the answer, which is JSON.
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
