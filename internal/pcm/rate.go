package pcm

import "math"

// crossings is how many zeros of the sinc At uses on each side. With 12, the mirrored
// frequencies are 50 dB quieter than the sound.
const crossings = 12

// At returns the samples of the clip at the given rate. It interpolates with a sinc under
// a Hann window. If that is the rate of the clip, At returns Samples itself.
func (c Clip) At(rate int) []int16 {
	if c.Rate == rate || c.Rate <= 0 {
		return c.Samples
	}
	wide := max(1, float64(c.Rate)/float64(rate)) // how much the sinc is stretched
	half := int(crossings*wide) + 1
	filters := make(map[int][]float64) // by the place between two samples
	out := make([]int16, len(c.Samples)*rate/c.Rate)
	for i := range out {
		at, phase := i*c.Rate/rate, i*c.Rate%rate
		if filters[phase] == nil {
			filters[phase] = filter(float64(phase)/float64(rate), wide, half)
		}
		sum := 0.0
		for k, w := range filters[phase] {
			if j := at + k - half + 1; j >= 0 && j < len(c.Samples) {
				sum += w * float64(c.Samples[j])
			}
		}
		out[i] = int16(math.Round(min(max(sum, math.MinInt16), math.MaxInt16)))
	}
	return out
}

// filter returns the weights of 2*half samples for a place that is off samples after the
// middle one.
func filter(off, wide float64, half int) []float64 {
	w := make([]float64, 2*half)
	sum := 0.0
	for k := range w {
		x := (float64(k-half+1) - off) / wide
		if math.Abs(x) >= crossings {
			continue
		}
		w[k] = 1
		if x != 0 {
			w[k] = math.Sin(math.Pi*x) / (math.Pi * x)
		}
		w[k] *= 0.5 + 0.5*math.Cos(math.Pi*x/crossings)
		sum += w[k]
	}
	for k := range w {
		w[k] /= sum
	}
	return w
}
