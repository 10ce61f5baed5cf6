package clipboard

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/wayland"
)

// TestCancelledTwice is KWin 6.3, which says twice that a source is cancelled,
// and ends the connection of who destroys it twice: the old clipboard, put back a
// moment before, was gone with it.
func TestCancelledTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wayland")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	conn, err := wayland.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	compositor, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	d := newDataControl(conn, make(chan event, 2))
	src := &source{id: 6, selection: clipboard}
	d.sources[clipboard] = src
	for range 2 {
		d.sourceEvent(src, &wayland.Event{Opcode: 1})
	}
	if d.owned(clipboard) {
		t.Error("it is still owned")
	}
	ended, end := context.WithCancel(t.Context())
	end()
	_ = d.run(ended) // closes the connection
	got, err := io.ReadAll(compositor)
	if err != nil {
		t.Fatal(err)
	}
	want := binary.NativeEndian.AppendUint32(binary.NativeEndian.AppendUint32(nil, 6), 8<<16|sourceDestroy)
	if !slices.Equal(got, want) {
		t.Errorf("sent %d, want %d", got, want)
	}
}
