package clipboard

import (
	"context"
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/wayland"
)

// A compositor is as much of one as data-control needs. It ends the connection at a
// request to an object that is gone, as libwayland does (WL_DISPLAY_ERROR_INVALID_OBJECT).
type compositor struct {
	sock    *net.UnixConn
	objects map[uint32]string
	onRecv  func(c *compositor, offer uint32, fd int)
	invalid []uint32
}

func (c *compositor) event(object uint32, opcode uint16, args ...any) {
	b := make([]byte, 8)
	for _, a := range args {
		switch a := a.(type) {
		case uint32:
			b = binary.NativeEndian.AppendUint32(b, a)
		case string:
			b = binary.NativeEndian.AppendUint32(b, uint32(len(a)+1))
			b = append(append(b, a...), 0)
			for len(b)%4 != 0 {
				b = append(b, 0)
			}
		}
	}
	binary.NativeEndian.PutUint32(b, object)
	binary.NativeEndian.PutUint32(b[4:], uint32(len(b))<<16|uint32(opcode))
	_, _ = c.sock.Write(b)
}

func (c *compositor) offer(device, id uint32, names ...string) {
	c.objects[id] = "offer"
	c.event(device, 0, id)
	for _, n := range names {
		c.event(id, 0, n)
	}
	c.event(device, 1, id)
}

func (c *compositor) serve(ready func(device uint32)) {
	c.objects = map[uint32]string{1: "display"}
	var in []byte
	var fds []int
	buf, oob := make([]byte, 4096), make([]byte, 256)
	for {
		n, oobn, _, _, err := c.sock.ReadMsgUnix(buf, oob)
		if err != nil || n == 0 {
			return
		}
		if ms, err := unix.ParseSocketControlMessage(oob[:oobn]); err == nil {
			for _, m := range ms {
				got, _ := unix.ParseUnixRights(&m)
				fds = append(fds, got...)
			}
		}
		in = append(in, buf[:n]...)
		for len(in) >= 8 {
			id, w := binary.NativeEndian.Uint32(in), binary.NativeEndian.Uint32(in[4:])
			size := int(w >> 16)
			if len(in) < size {
				break
			}
			args, op := in[8:size], uint16(w)
			u := func(i int) uint32 { return binary.NativeEndian.Uint32(args[4*i:]) }
			switch c.objects[id] {
			case "":
				c.invalid = append(c.invalid, id)
				c.event(1, 0, uint32(1), uint32(0), "invalid object")
				_ = c.sock.Close()
				return
			case "display":
				if op == 0 {
					c.event(u(0), 0, uint32(0))
					c.event(1, 1, u(0))
				} else {
					c.objects[u(0)] = "registry"
					c.event(u(0), 0, uint32(1), "wl_seat", uint32(7))
					c.event(u(0), 0, uint32(2), "ext_data_control_manager_v1", uint32(1))
				}
			case "registry":
				c.objects[u(len(args)/4-1)] = map[uint32]string{1: "seat", 2: "manager"}[u(0)]
			case "manager":
				if op == managerGetDevice {
					c.objects[u(0)] = "device"
					ready(u(0))
				} else {
					c.objects[u(0)] = "source"
				}
			case "offer":
				if op == offerDestroy {
					delete(c.objects, id)
				} else {
					fd := fds[0]
					fds = fds[1:]
					c.onRecv(c, id, fd)
				}
			}
			in = in[size:]
		}
	}
}

// TestSelectionChangesDuringLoad: the user copies something while the old selection is
// read. Nothing is asked of an offer that was given back, and what was copied last counts.
func TestSelectionChangesDuringLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wayland")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	conn, err := wayland.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	sock, err := l.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	var device uint32
	c, first := &compositor{sock: sock}, true
	c.onRecv = func(c *compositor, offer uint32, fd int) {
		f := os.NewFile(uintptr(fd), "pipe")
		text := "new"
		if offer == 0xff000000 {
			text = "old"
		}
		if first {
			first = false
			c.offer(device, 0xff000001, "text/plain")
		}
		_, _ = f.WriteString(text)
		_ = f.Close()
	}
	var served sync.WaitGroup
	served.Go(func() {
		c.serve(func(id uint32) {
			device = id
			c.offer(id, 0xff000000, "text/plain", "text/html", "UTF8_STRING")
		})
	})
	d := newDataControl(conn, make(chan event, 8))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	served.Go(func() { _ = d.run(ctx) })
	if err := d.start(ctx); err != nil {
		t.Fatal(err)
	}
	content, err := d.load(ctx, clipboard, func() {})
	if f, _ := content.find("text/plain"); err != nil || len(content) != 1 || string(f.data) != "new" {
		t.Errorf("loaded %d forms, the text %q, %v", len(content), f.data, err)
	}
	if err := d.own(ctx, clipboard, textContent("dictated"), 1); err != nil {
		t.Errorf("the dictated text cannot be offered any more: %v", err)
	}
	cancel()
	served.Wait()
	for _, id := range c.invalid {
		t.Errorf("request to object %#x, which was destroyed", id)
	}
	if c.objects[0xff000000] != "" {
		t.Error("the old offer was not given back")
	}
}
