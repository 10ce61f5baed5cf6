package capture

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// clip makes a clip of a sound, cutting what is too loud.
func clip(x []float64) pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, len(x))}
	for i, v := range x {
		c.Samples[i] = int16(math.Round(min(max(v, math.MinInt16), math.MaxInt16)))
	}
	return c
}

// TestNotSpeech sends no noise to the recogniser, whatever chance makes of it.
func TestNotSpeech(t *testing.T) {
	t.Parallel()
	times := uint64(1)
	if os.Getenv("VOCODER_SWEEP") == "1" {
		times = 40
	}
	passed := 0
	for _, n := range noises {
		for i := range times {
			c := clip(n.make(rand.New(rand.NewPCG(i, 11))))
			before := slices.Clone(c.Samples)
			if v := Speech(c); v.Speech {
				passed++
				t.Errorf("%s, %d: taken for speech", n.name, i)
			} else if v.Reason == "" {
				t.Errorf("%s: no reason", n.name)
			}
			if !slices.Equal(before, c.Samples) {
				t.Errorf("%s: the clip was changed", n.name)
			}
		}
	}
	t.Logf("%d kinds of noise, %d times each: %d sent", len(noises), times, passed)
}

// TestNoiseFiles writes the noises as WAV files into the folder VOCODER_NOISES, for
// make sweep-whisper, which plays them to real recognizers.
func TestNoiseFiles(t *testing.T) {
	folder := os.Getenv("VOCODER_NOISES")
	if folder == "" {
		t.Skip("make sweep-whisper runs this")
	}
	for _, n := range noises {
		c := clip(n.make(rand.New(rand.NewPCG(0, 11))))
		if err := os.WriteFile(filepath.Join(folder, n.name+".wav"), c.WAV(), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// people are clips of people speaking, from the Debian packages
// pocketsphinx-testdata and asterisk-core-sounds-en-wav.
var people = []string{
	"/usr/share/pocketsphinx/test/data/*.raw",
	"/usr/share/pocketsphinx/test/data/*/*.wav",
	"/usr/share/asterisk/sounds/en_US_f_Allison/[a-v]*.wav",
	"/usr/share/asterisk/sounds/en_US_f_Allison/digits/*.wav",
	"/usr/share/asterisk/sounds/en_US_f_Allison/letters/*.wav",
}

// humans reads one in so many of the clips of each kind.
func humans(t *testing.T, every int) map[string][]float64 {
	t.Helper()
	clips := make(map[string][]float64)
	for _, pattern := range people {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			missing(t, "no %s", pattern)
		}
		if strings.Contains(pattern, "asterisk") {
			files = slices.DeleteFunc(files, func(f string) bool {
				return slices.ContainsFunc([]string{"beep", "2tone", "confbridge-", "monkeys"}, func(s string) bool { return strings.Contains(f, s) })
			})
		}
		for i := 0; i < len(files); i++ {
			if i%every != 0 && strings.Contains(pattern, "asterisk") {
				continue
			}
			clips[filepath.Base(files[i])] = human(t, files[i])
		}
	}
	return clips
}

// human reads a clip, at twice its rate if it was recorded for the telephone.
func human(t *testing.T, file string) []float64 {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := pcm.Clip{Rate: pcm.Rate}
	if strings.HasSuffix(file, ".raw") {
		for i := 0; i+1 < len(b); i += 2 {
			c.Samples = append(c.Samples, int16(binary.LittleEndian.Uint16(b[i:])))
		}
	} else if c, err = pcm.ReadWAV(bytes.NewReader(b)); err != nil {
		t.Fatal(file, err)
	}
	var x []float64
	for i, v := range c.Samples {
		x = append(x, float64(v))
		if 2*c.Rate == pcm.Rate {
			x = append(x, (float64(v)+float64(c.Samples[min(i+1, len(c.Samples)-1)]))/2)
		}
	}
	return x
}

// speechLevelOf returns the level of the louder half of a sound, in dB.
func speechLevelOf(x []float64) float64 {
	var e []float64
	for piece := range slices.Chunk(x, 320) {
		e = append(e, energy(piece)/float64(len(piece)))
	}
	slices.Sort(e)
	sum := 0.0
	for _, v := range e[len(e)/2:] {
		sum += v / float64(len(e)-len(e)/2)
	}
	return dB(math.Sqrt(sum))
}

// TestSpeech sends everything that people say, quiet or loud, in noise or not:
// a quarter of all ways to say it for some, or all of them for everybody where
// everything is tested.
func TestSpeech(t *testing.T) {
	t.Parallel()
	every, skip := 16, 4
	if os.Getenv("VOCODER_SWEEP") == "1" {
		every, skip = 1, 1
	}
	if testing.Short() {
		skip = 25
	}
	clips := humans(t, every)
	r := rand.New(rand.NewPCG(5, 5))
	noises := map[string]func(*rand.Rand, float64) []float64{"white": white, "pink": pink}
	ways, tried, sent := 0, 0, 0
	var least, took time.Duration = time.Hour, 0
	for name, x := range clips {
		try := func(kind string, gain float64, x []float64) {
			if ways++; ways%skip != 0 {
				return
			}
			y := slices.Clone(x)
			for i := range y {
				y[i] *= math.Pow(10, gain/20)
			}
			c := clip(y)
			began := time.Now()
			v := Speech(c)
			took = max(took, time.Since(began))
			tried++
			if v.Speech {
				sent++
			} else {
				t.Errorf("%s, %s, %+.0f dB: %s, %v of voice", name, kind, gain, v.Reason, v.Voiced)
			}
			least = min(least, v.Voiced)
		}
		for _, gain := range []float64{-30, -20, -10, 0, 6} {
			try("clean", gain, x)
			for kind, noise := range noises {
				for _, ratio := range []float64{20, 10} {
					n := scale(noise(r, float64(len(x)+pcm.Rate)/pcm.Rate)[:len(x)], speechLevelOf(x)-ratio)
					try(kind, gain, add(n, x))
				}
			}
		}
	}
	t.Logf("%d clips of people, %d times in all: %d sent; slowest decision %v", len(clips), tried, sent, took)
	if len(clips) < 40 {
		t.Errorf("%d clips, want 40", len(clips))
	}
}

// BenchmarkSpeech decides about ten seconds of which none is speech: the worst.
func BenchmarkSpeech(b *testing.B) {
	c := clip(scale(tone(10, harmonics(120, 20, .6)), -20))
	b.ReportAllocs()
	for b.Loop() {
		Speech(c)
	}
}

// BenchmarkSpeechMinute decides about a minute of speech: the usual.
func BenchmarkSpeechMinute(b *testing.B) {
	files, _ := filepath.Glob("/usr/share/pocketsphinx/test/data/librivox/*0930.wav")
	if len(files) == 0 {
		b.Skip("no pocketsphinx-testdata")
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		b.Fatal(err)
	}
	c, err := pcm.ReadWAV(bytes.NewReader(data))
	if err != nil {
		b.Fatal(err)
	}
	for c.Duration() < time.Minute {
		c.Samples = append(c.Samples, c.Samples...)
	}
	c.Samples = c.Samples[:60*pcm.Rate]
	b.ReportAllocs()
	for b.Loop() {
		Speech(c)
	}
}
