package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

const (
	// clientVersion is the protocol version that proto speaks.
	clientVersion = 32
	// A packet is a descriptor of five 32-bit words (length, channel, offset high and
	// low, flags) and its payload. The channel of messages is all ones; other channels
	// are stream indices. Source: PulseAudio, src/pulsecore/pstream.c.
	descriptorSize = 20
	messageChannel = 0xFFFFFFFF
	// maxPacket is far above what a server sends in one packet to a client that
	// asks for 20 ms fragments and lists sources.
	maxPacket = 1 << 20
	// messageHead is 'L' command 'L' tag, which begins every message.
	messageHead = 10
	// writeLimit is the timeout of a write, for a server that does not read.
	writeLimit = 5 * time.Second
)

var (
	errProtocol = errors.New("not the Pulse protocol")
	errClosed   = errors.New("the server closed the connection")
)

// A checkedConn is the connection of a proto.Client, and checks what the client reads.
// The client trusts its server. It panics at a reply of the wrong form and never returns
// from a list that is too short. It loses its place at strings over 1024 bytes and at
// replies longer than it knows. It prints unknown commands, and it does not report the
// end of a connection unless that is EOF.
//
// The checkedConn therefore passes whole messages only, of exactly the form that the
// client will read, and turns every end into EOF. Sound does not go to the client, which
// would leave copies of it in memory. It goes to the function sound, which must not keep
// it.
//
// The client's goroutine calls Read. One goroutine calls the other methods.
type checkedConn struct {
	conn  net.Conn
	sound func(stream uint32, samples []int16)

	afterDescriptor bool   // the client has written a descriptor, but not its payload
	message         bool   // the payload is a message, not sound
	ready           []byte // checked bytes that the client has not read yet

	head    [descriptorSize]byte // of the packet that next reads
	scratch []byte               // a packet of sound, wiped at the end
	samples []int16              // the same as samples, wiped after sound has returned

	mu          sync.Mutex
	requests    map[uint32]uint32 // tag -> command of requests not yet answered
	version     int
	received    int64   // samples so far
	lastArrival arrival // at the newest reply
	err         error   // why the connection ended
}

// An arrival is a moment in the stream as the client sees it. At the time at, so many
// samples had been received.
type arrival struct {
	received int64
	at       time.Time
}

func newCheckedConn(conn net.Conn, sound func(uint32, []int16)) *checkedConn {
	return &checkedConn{conn: conn, sound: sound, requests: make(map[uint32]uint32), version: clientVersion}
}

// Write sends what the client wrote. The client writes a descriptor, then its payload,
// and ignores errors. Write therefore closes the connection at an error, and Read
// reports the end.
func (w *checkedConn) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil // its first write is empty
	}
	w.afterDescriptor = !w.afterDescriptor
	if w.afterDescriptor {
		w.message = len(b) >= 8 && binary.BigEndian.Uint32(b[4:]) == messageChannel
	} else if w.message && len(b) >= messageHead {
		w.mu.Lock()
		w.requests[binary.BigEndian.Uint32(b[6:])] = binary.BigEndian.Uint32(b[1:])
		w.mu.Unlock()
	}
	err := w.conn.SetWriteDeadline(time.Now().Add(writeLimit))
	if err == nil {
		_, err = w.conn.Write(b)
	}
	if err != nil {
		w.fail(fmt.Errorf("write: %w", err))
		return 0, err
	}
	return len(b), nil
}

// Read returns the next checked message. Its only error is io.EOF; cause returns the
// real one.
func (w *checkedConn) Read(p []byte) (int, error) {
	for len(w.ready) == 0 {
		if err := w.next(); err != nil {
			w.fail(err)
			clear(w.scratch)
			return 0, io.EOF
		}
	}
	n := copy(p, w.ready)
	w.ready = w.ready[n:]
	return n, nil
}

// fail stores the first error and closes the connection.
func (w *checkedConn) fail(err error) {
	w.mu.Lock()
	if w.err == nil {
		w.err = err
	}
	w.mu.Unlock()
	_ = w.conn.Close() // it is lost already
}

// cause returns why the connection ended, nil while it lives.
func (w *checkedConn) cause() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// lastReply returns the arrival of the newest reply.
func (w *checkedConn) lastReply() arrival {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lastArrival
}

// setVersion sets the protocol version that the server agreed to. The form of replies
// depends on it.
func (w *checkedConn) setVersion(v proto.Version) {
	w.mu.Lock()
	w.version = v.Version()
	w.mu.Unlock()
}

// next reads and processes one packet.
func (w *checkedConn) next() error {
	head := w.head[:]
	if _, err := io.ReadFull(w.conn, head); err != nil {
		return readError(err)
	}
	length := binary.BigEndian.Uint32(head)
	channel := binary.BigEndian.Uint32(head[4:])
	// Flags would announce shared memory, which Auth did not offer.
	if length > maxPacket || binary.BigEndian.Uint32(head[16:]) != 0 {
		return fmt.Errorf("%w: packet of %d bytes, flags %#x", errProtocol, length, head[16:])
	}
	if channel != messageChannel {
		return w.readSound(channel, int(length))
	}
	payload := make([]byte, length)
	if _, err := io.ReadFull(w.conn, payload); err != nil {
		return readError(err)
	}
	message, err := w.validate(payload)
	if err != nil || message == nil {
		return err
	}
	binary.BigEndian.PutUint32(head, uint32(len(message)))
	w.ready = append(head, message...)
	return nil
}

// readSound reads a packet of sound and calls the function sound with it.
func (w *checkedConn) readSound(stream uint32, length int) error {
	if length%2 != 0 {
		return fmt.Errorf("%w: half a sample", errProtocol)
	}
	if length > len(w.scratch) {
		clear(w.scratch)
		w.scratch = make([]byte, length)
	}
	b := w.scratch[:length]
	if _, err := io.ReadFull(w.conn, b); err != nil {
		return readError(err)
	}
	samples := slices.Grow(w.samples[:0], length/2)[:length/2]
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	w.mu.Lock()
	w.received += int64(len(samples))
	w.mu.Unlock()
	w.sound(stream, samples)
	clear(samples)
	w.samples = samples
	return nil
}

// readError returns the error of a read for the caller.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errClosed
	}
	return fmt.Errorf("read from the server: %w", err)
}

// validate returns the message as the client may read it, or nil if the client does not
// need it.
func (w *checkedConn) validate(b []byte) ([]byte, error) {
	if len(b) < messageHead || b[0] != 'L' || b[5] != 'L' {
		return nil, fmt.Errorf("%w: message without command", errProtocol)
	}
	command := binary.BigEndian.Uint32(b[1:])
	tag := binary.BigEndian.Uint32(b[6:])
	w.mu.Lock()
	defer w.mu.Unlock()
	switch command {
	case proto.OpReply, proto.OpError:
		request, ok := w.requests[tag]
		if !ok {
			return nil, nil
		}
		delete(w.requests, tag)
		w.lastArrival = arrival{w.received, time.Now()}
		if command == proto.OpReply {
			return normalize(b, replies[request], w.version)
		}
	}
	form, ok := events[command]
	if !ok {
		return nil, nil
	}
	return normalize(b, form, w.version)
}
