// Package helperproto encodes the messages between vocoder and vocoder-inputd. They
// are sent over a SOCK_SEQPACKET socket (unix(7)), and never carry file
// descriptors. The daemon makes one request at a time, and gets one Answer to each.
// The helper sends reports of holds and of its state in between. Numbers are
// little-endian.
//
// Decoding is total and strict. For all bytes b it is an error, or the message is
// encoded as b again.
package helperproto

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

const (
	// Version is the version of the protocol. Both sides must have the same.
	Version = 2

	// Path is that of the helper's socket.
	Path = "/run/vocoder/inputd.sock"

	// Most limits the length of a message, in bytes.
	Most = 1024

	maxBindings = 8
	maxKeys     = 4
)

// A Kind is the kind of a Request.
type Kind uint8

// The requests. vocoder-inputd(8) says in which order they are legal.
const (
	Hello Kind = 1 + iota // the first; has Version
	Bind                  // listen for Bindings and nothing else; has Serial and Bindings
	Ready                 // wait until typing is possible, and permit it
	Down                  // press Code
	Up                    // release Code
	Tap                   // press and release Code, with nothing in between
	End                   // release all keys; no typing until the next Ready
)

// A Request is a message of the daemon. Fields that its Kind does not have are
// zero.
type Request struct {
	Kind     Kind
	Version  uint16
	Serial   uint8
	Bindings []Binding
	Code     key.Code
}

// A Binding is a key or chord to listen for: see evdev.Binding.
type Binding struct {
	Keys   []key.Code // at least one, at most 4
	Device string     // at most 255 bytes
	Grab   bool
}

// A Report is a message of the helper: an Answer, a Hold or a State.
type Report interface{ encode() []byte }

// An Answer is the answer to a request.
type Answer struct{ Reason Reason }

// A Hold is one end of a hold.
type Hold struct {
	Serial  uint8 // of the Bind
	Binding uint8
	Down    bool
	Cause   key.Cause
	At      time.Duration // on CLOCK_MONOTONIC
}

// A State is the helper's state. The helper sends it after each Bind and each
// change.
type State struct {
	Serial   uint8  // of the Bind
	Session  Reason // why there are neither holds nor typing, or None
	Keyboard bool   // the virtual keyboard exists
	Devices  uint8  // that the helper listens to
	Missing  uint8  // a bit for each binding whose keys no device has
	Refused  uint8  // a bit for each binding that the machine's owner does not allow
}

// ErrMessage is the error for bytes that are no message.
var ErrMessage = errors.New("not a message of this protocol")

// Append appends the message of r to b. It panics unless the Bindings fit: see Fits.
func (r Request) Append(b []byte) []byte {
	b = append(b, byte(r.Kind))
	switch r.Kind {
	case Hello:
		b = binary.LittleEndian.AppendUint16(b, r.Version)
	case Bind:
		if !Fits(r.Bindings) {
			panic("helperproto: bindings beyond the limits")
		}
		b = append(b, r.Serial, byte(len(r.Bindings)))
		for _, x := range r.Bindings {
			b = append(b, flag(x.Grab), byte(len(x.Keys)))
			for _, c := range x.Keys {
				b = binary.LittleEndian.AppendUint16(b, uint16(c))
			}
			b = append(append(b, byte(len(x.Device))), x.Device...)
		}
	case Down, Up, Tap:
		b = binary.LittleEndian.AppendUint16(b, uint16(r.Code))
	}
	return b
}

// Fits reports whether bindings are within the limits of a message.
func Fits(bindings []Binding) bool {
	size := 3
	for _, x := range bindings {
		if len(x.Keys) == 0 || len(x.Keys) > maxKeys || len(x.Device) > 255 {
			return false
		}
		size += 3 + 2*len(x.Keys) + len(x.Device)
	}
	return len(bindings) <= maxBindings && size <= Most
}

// ParseRequest decodes one message.
func ParseRequest(b []byte) (Request, error) {
	in := reader{b: b}
	r := Request{Kind: Kind(in.byte())}
	switch r.Kind {
	case Hello:
		r.Version = in.uint16()
	case Bind:
		r.Serial = in.byte()
		for n := in.upTo(maxBindings); n > 0; n-- {
			x := Binding{Grab: in.bool()}
			keys := in.upTo(maxKeys)
			in.bad = in.bad || keys == 0
			for ; keys > 0; keys-- {
				x.Keys = append(x.Keys, key.Code(in.uint16()))
			}
			x.Device = string(in.bytes(int(in.byte())))
			r.Bindings = append(r.Bindings, x)
		}
	case Down, Up, Tap:
		r.Code = key.Code(in.uint16())
	case Ready, End:
	default:
		in.bad = true
	}
	return r, in.end()
}

// The kinds of reports.
const (
	answer = 1 + iota
	hold
	state
)

// Encode returns the message of a report.
func Encode(r Report) []byte { return r.encode() }

func (a Answer) encode() []byte { return []byte{answer, byte(a.Reason)} }

func (h Hold) encode() []byte {
	b := []byte{hold, h.Serial, h.Binding, flag(h.Down), byte(h.Cause)}
	return binary.LittleEndian.AppendUint64(b, uint64(h.At))
}

func (s State) encode() []byte {
	return []byte{state, s.Serial, byte(s.Session), flag(s.Keyboard), s.Devices, s.Missing, s.Refused}
}

// ParseReport decodes one message.
func ParseReport(b []byte) (Report, error) {
	in := reader{b: b}
	var r Report
	switch in.byte() {
	case answer:
		r = Answer{in.reason()}
	case hold:
		h := Hold{Serial: in.byte(), Binding: byte(in.upTo(maxBindings - 1)), Down: in.bool()}
		h.Cause = key.Cause(in.upTo(int(key.Ceded)))
		h.At = time.Duration(in.uint64())
		r = h
	case state:
		r = State{in.byte(), in.reason(), in.bool(), in.byte(), in.byte(), in.byte()}
	default:
		in.bad = true
	}
	return r, in.end()
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// A reader decodes a message. Beyond its end it reads zeros and sets bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.b, r.bad = nil, true
		return make([]byte, n)
	}
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

func (r *reader) byte() byte     { return r.bytes(1)[0] }
func (r *reader) uint16() uint16 { return binary.LittleEndian.Uint16(r.bytes(2)) }
func (r *reader) uint64() uint64 { return binary.LittleEndian.Uint64(r.bytes(8)) }

// upTo reads a byte that is at most most.
func (r *reader) upTo(most int) int {
	n := int(r.byte())
	if n > most {
		r.bad = true
		return 0
	}
	return n
}

func (r *reader) bool() bool     { return r.upTo(1) == 1 }
func (r *reader) reason() Reason { return Reason(r.upTo(len(reasons) - 1)) }

func (r *reader) end() error {
	if r.bad || len(r.b) > 0 {
		return ErrMessage
	}
	return nil
}
