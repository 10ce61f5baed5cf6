package pcm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The WAV format: RIFF chunks, the first of type "fmt ", the sound in "data".
// Source: Microsoft/IBM, Multimedia Programming Interface and Data
// Specifications 1.0 (1991), and Multiple Channel Audio Data and WAVE Files
// (2007) for the extensible form.
const (
	formatPCM        = 1
	formatFloat      = 3
	formatExtensible = 0xFFFE

	headerSize = 44 // RIFF, fmt and data headers as WAV writes them
	maxSeconds = 3600
)

// ErrWAV is wrapped by every error of ReadWAV that lies in the file, not in
// reading it.
var ErrWAV = errors.New("not a usable WAV file")

// WAV returns the clip as a WAV file: 16-bit PCM, one channel.
func (c Clip) WAV() []byte {
	n := 2 * len(c.Samples)
	b := make([]byte, headerSize, headerSize+n)
	copy(b, "RIFF....WAVEfmt ")
	le := binary.LittleEndian
	le.PutUint32(b[4:], uint32(headerSize-8+n))
	le.PutUint32(b[16:], 16)
	le.PutUint16(b[20:], formatPCM)
	le.PutUint16(b[22:], 1)
	le.PutUint32(b[24:], uint32(c.Rate))
	le.PutUint32(b[28:], uint32(2*c.Rate))
	le.PutUint16(b[32:], 2)
	le.PutUint16(b[34:], 16)
	copy(b[36:], "data")
	le.PutUint32(b[40:], uint32(n))
	for _, s := range c.Samples {
		b = le.AppendUint16(b, uint16(s))
	}
	return b
}

// format is what a "fmt " chunk says.
type format struct {
	kind, channels, bits int
	rate                 int
}

// ReadWAV reads a WAV file of 8, 16, 24 or 32-bit PCM or 32-bit float, up to
// eight channels, which are averaged, and at most an hour. The rate stays that
// of the file. A data chunk whose length is wrong, as programs that write to a
// pipe leave it, ends with the file.
func ReadWAV(r io.Reader) (Clip, error) {
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil {
		return Clip{}, truncated("header", err)
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return Clip{}, fmt.Errorf("%w: it begins with %q, want RIFF and WAVE", ErrWAV, riff[:4])
	}
	var f format
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return Clip{}, truncated("data chunk", err)
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch id := string(head[:4]); {
		case id == "fmt ":
			var err error
			if f, err = readFormat(r, size); err != nil {
				return Clip{}, err
			}
		case id == "data" && f.rate == 0:
			return Clip{}, fmt.Errorf("%w: data before its format", ErrWAV)
		case id == "data":
			return f.read(io.LimitReader(r, size))
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

func readFormat(r io.Reader, size int64) (format, error) {
	if size < 16 || size > 1<<16 {
		return format{}, fmt.Errorf("%w: format chunk of %d bytes", ErrWAV, size)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(r, b); err != nil {
		return format{}, truncated("format chunk", err)
	}
	le := binary.LittleEndian
	f := format{
		kind:     int(le.Uint16(b)),
		channels: int(le.Uint16(b[2:])),
		rate:     int(le.Uint32(b[4:])),
		bits:     int(le.Uint16(b[14:])),
	}
	if f.kind == formatExtensible && size >= 26 {
		f.kind = int(le.Uint16(b[24:])) // the first two bytes of the sub-format
	}
	switch {
	case f.kind == formatPCM && (f.bits == 8 || f.bits == 16 || f.bits == 24 || f.bits == 32):
	case f.kind == formatFloat && f.bits == 32:
	default:
		return f, fmt.Errorf("%w: format %d with %d bits, want PCM of 8 to 32 bits or 32-bit float", ErrWAV, f.kind, f.bits)
	}
	if f.channels < 1 || f.channels > 8 {
		return f, fmt.Errorf("%w: %d channels, want 1 to 8", ErrWAV, f.channels)
	}
	if f.rate < 4000 || f.rate > 192000 {
		return f, fmt.Errorf("%w: %d samples a second, want 4000 to 192000", ErrWAV, f.rate)
	}
	return f, nil
}

// read decodes the data chunk. Half a frame at its end is dropped.
func (f format) read(r io.Reader) (Clip, error) {
	frame := f.channels * f.bits / 8
	limit := int64(frame) * int64(f.rate) * maxSeconds
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return Clip{}, fmt.Errorf("read WAV: %w", err)
	}
	if int64(len(b)) > limit {
		return Clip{}, fmt.Errorf("%w: longer than an hour", ErrWAV)
	}
	c := Clip{Rate: f.rate, Samples: make([]int16, len(b)/frame)}
	for i := range c.Samples {
		sum := 0
		for ch := range f.channels {
			sum += f.sample(b[i*frame+ch*f.bits/8:])
		}
		c.Samples[i] = int16(sum / f.channels)
	}
	return c, nil
}

// sample returns the first sample of b in the range of int16.
func (f format) sample(b []byte) int {
	le := binary.LittleEndian
	switch {
	case f.kind == formatFloat:
		v := float64(math.Float32frombits(le.Uint32(b))) * 32768
		if math.IsNaN(v) {
			return 0
		}
		return int(min(max(v, math.MinInt16), math.MaxInt16))
	case f.bits == 8: // the only unsigned form
		return (int(b[0]) - 128) << 8
	case f.bits == 16:
		return int(int16(le.Uint16(b)))
	case f.bits == 24:
		return int(int16(le.Uint16(b[1:])))
	default:
		return int(int16(le.Uint16(b[2:])))
	}
}
