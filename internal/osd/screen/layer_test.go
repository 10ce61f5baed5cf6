package screen

import (
	"encoding/binary"
	"image"
	"image/color"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/osd/paint"
)

// A compositor is a fake one with layers. It answers as sway and KWin do: a surface that asks
// for all of the width gets that of the output, 1000, and others get what they ask for.
type compositor struct {
	scale uint32 // in 120ths; 0: it has no fractional scales

	mu       sync.Mutex
	requests []request
	memory   *os.File // of the pool
	kinds    map[uint32]string
	size     [2]uint32
	serial   uint32
	attached uint32 // the buffer of the last commit with one
	keep     bool   // it does not release buffers
	mapped   chan struct{}
}

// A request is what a client sent.
type request struct {
	kind   string // of the object
	opcode uint16
	words  []uint32
}

var ifaces = []string{"wl_compositor", "wl_shm", "zwlr_layer_shell_v1", "wp_viewporter", "wp_fractional_scale_manager_v1"}

// serve runs the compositor and returns the path of its socket.
func (c *compositor) serve(t *testing.T) string {
	t.Helper()
	c.kinds, c.mapped = map[uint32]string{1: "wl_display"}, make(chan struct{}, 100)
	path := filepath.Join(t.TempDir(), "wayland-1")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	t.Cleanup(func() { _ = l.Close() })
	wg.Go(func() {
		for {
			conn, err := l.AcceptUnix()
			if err != nil {
				return
			}
			c.talk(conn)
		}
	})
	return path
}

// talk reads requests until the client leaves.
func (c *compositor) talk(conn *net.UnixConn) {
	defer func() { _ = conn.Close() }()
	var in []byte
	b, oob := make([]byte, 4096), make([]byte, 256)
	for {
		n, oobn, _, _, err := conn.ReadMsgUnix(b, oob)
		if err != nil || n == 0 {
			return
		}
		if messages, err := unix.ParseSocketControlMessage(oob[:oobn]); err == nil {
			for _, m := range messages {
				if fds, err := unix.ParseUnixRights(&m); err == nil {
					c.memory = os.NewFile(uintptr(fds[0]), "pool")
				}
			}
		}
		for in = append(in, b[:n]...); len(in) >= 8; {
			size := int(binary.NativeEndian.Uint32(in[4:]) >> 16)
			if len(in) < size {
				break
			}
			c.obey(conn, in[:size])
			in = in[size:]
		}
	}
}

func (c *compositor) obey(conn io.Writer, b []byte) {
	var w []uint32
	for i := 0; i+4 <= len(b); i += 4 {
		w = append(w, binary.NativeEndian.Uint32(b[i:]))
	}
	object, opcode, args := w[0], uint16(w[1]), w[2:]
	c.mu.Lock()
	defer c.mu.Unlock()
	kind := c.kinds[object]
	c.requests = append(c.requests, request{kind, opcode, args})
	send := func(object uint32, opcode uint16, args ...uint32) {
		out := binary.NativeEndian.AppendUint32(nil, object)
		out = binary.NativeEndian.AppendUint32(out, uint32(8+4*len(args))<<16|uint32(opcode))
		for _, a := range args {
			out = binary.NativeEndian.AppendUint32(out, a)
		}
		_, _ = conn.Write(out) // the client may have left
	}
	switch {
	case kind == "wl_display" && opcode == 0: // sync
		send(args[0], 0, 0)
	case kind == "wl_display": // get_registry
		c.kinds[args[0]] = "wl_registry"
		for i, name := range ifaces {
			if c.scale == 0 && i > 2 {
				break
			}
			words := []uint32{uint32(i + 1), uint32(len(name) + 1)}
			padded := append([]byte(name), make([]byte, 4-len(name)%4)...)
			for k := 0; k < len(padded); k += 4 {
				words = append(words, binary.NativeEndian.Uint32(padded[k:]))
			}
			send(args[0], 0, append(words, 4)...)
		}
	case kind == "wl_registry":
		c.kinds[args[len(args)-1]] = ifaces[args[0]-1]
	case kind == "wl_compositor":
		c.kinds[args[0]] = []string{"wl_surface", "wl_region"}[opcode]
	case kind == "wp_viewporter":
		c.kinds[args[0]] = "wp_viewport"
	case kind == "wp_fractional_scale_manager_v1":
		send(args[0], 0, c.scale)
	case kind == "wl_shm":
		c.kinds[args[0]] = "wl_shm_pool"
	case kind == "wl_shm_pool" && opcode == 0:
		c.kinds[args[0]] = "wl_buffer"
	case kind == "zwlr_layer_shell_v1":
		c.kinds[args[0]] = "layer"
	case kind == "layer" && opcode == layerSetSize:
		c.size = [2]uint32{args[0], args[1]}
		c.serial = 0
	case kind == "wl_surface" && opcode == surfaceAttach:
		c.attached = args[0]
	case kind == "wl_surface" && opcode == surfaceCommit:
		c.commit(send)
	}
}

// commit configures a surface whose size is new, or shows its buffer. The caller holds mu.
func (c *compositor) commit(send func(uint32, uint16, ...uint32)) {
	if c.serial == 0 {
		c.serial = 7
		width := c.size[0]
		if width == 0 {
			width = 1000
		}
		for id, kind := range c.kinds {
			if kind == "layer" {
				send(id, 0, c.serial, width, c.size[1])
			}
		}
		return
	}
	if c.attached != 0 {
		c.mapped <- struct{}{}
		if !c.keep {
			send(c.attached, 0) // release
		}
		c.attached = 0
	}
}

// sent returns the arguments of the requests of a kind, in their order.
func (c *compositor) sent(kind string, opcode uint16) (all [][]uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.requests {
		if r.kind == kind && r.opcode == opcode {
			all = append(all, r.words)
		}
	}
	return all
}

// shown draws until the compositor has a picture, and returns its unit and size.
func shown(t *testing.T, c *compositor, s Surface) (unit float64, size image.Point) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		err := s.Draw(func(img *image.RGBA, u float64) {
			unit, size = u, img.Rect.Size()
			img.Set(1, 0, color.RGBA{1, 2, 3, 255})
		})
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-c.mapped:
			return unit, size
		case <-s.Changed():
		case <-limit:
			t.Fatal("nothing is shown")
		}
	}
}

// The surface is in the overlay layer, takes no key and no click, is on the output that the
// compositor chooses, and as wide as the overlay.
func TestLayer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		scale  uint32
		place  Place
		unit   float64
		size   image.Point
		anchor uint32
	}{
		{"whole", 120, Place{Size: 1}, 1, image.Pt(paint.Width, paint.Height), anchorBottom},
		{"1.25", 150, Place{Size: 1}, 1.25, image.Pt(paint.Width*5/4, paint.Height*5/4), anchorBottom},
		{"1.6, large", 192, Place{At: paint.Place{Top: true, Align: paint.Right}, Size: 1.5}, 2.4, image.Pt(paint.Width*24/10, paint.Height*24/10), anchorTop | anchorRight},
		{"3, left", 360, Place{At: paint.Place{Align: paint.Left}, Size: 1}, 3, image.Pt(paint.Width*3, paint.Height*3), anchorBottom | anchorLeft},
		{"wider than the output", 120, Place{Size: 3}, 3, image.Pt(1000, paint.Height*3), anchorBottom | anchorLeft | anchorRight},
		{"without fractional scales", 0, Place{Size: 1}, 1, image.Pt(paint.Width, paint.Height), anchorBottom},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &compositor{scale: tt.scale}
			s, err := Open(t.Context(), []desktop.Desktop{{Wayland: c.serve(t)}}, tt.place)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			unit, size := shown(t, c, s)
			if unit-tt.unit > .001 || tt.unit-unit > .001 || abs(size.X-tt.size.X) > 1 || abs(size.Y-tt.size.Y) > 1 {
				t.Errorf("drawn in %v with unit %v, want %v, %v", size, unit, tt.size, tt.unit)
			}
			if got := c.sent("layer", layerSetKeyboardInteractivity); len(got) != 1 || got[0][0] != 0 {
				t.Errorf("keyboard interactivity %v", got)
			}
			if got := c.sent("zwlr_layer_shell_v1", shellGetLayerSurface); len(got) != 1 || got[0][2] != 0 || got[0][3] != overlayLayer {
				t.Errorf("layer %v", got)
			}
			made, set := c.sent("wl_compositor", compositorCreateRegion), c.sent("wl_surface", surfaceSetInputRegion)
			if len(made) != 1 || len(set) != 1 || set[0][0] != made[0][0] || len(c.sent("wl_region", 1)) != 0 { // add
				t.Errorf("input regions %v, %v", made, set)
			}
			if got := c.sent("layer", layerSetAnchor); got[len(got)-1][0] != tt.anchor {
				t.Errorf("anchors %v, want %d", got, tt.anchor)
			}
			pixels := make([]byte, 8)
			if _, err := c.memory.ReadAt(pixels, 0); err != nil || !slices.Equal(pixels, []byte{0, 0, 0, 0, 3, 2, 1, 255}) {
				t.Errorf("the first pixels are %v, %v", pixels, err)
			}
		})
	}
}

func abs(n int) int { return max(n, -n) }

// While the compositor keeps all buffers nothing is drawn; without it, Draw fails.
func TestLayerStalls(t *testing.T) {
	c := &compositor{scale: 120, keep: true}
	s, err := Open(t.Context(), []desktop.Desktop{{Wayland: c.serve(t)}}, Place{Size: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	shown(t, c, s)
	drawn := 1
	for range 10 {
		if err := s.Draw(func(*image.RGBA, float64) { drawn++ }); err != nil {
			t.Fatal(err)
		}
	}
	if drawn != 3 {
		t.Errorf("drawn %d times, want 3", drawn)
	}
}

// A display server that is not there, or has no such layers, is an error.
func TestOpenFails(t *testing.T) {
	if _, err := Open(t.Context(), nil, Place{Size: 1}); err == nil {
		t.Error("opened without a desktop")
	}
	gone := desktop.Desktop{Wayland: filepath.Join(t.TempDir(), "wayland-9"), X11: ":65000"}
	if _, err := Open(t.Context(), []desktop.Desktop{gone}, Place{Size: 1}); err == nil {
		t.Error("opened on a desktop that is gone")
	}
}
