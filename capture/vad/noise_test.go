package vad

import (
	"math"
	"math/rand/v2"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A noise is a sound without a voice.
type noise struct {
	name string
	make func(r *rand.Rand) []float64
}

// amp returns the amplitude of a level in dB.
func amp(db float64) float64 { return 32768 * math.Pow(10, db/20) }

// tone returns a sound of a length in seconds. f has its value at each moment.
func tone(sec float64, f func(t float64) float64) []float64 {
	b := make([]float64, int(sec*pcm.Rate))
	for i := range b {
		b[i] = f(float64(i) / pcm.Rate)
	}
	return b
}

// white returns noise with a deviation of one.
func white(r *rand.Rand, sec float64) []float64 {
	return tone(sec, func(float64) float64 { return r.NormFloat64() })
}

// pink returns noise with equal power in each octave: P. Kellet's filter, musicdsp.org, 1999.
func pink(r *rand.Rand, sec float64) []float64 {
	var b [7]float64
	return tone(sec, func(float64) float64 {
		w := r.NormFloat64()
		b[0] = .99886*b[0] + w*.0555179
		b[1] = .99332*b[1] + w*.0750759
		b[2] = .96900*b[2] + w*.1538520
		b[3] = .86650*b[3] + w*.3104856
		b[4] = .55000*b[4] + w*.5329522
		b[5] = -.7616*b[5] - w*.0168980
		v := b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + b[6] + w*.5362
		b[6] = w * .115926
		return v
	})
}

// brown returns noise with its power in the lowest tones.
func brown(r *rand.Rand, sec float64) []float64 {
	y := 0.0
	return tone(sec, func(float64) float64 { y = .998*y + r.NormFloat64(); return y })
}

// resonate filters by a two-pole resonator.
func resonate(x []float64, f, bw float64) []float64 {
	r := math.Exp(-math.Pi * bw / pcm.Rate)
	a1, a2 := 2*r*math.Cos(2*math.Pi*f/pcm.Rate), -r*r
	y := make([]float64, len(x))
	var p, q float64
	for i, v := range x {
		n := v + a1*p + a2*q
		y[i] = n
		p, q = n, p
	}
	return y
}

// scale brings a sound to a level in dB. Its silent samples do not count.
func scale(x []float64, db float64) []float64 {
	s := 0.0
	n := 0
	for _, v := range x {
		if v != 0 {
			s += v * v
			n++
		}
	}
	if n == 0 {
		return x
	}
	k := amp(db) / math.Sqrt(s/float64(n))
	for i := range x {
		x[i] *= k
	}
	return x
}

// add adds one sound to the other.
func add(a, b []float64) []float64 {
	for i := range b {
		if i < len(a) {
			a[i] += b[i]
		}
	}
	return a
}

// shape multiplies a sound by a course of loudness.
func shape(x []float64, f func(t float64) float64) []float64 {
	for i := range x {
		x[i] *= f(float64(i) / pcm.Rate)
	}
	return x
}

// put adds one sound to the other, from a moment in seconds.
func put(dst, src []float64, at float64) {
	o := int(at * pcm.Rate)
	for i, v := range src {
		if o+i >= 0 && o+i < len(dst) {
			dst[o+i] += v
		}
	}
}

// harmonics returns a tone with overtones, each fainter than the one before.
func harmonics(f float64, n int, roll float64) func(t float64) float64 {
	return func(t float64) float64 {
		s := 0.0
		for k := 1; k <= n; k++ {
			s += math.Sin(2*math.Pi*f*float64(k)*t) * math.Pow(float64(k), -roll)
		}
		return s
	}
}

// note returns a note of an instrument.
func note(f, sec, decay float64, n int) []float64 {
	h := harmonics(f, n, 1.2)
	return tone(sec, func(t float64) float64 {
		a := math.Min(1, t/.01) * math.Exp(-t*decay) * math.Min(1, (sec-t)/.02)
		return h(t) * a
	})
}

// press returns the sound of one key of a keyboard: it clicks, strikes bottom and clicks again.
func press(r *rand.Rand) []float64 {
	b := make([]float64, pcm.Rate/4)
	burst := func(at, f, width, decay float64) {
		n := shape(white(r, .05), func(t float64) float64 { return math.Exp(-t * decay) })
		put(b, scale(resonate(n, f, width), -20), at)
	}
	burst(0, 2500+1500*r.Float64(), 1200, 300)
	burst(.004+.01*r.Float64(), 200+200*r.Float64(), 150, 120)
	burst(.08+.05*r.Float64(), 3000+1000*r.Float64(), 1500, 400)
	return b
}

// midi returns the frequency of a note by its MIDI number.
func midi(n int) float64 { return 440 * math.Pow(2, float64(n-69)/12) }
