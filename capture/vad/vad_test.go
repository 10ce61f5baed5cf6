package vad

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// speech reads testdata/speech.wav: "he was not an ill disposed young man" and more
// of Sense and Sensibility, read by a volunteer of LibriVox, in the public domain.
func speech(t testing.TB) pcm.Clip {
	t.Helper()
	b, err := os.ReadFile("testdata/speech.wav")
	if err != nil {
		t.Fatal(err)
	}
	c, err := pcm.ReadWAV(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestReference compares the probabilities of the speech, and of the speech 24 dB
// quieter, with those of ONNX Runtime.
func TestReference(t *testing.T) {
	b, err := os.ReadFile("testdata/probabilities.txt")
	if err != nil {
		t.Fatal(err)
	}
	samples := speech(t).Samples
	for _, v := range slices.Clone(samples) {
		samples = append(samples, v>>4)
	}
	d, windows, worst := New(), 0, 0.0
	for line := bufio.NewScanner(bytes.NewReader(b)); line.Scan(); windows++ {
		want, err := strconv.ParseFloat(line.Text(), 64)
		if err != nil {
			t.Fatal(err)
		}
		got := d.Next(samples[windows*Window : (windows+1)*Window])
		worst = max(worst, math.Abs(float64(got)-want))
	}
	t.Logf("%d windows, at most %.6f apart", windows, worst)
	if windows != len(samples)/Window || worst > 1e-4 {
		t.Errorf("%d windows of %d, at most %.6f apart, want 0.0001", windows, len(samples)/Window, worst)
	}
}

// TestReset checks that the probabilities are the same again after Reset.
func TestReset(t *testing.T) {
	s := speech(t).Samples
	d := New()
	first := []float32{d.Next(s[:Window]), d.Next(s[Window : 2*Window])}
	d.Reset()
	if again := []float32{d.Next(s[:Window]), d.Next(s[Window : 2*Window])}; !slices.Equal(first, again) {
		t.Errorf("%v, then %v", first, again)
	}
}

// TestDetect checks that Detect finds a voice at any rate, and has a frame for an
// incomplete last window.
func TestDetect(t *testing.T) {
	c := speech(t)
	c.Samples = c.Samples[:40*Window+1]
	want := Detect(c)
	if len(want) != 41 {
		t.Errorf("%d frames of %d samples", len(want), len(c.Samples))
	}
	for _, rate := range []int{8000, 44100, 48000} {
		other := pcm.Clip{Rate: rate, Samples: c.At(rate)}
		if got := Detect(other); math.Abs((got.Total()-want.Total()).Seconds()) > 0.1 || !got.Speaks() {
			t.Errorf("at %d: a voice for %v, want %v", rate, got.Total(), want.Total())
		}
	}
	if got := Detect(pcm.Clip{Rate: pcm.Rate}); len(got) != 0 || got == nil || got.Speaks() {
		t.Errorf("nothing: %v", got)
	}
}

func BenchmarkWindow(b *testing.B) {
	s, d := speech(b).Samples, New()
	b.ReportAllocs()
	for b.Loop() {
		d.Next(s[:Window])
	}
}
