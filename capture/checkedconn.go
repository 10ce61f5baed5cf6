package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

const (
	// A packet is a descriptor of five 32-bit words (length, channel, offset high and
	// low, flags) and its payload. The channel of messages is all ones; other channels
	// are stream indices. Source: PulseAudio, src/pulsecore/pstream.c.
	descriptorSize = 20
	messageChannel = 0xFFFFFFFF
	// maxPacket is the largest packet in bytes. The list of sources, the largest packet of
	// a real server, is far smaller.
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

// A checkedConn is the connection of a proto.Client. It checks all that the client reads.
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

	ready []byte // checked bytes that the client has not read yet

	head    [descriptorSize]byte // of the packet that next reads
	scratch []byte               // a packet of sound, wiped at the end
	samples []int16              // the same as samples, wiped after sound has returned

	mu          sync.Mutex
	requests    uint32       // so far; the client numbers them from 0
	awaiting    bool         // the newest request has no reply yet
	form        reflect.Type // of that reply, for normalize
	version     int          // the protocol version, on which the form depends
	received    int64        // samples so far
	lastArrival arrival      // at the newest reply
	err         error        // why the connection ended
}

// An arrival is a moment in the stream as the client sees it. At the time at, so many
// samples had been received.
type arrival struct {
	received int64
	at       time.Time
}

func newCheckedConn(conn net.Conn, sound func(uint32, []int16)) *checkedConn {
	return &checkedConn{conn: conn, sound: sound}
}

// await prepares for a request, to which the server will send a reply of the form. The
// caller must not send the next request before the reply has arrived.
func (w *checkedConn) await(form reflect.Type, version proto.Version) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests++
	w.awaiting, w.form, w.version = true, form, version.Version()
}

// Write sends what the client wrote. The client ignores errors. Write therefore closes
// the connection at an error, and Read reports the end.
func (w *checkedConn) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil // the first write of the client is empty
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

// fail stores the first error, returns it and closes the connection.
func (w *checkedConn) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
	_ = w.conn.Close() // it is lost already
	return w.err
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
	if _, err := binary.Decode(b, binary.LittleEndian, samples); err != nil {
		return err
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
	w.mu.Lock()
	defer w.mu.Unlock()
	if command == proto.OpReply || command == proto.OpError {
		if tag := binary.BigEndian.Uint32(b[6:]); !w.awaiting || tag != w.requests-1 {
			return nil, nil
		}
		w.awaiting = false
		w.lastArrival = arrival{w.received, time.Now()}
		if command == proto.OpReply {
			return normalize(b, w.form, w.version)
		}
	}
	form, ok := events[command]
	if !ok {
		return nil, nil
	}
	return normalize(b, form, w.version)
}
