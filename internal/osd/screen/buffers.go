package screen

import (
	"image"
	"os"
	"sync"

	wire "github.com/arealicehole/vocoder/internal/wayland"
	"golang.org/x/sys/unix"
)

// buffers are pictures in memory that the compositor reads too. While it reads one, the next
// is drawn into another one.
type buffers struct {
	conn *wire.Conn
	size image.Point // in pixels
	mem  []byte
	all  [3]buffer
	img  *image.RGBA // drawn before it is stored

	mu     sync.Mutex // guards busy of each, and missed
	missed bool       // take found none
}

// A buffer is a wl_buffer.
type buffer struct {
	id     wire.ID
	pixels []byte
	busy   bool // the compositor may read it
}

// Requests and formats. Source: wayland.app/protocols/wayland.
const (
	shmCreatePool              = 0
	poolCreateBuffer           = 0
	poolDestroy, bufferDestroy = 1, 0
	argb8888                   = uint32(0) // premultiplied, blue first in memory
)

// newBuffers makes buffers of a size. It calls freed when one is free again after take has
// found none.
func newBuffers(conn *wire.Conn, shm wire.ID, size image.Point, freed func()) (*buffers, error) {
	b := &buffers{conn: conn, size: size, img: image.NewRGBA(image.Rectangle{Max: size})}
	one := 4 * size.X * size.Y
	fd, err := unix.MemfdCreate("vocoder-osd", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "buffers")
	defer func() { _ = file.Close() }() // the mapping stays
	if err := file.Truncate(int64(one * len(b.all))); err != nil {
		return nil, err
	}
	// The compositor may trust that it does not shrink.
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK); err != nil {
		return nil, err
	}
	if b.mem, err = unix.Mmap(fd, 0, one*len(b.all), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return nil, err
	}
	r := &requests{conn: conn}
	pool := r.create(nil, shm, shmCreatePool, wire.NewID{}, file, int32(len(b.mem)))
	for i := range b.all {
		buf := &b.all[i]
		buf.pixels = b.mem[i*one : (i+1)*one]
		buf.id = r.create(func(*wire.Event) {
			b.mu.Lock()
			missed := b.missed
			buf.busy, b.missed = false, false
			b.mu.Unlock()
			if missed {
				freed()
			}
		}, pool, poolCreateBuffer, wire.NewID{}, int32(i*one), int32(size.X), int32(size.Y), int32(4*size.X), argb8888)
	}
	r.send(pool, poolDestroy)
	if r.err != nil {
		_ = unix.Munmap(b.mem) // nothing was drawn
		return nil, r.err
	}
	return b, nil
}

// take returns a buffer that the compositor does not read, or nil.
func (b *buffers) take() *buffer {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.all {
		if !b.all[i].busy {
			b.all[i].busy = true
			return &b.all[i]
		}
	}
	b.missed = true
	return nil
}

// picture returns an empty picture.
func (b *buffers) picture() *image.RGBA {
	clear(b.img.Pix)
	return b.img
}

// store copies the picture into a buffer.
func (b *buffers) store(to *buffer) { swapColors(to.pixels, b.img.Pix) }

// swapColors copies pixels with red and blue swapped.
func swapColors(to, from []byte) {
	for i := 0; i+3 < len(from); i += 4 {
		to[i], to[i+1], to[i+2], to[i+3] = from[i+2], from[i+1], from[i], from[i+3]
	}
}

// close removes the buffers.
func (b *buffers) close() {
	if b == nil {
		return
	}
	r := &requests{conn: b.conn}
	for i := range b.all {
		r.send(b.all[i].id, bufferDestroy) // fails if the compositor is gone
	}
	_ = unix.Munmap(b.mem) // the compositor has its own mapping
}
