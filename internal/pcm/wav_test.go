package pcm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"
	"time"
)

// wav returns a file with the given format and data, with a chunk and lengths that other
// programs write.
func wav(kind, channels, rate, bits int, data []byte) []byte {
	le := binary.LittleEndian
	b := []byte("RIFF\xff\xff\xff\xffWAVELIST\x03\x00\x00\x00abc\x00fmt \x10\x00\x00\x00")
	b = le.AppendUint16(b, uint16(kind))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*channels*bits/8))
	b = le.AppendUint16(b, uint16(channels*bits/8))
	b = le.AppendUint16(b, uint16(bits))
	b = append(b, "data\xff\xff\xff\xff"...)
	return append(b, data...)
}

func f32(v ...float32) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func TestReadWAV(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   []byte
		want []int16
	}{
		{"16 bit, length left open", wav(1, 1, 16000, 16, []byte{1, 0, 0xff, 0xff}), []int16{1, -1}},
		{"stereo is averaged", wav(1, 2, 48000, 16, []byte{100, 0, 200, 0}), []int16{150}},
		{"8 bit is unsigned", wav(1, 1, 8000, 8, []byte{128, 255, 0}), []int16{0, 127 << 8, -32768}},
		{"24 bit", wav(1, 1, 16000, 24, []byte{9, 1, 0}), []int16{1}},
		{"32 bit", wav(1, 1, 16000, 32, []byte{9, 9, 1, 0}), []int16{1}},
		{"float is clamped", wav(3, 1, 16000, 32, f32(0.5, 2, -2, float32(math.NaN()))), []int16{16384, 32767, -32768, 0}},
		{"half a frame is dropped", wav(1, 1, 16000, 16, []byte{1, 0, 7}), []int16{1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadWAV(bytes.NewReader(tt.in))
			if err != nil || !slices.Equal(got.Samples, tt.want) {
				t.Errorf("got %v, %v, want %v", got.Samples, err, tt.want)
			}
		})
	}
}

// A dribble returns its bytes in pieces of a changing length.
type dribble struct {
	r io.Reader
	n int
}

func (d *dribble) Read(b []byte) (int, error) {
	d.n = d.n%7 + 1
	return d.r.Read(b[:min(d.n, len(b))])
}

// TestReadWAVPieces checks that the clip does not depend on how its bytes arrive, and that a
// reader's error is not the end of the file.
func TestReadWAVPieces(t *testing.T) {
	data := make([]byte, 100_000)
	for i := range data {
		data[i] = byte(i * i >> 3)
	}
	for _, bits := range []int{8, 16, 24, 32} {
		for channels := 1; channels <= 8; channels++ {
			file := wav(formatPCM, channels, 16000, bits, data)
			whole, err := ReadWAV(bytes.NewReader(file))
			if err != nil || len(whole.Samples) != len(data)/(channels*bits/8) {
				t.Fatalf("%d bits, %d channels: %d samples, %v", bits, channels, len(whole.Samples), err)
			}
			pieces, err := ReadWAV(&dribble{r: bytes.NewReader(file)})
			if err != nil || !slices.Equal(pieces.Samples, whole.Samples) {
				t.Errorf("%d bits, %d channels: another clip in pieces (%v)", bits, channels, err)
			}
		}
	}
	broken := io.MultiReader(bytes.NewReader(wav(formatPCM, 1, 16000, 16, data)), iotest.ErrReader(io.ErrUnexpectedEOF))
	if c, err := ReadWAV(broken); !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, ErrWAV) || c.Samples != nil {
		t.Errorf("a reader that fails: %d samples, %v", len(c.Samples), err)
	}
}

// TestReadWAVMemory checks that a file of a known length takes little more memory than its
// clip, and that a length alone takes none.
func TestReadWAVMemory(t *testing.T) {
	read := func(claimed uint32, n int) uint64 {
		head := wav(formatPCM, 2, 48000, 16, nil)
		binary.LittleEndian.PutUint32(head[len(head)-4:], claimed)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c, err := ReadWAV(io.MultiReader(bytes.NewReader(head), bytes.NewReader(make([]byte, n))))
		runtime.ReadMemStats(&after)
		if err != nil || len(c.Samples) != n/4 {
			t.Errorf("%d samples, %v", len(c.Samples), err)
		}
		return after.TotalAlloc - before.TotalAlloc - uint64(n)
	}
	const n = 20 << 20
	if took := read(n, n); took > n*3/2 { // the clip is n/2, and was half as long before it grew, and so on
		t.Errorf("%d bytes for a clip of %d", took, n/2)
	}
	if took := read(1<<31, 4000); took > 1<<20 {
		t.Errorf("%d bytes for a clip of 2000", took)
	}
}

func TestReadWAVBroken(t *testing.T) {
	good := Clip{Rate: Rate, Samples: []int16{1, 2}}.WAV()
	for name, in := range map[string][]byte{
		"empty":              nil,
		"text":               []byte("this is not sound at all"),
		"no data":            good[:36],
		"short format":       []byte("RIFF....WAVEfmt \x04\x00\x00\x00abcd"),
		"data before format": []byte("RIFF....WAVEdata\x02\x00\x00\x00ab"),
		"mp3 inside":         wav(0x55, 1, 16000, 0, nil),
		"no channel":         wav(1, 0, 16000, 16, nil),
		"no rate":            wav(1, 1, 0, 16, nil),
	} {
		if _, err := ReadWAV(bytes.NewReader(in)); !errors.Is(err, ErrWAV) {
			t.Errorf("%s: %v, want ErrWAV", name, err)
		}
	}
}

func TestDuration(t *testing.T) {
	if got := (Clip{Rate: Rate, Samples: make([]int16, Rate/2)}).Duration(); got != 500*time.Millisecond {
		t.Error(got)
	}
	if got := (Clip{}).Duration(); got != 0 {
		t.Error(got)
	}
}

// FuzzWAV checks that a clip that was read can be written and read again unchanged.
func FuzzWAV(f *testing.F) {
	f.Add(Clip{Rate: Rate, Samples: []int16{1, -2, 3}}.WAV())
	f.Add(wav(3, 2, 44100, 32, f32(0.1, 0.2)))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := ReadWAV(bytes.NewReader(in))
		if err != nil {
			return
		}
		again, err := ReadWAV(bytes.NewReader(c.WAV()))
		if err != nil || again.Rate != c.Rate || !slices.Equal(again.Samples, c.Samples) {
			t.Fatalf("%v: %d samples at %d became %d at %d", err, len(c.Samples), c.Rate, len(again.Samples), again.Rate)
		}
	})
}

// TestOpenWAV checks that a clip reads as its file, whatever the pieces.
func TestOpenWAV(t *testing.T) {
	for _, samples := range [][]int16{nil, {-2}, {1, -1, math.MaxInt16, math.MinInt16, 5}} {
		c := Clip{Rate: Rate, Samples: samples}
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"whole":   func(r io.Reader) io.Reader { return r },
			"dribble": func(r io.Reader) io.Reader { return &dribble{r: r} },
			"bytes":   iotest.OneByteReader,
		} {
			r := c.OpenWAV()
			if n := len(c.WAV()); r.Len() != n {
				t.Errorf("%s: length %d, want %d", name, r.Len(), n)
			}
			if got, err := io.ReadAll(wrap(r)); err != nil || !bytes.Equal(got, c.WAV()) || r.Len() != 0 {
				t.Errorf("%s: %x, %v, want %x", name, got, err, c.WAV())
			}
		}
	}
}

// TestReadWAVLengths has files whose lengths are right, unknown or wrong, as programs write
// them to a pipe.
func TestReadWAVLengths(t *testing.T) {
	const all, head = 8, 36 // bytes of data, and what the RIFF chunk has besides
	list := []byte("LIST\x04\x00\x00\x00abcd")
	for _, tt := range []struct {
		name       string
		riff, data uint32
		after      []byte
		want       int
	}{
		{"right", head + all, all, nil, 4},
		{"right, another chunk", head + all + 12, all, list, 4},
		{"no sound", head, 0, nil, 4},
		{"no sound, another chunk", head + 12, 0, nil, 0},
		{"both zero", 0, 0, nil, 4},
		{"both open", math.MaxUint32, math.MaxUint32, nil, 4},
		{"both open, signed", math.MaxInt32, math.MaxInt32 - head, nil, 4},
		{"file open, data zero", math.MaxUint32, 0, nil, 4},
		{"file zero, data open", 0, math.MaxUint32, nil, 4},
		{"the first piece", head + 2, 2, nil, 4},
		{"longer than the file", head + 100, 100, nil, 4},
	} {
		b := Clip{Rate: Rate, Samples: []int16{1, 2, 3, 4}}.WAV()
		binary.LittleEndian.PutUint32(b[4:], tt.riff)
		binary.LittleEndian.PutUint32(b[headerSize-4:], tt.data)
		c, err := ReadWAV(bytes.NewReader(append(b, tt.after...)))
		if err != nil || len(c.Samples) != tt.want {
			t.Errorf("%s: %v, %v, want %d samples", tt.name, c.Samples, err, tt.want)
		}
	}
}
