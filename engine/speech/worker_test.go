package speech

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestRequestTooLong checks that a worker reads no clip longer than an hour, and needs no
// memory for what only claims to be one.
func TestRequestTooLong(t *testing.T) {
	for _, tt := range []struct {
		samples, options uint32
		wants            string
	}{
		{3600*192000 + 1, 2, "samples"},
		{math.MaxUint32, 2, "samples"},
		{1, maxOptions + 1, "options"},
		{1, math.MaxUint32, "options"},
	} {
		var b []byte
		for _, n := range []uint32{16000, tt.samples, tt.options} {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
		b = append(b, "{}"...)
		err := Serve(bytes.NewReader(b), io.Discard, func(pcm.Clip, Options) (Words, error) { return Words{}, nil })
		if err == nil || errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), tt.wants) {
			t.Errorf("%d samples, %d bytes of options: %v", tt.samples, tt.options, err)
		}
	}
}

// TestKilledWhileLoading checks that the error says so, and that the next clip gets a new
// worker.
func TestKilledWhileLoading(t *testing.T) {
	r, _, end := begin(t, "killed", Config{})
	defer end()
	for range 2 {
		if _, err := r.Transcribe(t.Context(), clip(16000), Options{}); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "it was killed") {
			t.Errorf("got %v", err)
		}
	}
	if loaded, err := r.Err(); loaded || err == nil {
		t.Errorf("loaded: %v, %v", loaded, err)
	}
}
