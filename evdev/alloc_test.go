package evdev

import (
	"encoding/binary"
	"testing"
	"time"

	goevdev "github.com/holoplot/go-evdev"

	"github.com/arealicehole/vocoder/internal/key"
)

// pressed is what the kernel sends for a key going down, or up.
func pressed(c key.Code, value int32, at time.Duration) []byte {
	b := make([]byte, 2*eventSize)
	for i, e := range []struct {
		typ   goevdev.EvType
		code  uint16
		value int32
	}{{goevdev.EV_KEY, uint16(c), value}, {goevdev.EV_SYN, goevdev.SYN_REPORT, 0}} {
		b := b[i*eventSize:]
		binary.NativeEndian.PutUint64(b, uint64(at/time.Second))
		binary.NativeEndian.PutUint64(b[longSize:], uint64(at%time.Second/time.Microsecond))
		binary.NativeEndian.PutUint16(b[2*longSize:], uint16(e.typ))
		binary.NativeEndian.PutUint16(b[2*longSize+2:], e.code)
		binary.NativeEndian.PutUint32(b[2*longSize+4:], uint32(e.value))
	}
	return b
}

// A typing turns the bytes of one keyboard into the ends of holds.
type typing struct {
	r        *deviceSet
	in       stream
	down, up []byte
	told     int
}

func newTyping() *typing {
	h := newHolds([]Binding{bind(f13), bind(ctrl, f14)})
	d := Device{Keys: SetOf(f13, f14, ctrl)}
	h.added(1, d, h.wants(d), Set{})
	return &typing{r: &deviceSet{handler: h}, down: pressed(f13, 1, time.Second), up: pressed(f13, 0, 2*time.Second)}
}

// hold presses the bound key and lets it go.
func (y *typing) hold() {
	for _, b := range [][]byte{y.down, y.up} {
		changes, _ := y.in.feed(b)
		for _, s := range changes {
			y.r.edges = append(y.r.edges, y.r.handler.key(1, s)...)
		}
		y.told += len(y.r.takeEdges())
	}
	y.r.edges = append(y.r.edges, y.r.handler.expire(3*time.Second)...)
	y.told += len(y.r.takeEdges())
}

// Key events allocate no memory.
func TestKeyEventsAllocateNothing(t *testing.T) {
	y := newTyping()
	y.hold()
	if y.told != 2 {
		t.Fatalf("a hold told %d edges, want 2", y.told)
	}
	if n := testing.AllocsPerRun(100, y.hold); n != 0 {
		t.Errorf("a press and its release allocate %v times", n)
	}
}

func BenchmarkHold(b *testing.B) {
	b.ReportAllocs()
	y := newTyping()
	for b.Loop() {
		y.hold()
	}
}
