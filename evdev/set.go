package evdev

import (
	"iter"
	"math/bits"
	"unsafe"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Set is a set of keys and buttons. The zero value is empty, and sets
// compare with ==. Codes above KEY_MAX are never in a Set.
//
// Its layout is that of the kernel's bitmaps of keys, so that an ioctl can read
// and write it. They are arrays of unsigned long, which are the same as arrays of
// 64-bit words on every machine that both Go and evdev support.
type Set [goevdev.KEY_CNT / 64]uint64

// setSize is the size of a Set in bytes; EVIOCSMASK wants a multiple of 8.
const setSize = unsafe.Sizeof(Set{})

// SetOf returns the Set of codes.
func SetOf(codes ...key.Code) Set {
	var s Set
	for _, c := range codes {
		s.add(c)
	}
	return s
}

// Has reports whether c is in s.
func (s Set) Has(c key.Code) bool {
	return c < goevdev.KEY_CNT && s[c/64]&(1<<(c%64)) != 0
}

// Len returns the number of keys in s.
func (s Set) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// All yields the keys of s in the order of their codes.
func (s Set) All() iter.Seq[key.Code] {
	return func(yield func(key.Code) bool) {
		for i, w := range s {
			for ; w != 0; w &= w - 1 {
				if !yield(key.Code(i*64 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

func (s Set) empty() bool { return s == Set{} }

func (s *Set) add(c key.Code) {
	if c < goevdev.KEY_CNT {
		s[c/64] |= 1 << (c % 64)
	}
}

func (s *Set) remove(c key.Code) {
	if c < goevdev.KEY_CNT {
		s[c/64] &^= 1 << (c % 64)
	}
}

// and returns the keys that are in both s and t.
func (s Set) and(t Set) Set {
	for i := range s {
		s[i] &= t[i]
	}
	return s
}

// or returns the keys that are in s or t.
func (s Set) or(t Set) Set {
	for i := range s {
		s[i] |= t[i]
	}
	return s
}

// without returns the keys that are in s and not in t.
func (s Set) without(t Set) Set {
	for i := range s {
		s[i] &^= t[i]
	}
	return s
}

// span returns the Set of all codes from first to last.
func span(first, last key.Code) Set {
	var s Set
	for c := first; c <= last; c++ {
		s.add(c)
	}
	return s
}
