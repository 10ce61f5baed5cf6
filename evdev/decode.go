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

// A stroke is one key of one device going down or up.
type stroke struct {
	code key.Code
	down bool
	at   time.Duration // on the kernel's monotonic clock
}

// A stream turns what is read from one device into strokes. The zero value is
// ready for the first read. It is total: any bytes whatever are accepted.
type stream struct {
	dropped bool // since SYN_DROPPED: all is void until the next SYN_REPORT

	// The strokes of one read may still be looked at while the next is decoded.
	strokes [2][]stroke
	turn    int
}

// feed takes the bytes of one read. It returns the strokes in them and whether
// some were lost, in which case the state of the keys must be asked for and
// put in force after the strokes. The strokes are valid until the call after
// the next.
//
//	A↓ SYN_REPORT │ SYN_DROPPED B↑ SYN_REPORT │ C↓ SYN_REPORT
//	  believed    │        void               │   believed      then EVIOCGKEY
//
// The kernel keeps the newest event behind SYN_DROPPED and nothing before it
// (docs.kernel.org/input/event-codes.html#ev-syn), and EVIOCGKEY discards what
// is still queued, so its answer is newer than every stroke read before it.
// The repeats of a held key say nothing new and are left out, as is all that
// is no key.
func (s *stream) feed(b []byte) (strokes []stroke, lost bool) {
	lost = s.dropped
	s.turn = 1 - s.turn
	strokes = s.strokes[s.turn][:0]
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
			strokes = append(strokes, stroke{key.Code(code), value == 1, stamp(b)})
		}
	}
	s.strokes[s.turn] = strokes
	return strokes, lost
}

// stamp returns the time of the event b begins with.
func stamp(b []byte) time.Duration {
	long := func(b []byte) time.Duration {
		if longSize == 4 {
			return time.Duration(int32(binary.NativeEndian.Uint32(b)))
		}
		return time.Duration(binary.NativeEndian.Uint64(b))
	}
	return long(b)*time.Second + long(b[longSize:])*time.Microsecond
}
