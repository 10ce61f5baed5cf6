package api

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// maxWaiting is how many requests may be in memory at once.
	maxWaiting = 8

	// maxMemory is how many bytes of forms may be in memory at once. The clip of a form
	// takes half as much again while it grows. The unit has 2 GB, with the model.
	maxMemory = 768 << 20

	// A form has to arrive faster than this many bytes a second, after formGrace. Speech at
	// 16 kHz has 32,000.
	minFormRate = 16000
	formGrace   = 30 * time.Second

	reserveStep = 1 << 20 // bytes
)

// A room limits what all requests need together.
type room struct {
	mu       sync.Mutex
	requests int
	bytes    int64
}

// errFull is returned if there is no room.
var errFull = &problem{status: http.StatusServiceUnavailable, kind: serverError, code: "busy", message: "too many clips are waiting"}

// enter admits a request. It reports whether there is room.
func (r *room) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.requests == maxWaiting {
		return false
	}
	r.requests++
	return true
}

// reserve reserves bytes for a form. It reports whether there is room for them.
func (r *room) reserve(n int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bytes+n > maxMemory {
		return false
	}
	r.bytes += n
	return true
}

// leave gives back the place of a request and the bytes of its form.
func (r *room) leave(bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests--
	r.bytes -= bytes
}

// A body is the body of a request. Its reader gets errFull if there is no room for more,
// and os.ErrDeadlineExceeded if the sender is too slow.
type body struct {
	io.ReadCloser
	room     *room
	conn     *http.ResponseController
	begin    time.Time
	grace    time.Duration
	read     int64
	reserved int64
}

// open reserves room for the length that the request has, if it has one.
func (b *body) open(length int64) error {
	n := max(length, 0)
	if !b.room.reserve(n) {
		return errFull
	}
	b.reserved = n
	return nil
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.read >= b.reserved {
		if !b.room.reserve(reserveStep) {
			return 0, errFull
		}
		b.reserved += reserveStep
	}
	if err := b.limit(); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	return n, err
}

// limit sets until when the next bytes have to arrive.
func (b *body) limit() error {
	until := b.begin.Add(b.grace + time.Duration(b.read)*time.Second/minFormRate)
	if err := b.conn.SetReadDeadline(until); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// done removes the limit of time from the connection.
func (b *body) done() {
	_ = b.conn.SetReadDeadline(time.Time{}) // the connection may have ended, or know no limit
}
