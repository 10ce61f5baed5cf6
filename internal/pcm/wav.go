package pcm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// A WAV file has RIFF chunks: the format in "fmt ", then the sound in "data".
// Source: Microsoft and IBM, Multimedia Programming Interface and Data Specifications
// 1.0 (1991); for the extensible form, Multiple Channel Audio Data and WAVE Files
// (2007).
const (
	formatPCM        = 1
	formatFloat      = 3
	formatExtensible = 0xFFFE

	formatSize = 16 // of a format chunk that is not extensible
	headerSize = 44 // RIFF, fmt and data headers as WAV writes them
	maxSeconds = 3600
)

// unknownLength is the least length that programs write if they do not know the length.
const unknownLength = math.MaxInt32 - 1<<16

// ErrWAV is wrapped by the errors of ReadWAV whose cause is the file and not the reader.
var ErrWAV = errors.New("not a usable WAV file")

// A format is the content of a "fmt " chunk.
type format struct {
	Kind, Channels       uint16
	Rate, BytesPerSecond uint32
	Frame, Bits          uint16 // bytes of a frame; bits of a sample
}

// WAV returns the clip as a WAV file: 16-bit PCM, one channel.
func (c Clip) WAV() []byte {
	n := uint32(2 * len(c.Samples))
	b := make([]byte, 0, headerSize+n)
	for _, part := range []any{
		[]byte("RIFF"), headerSize - 8 + n, []byte("WAVEfmt "), uint32(formatSize),
		format{formatPCM, 1, uint32(c.Rate), uint32(2 * c.Rate), 2, 16}, []byte("data"), n, c.Samples,
	} {
		b, _ = binary.Append(b, binary.LittleEndian, part) // each part has a fixed size
	}
	return b
}

// A WAVReader reads a clip as the file that WAV returns, without a copy of the clip. The
// clip must not change meanwhile.
type WAVReader struct {
	head    []byte
	samples []int16
	half    []byte // the second byte of a sample whose first was read
}

// OpenWAV returns a reader of the file that WAV returns.
func (c Clip) OpenWAV() *WAVReader {
	head := Clip{Rate: c.Rate}.WAV()
	n := uint32(2 * len(c.Samples))
	binary.LittleEndian.PutUint32(head[4:], headerSize-8+n)
	binary.LittleEndian.PutUint32(head[headerSize-4:], n)
	return &WAVReader{head: head, samples: c.Samples}
}

// Len returns the number of bytes that are left.
func (r *WAVReader) Len() int { return len(r.head) + len(r.half) + 2*len(r.samples) }

// Read implements io.Reader.
func (r *WAVReader) Read(p []byte) (n int, err error) {
	if len(p) > 0 && r.Len() == 0 {
		return 0, io.EOF
	}
	for _, rest := range []*[]byte{&r.head, &r.half} {
		k := copy(p[n:], *rest)
		*rest = (*rest)[k:]
		n += k
	}
	for ; n+1 < len(p) && len(r.samples) > 0; n += 2 {
		binary.LittleEndian.PutUint16(p[n:], uint16(r.samples[0]))
		r.samples = r.samples[1:]
	}
	if n < len(p) && len(r.samples) > 0 {
		both := binary.LittleEndian.AppendUint16(nil, uint16(r.samples[0]))
		r.samples = r.samples[1:]
		p[n], r.half = both[0], both[1:]
		n++
	}
	return n, nil
}

// ReadWAV reads a WAV file of 8, 16, 24 or 32-bit PCM or of 32-bit float, with up to
// eight channels and at most an hour long. The clip is the average of the channels and
// has the rate of the file. A program that writes to a pipe cannot know the length of
// the data chunk, and writes nothing, too much or the length of the first piece. The data
// therefore ends at the end of the file, unless the file has further chunks by its head.
func ReadWAV(r io.Reader) (Clip, error) {
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil {
		return Clip{}, truncated("header", err)
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return Clip{}, fmt.Errorf("%w: it begins with %q, want RIFF and WAVE", ErrWAV, riff[:4])
	}
	var f format
	left := int64(binary.LittleEndian.Uint32(riff[4:])) - 4 // bytes of the file, by its head
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return Clip{}, truncated("data chunk", err)
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		left -= 8 + size + size&1
		switch id := string(head[:4]); {
		case id == "fmt ":
			var err error
			if f, err = readFormat(r, size); err != nil {
				return Clip{}, err
			}
		case id == "data" && f.Rate == 0:
			return Clip{}, fmt.Errorf("%w: data before its format", ErrWAV)
		case id == "data":
			// A chunk follows, or the head is that of the first piece in a pipe.
			if more := left > 0 && (size > 0 || left < unknownLength); more {
				r = io.LimitReader(r, size)
			}
			return f.read(r, size)
		default:
			if _, err := io.CopyN(io.Discard, r, size+size&1); err != nil {
				return Clip{}, truncated("chunk "+id, err)
			}
		}
	}
}

func truncated(what string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends before its %s", ErrWAV, what)
	}
	return fmt.Errorf("read WAV: %w", err)
}

func readFormat(r io.Reader, size int64) (f format, err error) {
	if size < formatSize || size > 1<<16 {
		return f, fmt.Errorf("%w: format chunk of %d bytes", ErrWAV, size)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(r, b); err != nil {
		return f, truncated("format chunk", err)
	}
	if _, err := binary.Decode(b, binary.LittleEndian, &f); err != nil {
		return f, err
	}
	if f.Kind == formatExtensible && size >= 26 {
		f.Kind = binary.LittleEndian.Uint16(b[24:]) // the first two bytes of the sub-format
	}
	switch {
	case f.Kind == formatPCM && (f.Bits == 8 || f.Bits == 16 || f.Bits == 24 || f.Bits == 32):
	case f.Kind == formatFloat && f.Bits == 32:
	default:
		return f, fmt.Errorf("%w: format %d with %d bits, want PCM of 8 to 32 bits or 32-bit float", ErrWAV, f.Kind, f.Bits)
	}
	if f.Channels < 1 || f.Channels > 8 {
		return f, fmt.Errorf("%w: %d channels, want 1 to 8", ErrWAV, f.Channels)
	}
	if f.Rate < 4000 || f.Rate > 192000 {
		return f, fmt.Errorf("%w: %d samples a second, want 4000 to 192000", ErrWAV, f.Rate)
	}
	return f, nil
}

// read decodes the data chunk, which claims to have so many bytes. It drops an incomplete
// frame at the end. Beyond the clip it needs little memory: an hour is 700 MB.
func (f format) read(r io.Reader, claimed int64) (Clip, error) {
	size := int(f.Bits / 8)
	frame := size * int(f.Channels)
	c := Clip{Rate: int(f.Rate)}
	b := make([]byte, frame<<12)
	defer clear(b)
	for have := 0; ; {
		n, err := r.Read(b[have:])
		have += n
		frames := have / frame
		if len(c.Samples)+frames > c.Rate*maxSeconds {
			c.Wipe()
			return Clip{}, fmt.Errorf("%w: longer than an hour", ErrWAV)
		}
		c.grow(frames, claimed/int64(frame))
		for i := range frames {
			sum := 0
			for ch := range int(f.Channels) {
				sum += f.sample(b[i*frame+ch*size:])
			}
			c.Samples = append(c.Samples, int16(sum/int(f.Channels)))
		}
		have = copy(b, b[frames*frame:have])
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			c.Wipe()
			return Clip{}, fmt.Errorf("read WAV: %w", err)
		}
	}
}

// grow makes room for n more samples, and wipes what it leaves. The clip will have about
// as many samples as are claimed.
func (c *Clip) grow(n int, claimed int64) {
	need := len(c.Samples) + n
	if need <= cap(c.Samples) {
		return
	}
	room := max(2*cap(c.Samples), 1<<14)
	if claimed < int64(room) {
		room = int(claimed)
	}
	old := c.Samples
	c.Samples = append(make([]int16, 0, max(room, need)), old...)
	clear(old)
}

// sample returns the first sample of b in the range of int16.
func (f format) sample(b []byte) int {
	switch {
	case f.Kind == formatFloat:
		v := float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) * 32768
		if math.IsNaN(v) {
			return 0
		}
		return int(min(max(v, math.MinInt16), math.MaxInt16))
	case f.Bits == 8: // the only unsigned form
		return (int(b[0]) - 128) << 8
	}
	return int(int16(binary.LittleEndian.Uint16(b[f.Bits/8-2:]))) // the high bytes
}
