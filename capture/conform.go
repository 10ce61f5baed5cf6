package capture

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/jfreymuth/pulse/proto"
)

// maxString is the longest string that proto reads, without its NUL.
const maxString = 1000

// events are the forms of errors and of the messages that the server sends unasked and
// that this package processes.
var events = map[uint32]reflect.Type{
	proto.OpError:                 reflect.TypeFor[struct{ Code errorCode }](),
	proto.OpSubscribeEvent:        reflect.TypeFor[proto.SubscribeEvent](),
	proto.OpRecordStreamKilled:    reflect.TypeFor[proto.RecordStreamKilled](),
	proto.OpRecordStreamSuspended: reflect.TypeFor[proto.RecordStreamSuspended](),
	proto.OpRecordStreamMoved:     reflect.TypeFor[proto.RecordStreamMoved](),
}

// An errorCode is the body of an error message. proto assumes that it has 32 bits.
type errorCode uint32

// formOf returns the form of a reply: the type of the struct or slice that proto fills,
// or nil for an empty reply.
func formOf(reply proto.Reply) reflect.Type {
	if reply == nil {
		return nil
	}
	return reflect.TypeOf(reply).Elem()
}

// normalize returns the message b with a body of exactly the given form, as proto reads
// that form in the given protocol version. It shortens strings that proto could not
// read, and drops what a newer server adds at the end. It fails if proto would panic at
// the body. A nil form is an empty body. The body of a slice is its elements one after
// the other.
func normalize(b []byte, form reflect.Type, version int) ([]byte, error) {
	t := tagged{in: b[messageHead:], out: append(make([]byte, 0, len(b)), b[:messageHead]...), version: version}
	switch {
	case form == nil:
	case form.Kind() == reflect.Slice:
		for len(t.in) > 0 {
			t.structure(form.Elem().Elem())
		}
	default:
		t.structure(form)
	}
	return t.out, t.err
}

// A tagged copies a tagged structure: values, each after a byte that names its type.
// After an error there is nothing left to copy.
// Source: PulseAudio, src/pulsecore/tagstruct.c.
type tagged struct {
	in, out []byte
	version int
	err     error
}

func (t *tagged) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf("%w: %s", errProtocol, fmt.Sprintf(format, args...))
	}
	t.in = nil
}

// take copies n bytes, at most maxPacket, and returns them. If there are fewer, it fails
// and returns zeros.
func (t *tagged) take(n int) []byte {
	if n > len(t.in) {
		t.fail("message cut short")
		return make([]byte, min(n, 8))
	}
	b := t.in[:n]
	t.in = t.in[n:]
	t.out = append(t.out, b...)
	return b
}

// number copies four bytes and returns their value.
func (t *tagged) number() uint32 { return binary.BigEndian.Uint32(t.take(4)) }

// tag copies a type byte and returns it. If the byte is not in wanted, tag fails and
// returns 0.
func (t *tagged) tag(wanted string) byte {
	got := t.take(1)[0]
	if strings.IndexByte(wanted, got) < 0 {
		t.fail("value of type %q, want one of %q", got, wanted)
		return 0
	}
	return got
}

func (t *tagged) structure(form reflect.Type) {
	for i := range form.NumField() {
		if f := form.Field(i); t.err == nil && present(string(f.Tag), t.version) {
			t.value(f.Type)
		}
	}
}

// present reports whether a value exists in a protocol version, by proto's field tags:
// "15" means from this version on, "<15" before it.
func present(tag string, version int) bool {
	tag, until := strings.CutPrefix(tag, "<")
	since, err := strconv.Atoi(tag)
	return err != nil || until == (version < since)
}

// tagsByType and tagsByKind are the type bytes that a value for a Go type may have.
// Other types are numbers.
var (
	formatInfo = reflect.TypeFor[proto.FormatInfo]()
	tagsByType = map[reflect.Type]string{
		reflect.TypeFor[proto.SampleSpec]():     "a",
		reflect.TypeFor[proto.Time]():           "T",
		formatInfo:                              "f",
		reflect.TypeFor[proto.ChannelVolumes](): "v",
		reflect.TypeFor[proto.ChannelMap]():     "m",
		reflect.TypeFor[[]byte]():               "m", // as CreatePlaybackStreamReply has it
		reflect.TypeFor[errorCode]():            "L",
	}
	tagsByKind = map[reflect.Kind]string{reflect.String: "tN", reflect.Bool: "10", reflect.Map: "P", reflect.Int64: "r"}
)

// sizes are the lengths in bytes of the values with a fixed length that is not zero.
var sizes = map[byte]int{'a': 6, 'B': 1, 'L': 4, 'R': 8, 'r': 8, 'T': 8, 'U': 8, 'V': 4}

func (t *tagged) value(form reflect.Type) {
	wanted := cmp.Or(tagsByType[form], tagsByKind[form.Kind()])
	if wanted == "" && form.Kind() == reflect.Slice {
		t.list(form.Elem())
		return
	}
	switch tag := t.tag(cmp.Or(wanted, "BLVRU")); tag {
	case 't':
		t.text()
	case 'm':
		t.take(int(t.take(1)[0]))
	case 'v':
		t.take(4 * int(t.take(1)[0]))
	case 'f':
		t.tag("B")
		t.take(1)
		t.tag("P")
		t.properties()
	case 'P':
		t.properties()
	default:
		t.take(sizes[tag])
	}
}

// text copies a string, cut to what proto can read.
func (t *tagged) text() {
	end := bytes.IndexByte(t.in, 0)
	if end < 0 {
		t.fail("string without end")
		return
	}
	t.out = append(t.out, t.in[:min(end, maxString)]...)
	t.out = append(t.out, 0)
	t.in = t.in[end+1:]
}

func (t *tagged) properties() {
	for t.tag("tN") == 't' {
		t.text()
		t.tag("L")
		n := t.number()
		t.tag("x")
		if m := t.number(); m != n || m > maxPacket {
			t.fail("property of %d and %d bytes", n, m)
			return
		}
		t.take(int(n))
	}
}

func (t *tagged) list(element reflect.Type) {
	if element == formatInfo {
		t.tag("B")
		for range t.take(1)[0] {
			t.value(element)
		}
		return
	}
	t.tag("L")
	for n := t.number(); n > 0 && t.err == nil; n-- {
		t.structure(element)
	}
}
