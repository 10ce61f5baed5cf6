package whisper

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"slices"
	"testing"
)

// A spy reads from its Reader and remembers the buffers.
type spy struct {
	io.Reader
	given []byte
}

func (s *spy) Read(p []byte) (int, error) {
	s.given = p
	return s.Reader.Read(p)
}

// TestWipingConn checks that a wipingConn keeps nothing that it sent in memory.
func TestWipingConn(t *testing.T) {
	near, far := net.Pipe()
	got := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(far)
		got <- b
	}()
	want := bytes.Repeat([]byte("said"), 20_000)
	r := &spy{Reader: bytes.NewReader(want)}
	n, err := wipingConn{near}.ReadFrom(r)
	if err != nil || n != int64(len(want)) {
		t.Errorf("sent %d bytes, %v", n, err)
	}
	_ = near.Close()
	if !bytes.Equal(<-got, want) {
		t.Error("something else came")
	}
	if slices.ContainsFunc(r.given, func(b byte) bool { return b != 0 }) {
		t.Error("the buffer holds what was sent")
	}
}

// TestWyomingIsWiped checks that no sound stays in the buffer of a connection of Wyoming.
func TestWyomingIsWiped(t *testing.T) {
	w := bufio.NewWriterSize(io.Discard, 16<<10)
	if err := client(t).pool.all[0].sendQuestion(w, question{clip: speech(1000)}); err != nil {
		t.Fatal(err)
	}
	b := w.AvailableBuffer()
	if b = b[:cap(b)]; len(b) != 16<<10 || len(bytes.Trim(b, "\x00")) > 0 {
		t.Errorf("%d bytes are left in a buffer of %d", len(bytes.Trim(b, "\x00")), len(b))
	}
}
