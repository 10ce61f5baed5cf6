package vad

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// clip returns a sound as a clip. It clips samples above full scale.
func clip(x []float64) pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, len(x))}
	for i, v := range x {
		c.Samples[i] = int16(math.Round(min(max(v, math.MinInt16), math.MaxInt16)))
	}
	return c
}

// TestNotSpeech checks that no noise would go to the recognizer, for many random seeds.
func TestNotSpeech(t *testing.T) {
	t.Parallel()
	passed := 0
	for i, n := range noises {
		if testing.Short() && i%8 != 0 {
			continue // the race detector takes a minute for all
		}
		for i := range times() {
			c := clip(n.make(rand.New(rand.NewPCG(i, 11))))
			before := slices.Clone(c.Samples)
			if v := Detect(c); v.Speaks() {
				passed++
				t.Errorf("%s, %d: taken for a voice, for %v", n.name, i, v.Total())
			}
			if !slices.Equal(before, c.Samples) {
				t.Errorf("%s: the clip was changed", n.name)
			}
		}
	}
	t.Logf("%d kinds of noise, %d times each: %d sent", len(noises), times(), passed)
}

// times is the number of random seeds for each noise.
func times() uint64 {
	if os.Getenv("VOCODER_SWEEP") == "1" {
		return 40
	}
	return 1
}

// TestNoiseFiles writes the noises as WAV files into the folder VOCODER_NOISES, for make
// sweep-whisper, which sends them to real recognizers, and for make sweep-voice, which
// needs all of them.
func TestNoiseFiles(t *testing.T) {
	folder := os.Getenv("VOCODER_NOISES")
	if folder == "" {
		t.Skip("make sweep-whisper and make sweep-voice run this")
	}
	for _, n := range noises {
		for i := range times() {
			name := n.name
			if i > 0 {
				name = fmt.Sprintf("%s, %d", n.name, i)
			}
			c := clip(n.make(rand.New(rand.NewPCG(i, 11))))
			if err := os.WriteFile(filepath.Join(folder, name+".wav"), c.WAV(), 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestSpeech checks that the detector finds a reader's voice, quiet or loud, with and
// without noise.
func TestSpeech(t *testing.T) {
	t.Parallel()
	c := speech(t)
	r := rand.New(rand.NewPCG(5, 5))
	for _, gain := range []float64{-36, -24, -12, 0, 12} {
		var x []float64
		for _, v := range c.Samples {
			x = append(x, float64(v)*math.Pow(10, gain/20))
		}
		for _, noise := range []float64{-90, -70, -60} {
			if gain == -36 && noise == -60 {
				continue // as loud as the voice
			}
			if v := Detect(clip(add(scale(pink(r, c.Duration().Seconds())[:len(x)], noise), x))); v.Total() < c.Duration()/2 {
				t.Errorf("%+.0f dB in noise of %.0f dB: a voice for %v of %v", gain, noise, v.Total(), c.Duration())
			}
		}
	}
}
