package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/jfreymuth/pulse/proto"
)

// maxString is the longest string that proto reads, without its NUL.
const maxString = 1000

// replies are the forms of the replies to the commands that this package sends. A
// command that is not here has an empty reply.
var replies = map[uint32]reflect.Type{
	proto.OpAuth:               reflect.TypeFor[proto.AuthReply](),
	proto.OpSetClientName:      reflect.TypeFor[proto.SetClientNameReply](),
	proto.OpGetServerInfo:      reflect.TypeFor[proto.GetServerInfoReply](),
	proto.OpGetSourceInfoList:  reflect.TypeFor[proto.GetSourceInfoListReply](),
	proto.OpCreateRecordStream: reflect.TypeFor[proto.CreateRecordStreamReply](),
	proto.OpGetRecordLatency:   reflect.TypeFor[proto.GetRecordLatencyReply](),

	proto.OpCreatePlaybackStream: reflect.TypeFor[proto.CreatePlaybackStreamReply](),
	proto.OpGetPlaybackLatency:   reflect.TypeFor[proto.GetPlaybackLatencyReply](),
	proto.OpGetModuleInfoList:    reflect.TypeFor[proto.GetModuleInfoListReply](),
	proto.OpLoadModule:           reflect.TypeFor[proto.LoadModuleReply](),
}

// events are the forms of errors and of the messages that the server sends unasked and
// that this package processes.
var events = map[uint32]reflect.Type{
	proto.OpError:                 reflect.TypeFor[refusal](),
	proto.OpSubscribeEvent:        reflect.TypeFor[proto.SubscribeEvent](),
	proto.OpRecordStreamKilled:    reflect.TypeFor[proto.RecordStreamKilled](),
	proto.OpRecordStreamSuspended: reflect.TypeFor[proto.RecordStreamSuspended](),
	proto.OpRecordStreamMoved:     reflect.TypeFor[proto.RecordStreamMoved](),
}

// A refusal is the body of an error message. proto assumes that its number has 32 bits.
type refusal struct{ Code errorCode }

type errorCode uint32

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
		for len(t.in) > 0 && t.err == nil {
			t.structure(form.Elem().Elem())
		}
	default:
		t.structure(form)
	}
	if t.err != nil {
		return nil, t.err
	}
	return t.out, nil
}

// A tagged copies a tagged structure: values, each after a byte that names its type.
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

// take copies n bytes and returns them. If there are fewer, it fails and returns zeros.
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

func (t *tagged) want(tag byte) {
	if got := t.take(1)[0]; got != tag {
		t.fail("value of type %q, want %q", got, tag)
	}
}

func (t *tagged) structure(form reflect.Type) {
	for i := range form.NumField() {
		f := form.Field(i)
		if !present(string(f.Tag), t.version) {
			continue
		}
		t.value(f.Type)
		if t.err != nil {
			return
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

var (
	sampleSpec = reflect.TypeFor[proto.SampleSpec]()
	timeval    = reflect.TypeFor[proto.Time]()
	formatInfo = reflect.TypeFor[proto.FormatInfo]()
	volumes    = reflect.TypeFor[proto.ChannelVolumes]()
	channels   = reflect.TypeFor[proto.ChannelMap]()
	code       = reflect.TypeFor[errorCode]()

	plainChannels = reflect.TypeFor[[]byte]() // as CreatePlaybackStreamReply has them
)

func (t *tagged) value(form reflect.Type) {
	switch form {
	case sampleSpec:
		t.want('a')
		t.take(6)
		return
	case timeval:
		t.want('T')
		t.take(8)
		return
	case formatInfo:
		t.format()
		return
	case volumes:
		t.want('v')
		t.take(4 * int(t.take(1)[0]))
		return
	case channels, plainChannels:
		t.want('m')
		t.take(int(t.take(1)[0]))
		return
	case code:
		t.want('L')
		t.take(4)
		return
	}
	switch form.Kind() {
	case reflect.String:
		t.text()
	case reflect.Bool:
		if got := t.take(1)[0]; got != '0' && got != '1' {
			t.fail("value of type %q, want a boolean", got)
		}
	case reflect.Map:
		t.want('P')
		t.properties()
	case reflect.Slice:
		t.list(form.Elem())
	case reflect.Int64:
		t.want('r')
		t.take(8)
	default:
		t.unsigned()
	}
}

func (t *tagged) unsigned() {
	switch got := t.take(1)[0]; got {
	case 'B':
		t.take(1)
	case 'L', 'V':
		t.take(4)
	case 'R', 'U':
		t.take(8)
	default:
		t.fail("value of type %q, want a number", got)
	}
}

// text copies a string, cut to what proto can read, or the null string.
func (t *tagged) text() {
	switch got := t.take(1)[0]; got {
	case 'N':
	case 't':
		t.chars()
	default:
		t.fail("value of type %q, want a string", got)
	}
}

func (t *tagged) chars() {
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
	for t.err == nil {
		switch got := t.take(1)[0]; got {
		case 'N':
			return
		case 't':
			t.chars()
			t.want('L')
			n := binary.BigEndian.Uint32(t.take(4))
			t.want('x')
			if m := binary.BigEndian.Uint32(t.take(4)); m != n || m > maxPacket {
				t.fail("property of %d and %d bytes", n, m)
				return
			}
			t.take(int(n))
		default:
			t.fail("property of type %q", got)
		}
	}
}

func (t *tagged) format() {
	t.want('f')
	t.want('B')
	t.take(1)
	t.want('P')
	t.properties()
}

func (t *tagged) list(element reflect.Type) {
	if element == formatInfo {
		t.want('B')
		for range t.take(1)[0] {
			t.format()
		}
		return
	}
	t.want('L')
	n := binary.BigEndian.Uint32(t.take(4))
	for range n {
		if t.structure(element); t.err != nil {
			return
		}
	}
}
