package pcm

import (
	"math"
	"testing"
)

// sine returns a second of a tone.
func sine(rate int, frequency, amplitude float64) Clip {
	c := Clip{Rate: rate, Samples: make([]int16, rate)}
	for i := range c.Samples {
		c.Samples[i] = int16(amplitude * math.Sin(2*math.Pi*frequency*float64(i)/float64(rate)))
	}
	return c
}

// power returns the root of the mean square, the ends aside.
func power(s []int16) float64 {
	s = s[len(s)/8 : len(s)*7/8]
	sum := 0.0
	for _, v := range s {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(s)))
}

// TestAt keeps a tone that both rates have, as it is at the other rate, and leaves
// out one that the new rate cannot have.
func TestAt(t *testing.T) {
	for _, rate := range []int{4000, 8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000} {
		got := sine(rate, 440, 10000).At(Rate)
		want := sine(Rate, 440, 10000).Samples
		if len(got) != Rate {
			t.Errorf("%d: %d samples, want %d", rate, len(got), Rate)
			continue
		}
		for i := Rate / 8; i < Rate*7/8; i++ {
			if math.Abs(float64(got[i])-float64(want[i])) > 100 {
				t.Errorf("%d: sample %d is %d, want %d", rate, i, got[i], want[i])
				break
			}
		}
		if rate <= 24000 {
			continue
		}
		if p := power(sine(rate, 11000, 10000).At(Rate)); p > 30 {
			t.Errorf("%d: a tone of 11 kHz comes out at %.0f", rate, p)
		}
	}
	if c := sine(Rate, 440, 1000); &c.At(Rate)[0] != &c.Samples[0] {
		t.Error("copied at its own rate")
	}
}
