package speech

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// talk returns a loud clip of so many seconds, with pauses of 0.4 s at some of them.
func talk(seconds float64, rate int, pauses ...float64) pcm.Clip {
	c := pcm.Clip{Rate: rate, Samples: make([]int16, int(seconds*float64(rate)))}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range c.Samples {
		c.Samples[i] = int16(r.IntN(20000) - 10000)
	}
	for _, p := range pauses {
		from := int(p * float64(rate))
		clear(c.Samples[from : from+4*rate/10])
	}
	return c
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		name string
		clip pcm.Clip
		want []float64 // seconds, each within 0.2
	}{
		{"empty", pcm.Clip{Rate: 16000}, nil},
		{"no rate", pcm.Clip{Samples: []int16{1}}, nil},
		{"short", talk(3, 16000), []float64{3}},
		{"30 s stay whole", talk(30, 16000, 20), []float64{30}},
		{"at the pause", talk(40, 16000, 5, 22, 35), []float64{22.2, 40}},
		{"pause at the first place", talk(31, 16000, 18), []float64{18.2, 31}},
		{"pause at the last place", talk(31, 16000, 27.6), []float64{27.8, 31}},
		{"twice, at 48 kHz", talk(70, 48000, 20, 45), []float64{20.2, 45.2, 70}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := cut(tt.clip, 0)
			if len(got) != len(tt.want) {
				t.Fatalf("got %v samples, want %v seconds", got, tt.want)
			}
			for i, end := range got {
				at := float64(end) / float64(tt.clip.Rate)
				if at < tt.want[i]-0.2 || at > tt.want[i]+0.2 {
					t.Errorf("cut %d at %.2f s, want %.2f s", i, at, tt.want[i])
				}
			}
		})
	}
}

// Without any pause the pieces are short enough too, and cover the whole clip.
func TestCutCovers(t *testing.T) {
	c := talk(300, 8000)
	for _, longest := range []time.Duration{30 * time.Second, 25 * time.Second} {
		start := 0
		for _, end := range cut(c, longest) {
			if n := end - start; n <= 0 || n > int(longest.Seconds())*c.Rate {
				t.Errorf("%v: piece of %d samples", longest, n)
			}
			start = end
		}
		if start != len(c.Samples) {
			t.Errorf("%v: ends at %d of %d", longest, start, len(c.Samples))
		}
	}
}

// A clip is silent if it is too soft for speech, not if it is short.
func TestSilent(t *testing.T) {
	soft := talk(1, 16000)
	for i := range soft.Samples {
		soft.Samples[i] /= 500
	}
	for name, tt := range map[string]struct {
		clip pcm.Clip
		want bool
	}{
		"empty":   {pcm.Clip{Rate: 16000}, true},
		"zeros":   {pcm.Clip{Rate: 16000, Samples: make([]int16, 16000)}, true},
		"soft":    {soft, true},
		"a word":  {talk(0.2, 16000), false},
		"a click": {pcm.Clip{Rate: 16000, Samples: append(make([]int16, 16000), talk(0.03, 16000).Samples...)}, true},
		"at last": {pcm.Clip{Rate: 16000, Samples: append(make([]int16, 25*16000), talk(0.2, 16000).Samples...)}, false},
		"a pause": {talk(3, 16000, 1, 2), false},
	} {
		if got := silent(tt.clip); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// trim removes the silence before and after the words, at any level of noise. It keeps
// the words, and a clip in which speech and noise are equally loud.
func TestTrim(t *testing.T) {
	const rate = 16000
	noise := func(seconds float64, level int) []int16 {
		s := make([]int16, int(seconds*rate))
		r := rand.New(rand.NewPCG(2, 2))
		for i := range s {
			s[i] = int16(r.IntN(2*level+1) - level)
		}
		return s
	}
	for _, tt := range []struct {
		name     string
		parts    [][]int16
		from, to float64 // seconds, of what stays
	}{
		{"silence", [][]int16{noise(3, 0)}, 0, 3},
		{"hiss", [][]int16{noise(3, 20)}, 0, 3},
		{"words alone", [][]int16{noise(2, 10000)}, 0, 2},
		{"before", [][]int16{noise(2, 2), noise(1, 10000)}, 1.8, 3},
		{"before, in noise", [][]int16{noise(2, 500), noise(1, 10000)}, 1.8, 3},
		{"after", [][]int16{noise(1, 10000), noise(2, 20)}, 0, 1.2},
		{"between words", [][]int16{noise(1, 10000), noise(3, 20), noise(1, 10000)}, 0, 5},
		{"soft words first", [][]int16{noise(1, 20), noise(1, 800), noise(1, 10000)}, 0.8, 3},
		{"all soft", [][]int16{noise(1, 10), noise(1, 400), noise(1, 10)}, 0.8, 2.2},
	} {
		var c pcm.Clip
		c.Rate = rate
		for _, p := range tt.parts {
			c.Samples = append(c.Samples, p...)
		}
		got, _ := trim(c)
		from := float64(cap(c.Samples)-cap(got.Samples)) / rate
		to := from + got.Duration().Seconds()
		if from < tt.from-.03 || from > tt.from+.03 || to < tt.to-.03 || to > tt.to+.03 {
			t.Errorf("%s: %.2f s to %.2f s, want %.2f s to %.2f s", tt.name, from, to, tt.from, tt.to)
		}
	}
}
