package evdev

import (
	"encoding/binary"
	"time"
	"unsafe"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// eventSize is the size of the kernel's struct input_event here: two longs for
// the time, then type and code of 16 bits and a value of 32
// (docs.kernel.org/input/input.html#event-interface).
const (
	eventSize = int(unsafe.Sizeof(goevdev.InputEvent{}))
	longSize  = (eventSize - 8) / 2
)

// A keyChange is one key of one device going down or up.
type keyChange struct {
	code key.Code
	down bool
	at   time.Duration // on CLOCK_MONOTONIC
}

// A stream decodes what is read from one device. The zero value is ready for
// the first read. It accepts any bytes.
type stream struct {
	dropped bool // since SYN_DROPPED: events are void until the next SYN_REPORT

	// The changes of one read may still be in use while the next is decoded.
	changes [2][]keyChange
	turn    int
}

// feed decodes the bytes of one read. It returns the key changes in them, and
// whether the kernel dropped some. If it did, the caller must ask for the state
// of the keys, and apply that after the changes. The changes are valid until
// the call after the next.
//
//	A↓ SYN_REPORT │ SYN_DROPPED B↑ SYN_REPORT │ C↓ SYN_REPORT
//	    valid     │        void               │    valid        then EVIOCGKEY
//
// The kernel keeps the newest event behind SYN_DROPPED and nothing before it
// (docs.kernel.org/input/event-codes.html#ev-syn). EVIOCGKEY discards what is
// still queued, so its answer is newer than every change read before it. feed
// leaves out the repeats of a held key, and events of other types.
func (s *stream) feed(b []byte) (changes []keyChange, lost bool) {
	lost = s.dropped
	s.turn = 1 - s.turn
	changes = s.changes[s.turn][:0]
	for ; len(b) >= eventSize; b = b[eventSize:] {
		typ := goevdev.EvType(binary.NativeEndian.Uint16(b[2*longSize:]))
		code := binary.NativeEndian.Uint16(b[2*longSize+2:])
		value := int32(binary.NativeEndian.Uint32(b[2*longSize+4:]))
		switch {
		case typ == goevdev.EV_SYN && code == goevdev.SYN_DROPPED:
			s.dropped, lost = true, true
		case typ == goevdev.EV_SYN && code == goevdev.SYN_REPORT:
			s.dropped = false
		case typ == goevdev.EV_KEY && !s.dropped && (value == 0 || value == 1):
			changes = append(changes, keyChange{key.Code(code), value == 1, timestamp(b)})
		}
	}
	s.changes[s.turn] = changes
	return changes, lost
}

// timestamp returns the time of the first event in b.
func timestamp(b []byte) time.Duration {
	long := func(b []byte) time.Duration {
		if longSize == 4 {
			return time.Duration(int32(binary.NativeEndian.Uint32(b)))
		}
		return time.Duration(binary.NativeEndian.Uint64(b))
	}
	return long(b)*time.Second + long(b[longSize:])*time.Microsecond
}
