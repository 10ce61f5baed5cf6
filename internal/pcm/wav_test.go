package pcm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
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
