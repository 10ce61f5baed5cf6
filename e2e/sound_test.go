//go:build e2e

package e2e_test

import (
	"bytes"
	"io"
	"math"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// opened waits until vocoder records in alice's session. What is played before is lost:
// a slow machine takes a second to open its microphone.
func opened(t *testing.T) {
	t.Helper()
	_, err := m.As(within(t, time.Minute), "alice", `until pactl -f json list source-outputs |
		jq -e 'any(.[]; (.corked | not) and .properties["application.name"] == "vocoder")' > /dev/null; do sleep .1; done`)
	ok(t, err)
}

// A witness is a second program that records in alice's session. The emulated sound card
// loses sound if the host is busy, and the witness shows it.
type witness struct {
	stream io.ReadCloser
	sound  bytes.Buffer
	ended  chan struct{}
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	s, err := m.Follow(within(t, 5*time.Minute), "alice", "exec parec --raw --format=s16le --rate=16000 --channels=1 --latency-msec=500")
	ok(t, err)
	_, err = io.ReadFull(s, make([]byte, 320)) // it records
	ok(t, err)
	w := &witness{stream: s, ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		_, _ = io.Copy(&w.sound, s) // ends with Close
	}()
	return w
}

// heard ends the recording and returns how much of it is like a clip.
func (w *witness) heard(clip pcm.Clip) float64 {
	_ = w.stream.Close() // what it recorded is all that counts
	<-w.ended
	return likeness(envelope(clip.Samples), envelope(samples(w.sound.Bytes())))
}

// delivered is the least likeness of a clip and of what the emulated microphone delivers
// of it, if no sound was lost.
const delivered = 0.95

// takes is how often a clip is played until the sound card delivers all of it.
const takes = 5

// soundDelay is how long sound takes from the host into a recording, on a busy host.
const soundDelay = 700 * time.Millisecond

func samples(b []byte) []int16 {
	s := make([]int16, len(b)/2)
	for i := range s {
		s[i] = int16(b[2*i]) | int16(b[2*i+1])<<8
	}
	return s
}

// envelope returns the mean loudness of each hundredth of a second at 16 kHz.
func envelope(s []int16) []float64 {
	const window = 160
	e := make([]float64, len(s)/window)
	for i := range e {
		for _, v := range s[i*window : (i+1)*window] {
			e[i] += math.Abs(float64(v)) / window
		}
	}
	return e
}

// likeness returns the greatest correlation of short with any part of long.
func likeness(short, long []float64) (best float64) {
	for shift := range len(long) - len(short) {
		best = max(best, correlation(short, long[shift:shift+len(short)]))
	}
	return best
}

func correlation(a, b []float64) float64 {
	var ma, mb, ab, aa, bb float64
	for i := range a {
		ma += a[i] / float64(len(a))
		mb += b[i] / float64(len(a))
	}
	for i := range a {
		ab += (a[i] - ma) * (b[i] - mb)
		aa += (a[i] - ma) * (a[i] - ma)
		bb += (b[i] - mb) * (b[i] - mb)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
