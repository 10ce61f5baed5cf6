package vad

import (
	"math"
	"math/rand/v2"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// noises are generated from a random source.
var noises = []noise{
	{"silence", func(r *rand.Rand) []float64 { return make([]float64, 2*pcm.Rate) }},
	{"one bit of noise", func(r *rand.Rand) []float64 { return scale(white(r, 2), -90) }},
	{"white -60", func(r *rand.Rand) []float64 { return scale(white(r, 3), -60) }},
	{"white -40", func(r *rand.Rand) []float64 { return scale(white(r, 3), -40) }},
	{"white -15", func(r *rand.Rand) []float64 { return scale(white(r, 3), -15) }},
	{"pink -50", func(r *rand.Rand) []float64 { return scale(pink(r, 3), -50) }},
	{"pink -20", func(r *rand.Rand) []float64 { return scale(pink(r, 5), -20) }},
	{"brown -25", func(r *rand.Rand) []float64 { return scale(brown(r, 5), -25) }},
	{"hum 50", func(r *rand.Rand) []float64 { return scale(tone(3, harmonics(50, 8, 1)), -30) }},
	{"hum 60 loud", func(r *rand.Rand) []float64 { return scale(tone(3, harmonics(60, 12, .7)), -15) }},
	{"hum 100 and noise", func(r *rand.Rand) []float64 {
		return add(scale(tone(3, harmonics(100, 20, .5)), -35), scale(pink(r, 3), -45))
	}},
	{"hum with beating", func(r *rand.Rand) []float64 {
		return add(scale(tone(4, harmonics(120, 10, 1)), -30), scale(tone(4, harmonics(118.3, 10, 1)), -34))
	}},
	{"sine 1000", func(r *rand.Rand) []float64 { return scale(tone(2, harmonics(1000, 1, 1)), -20) }},
	{"sine 220", func(r *rand.Rand) []float64 { return scale(tone(2, harmonics(220, 1, 1)), -20) }},
	{"dial tone", func(r *rand.Rand) []float64 {
		return scale(tone(3, func(t float64) float64 { return math.Sin(2*math.Pi*350*t) + math.Sin(2*math.Pi*440*t) }), -20)
	}},
	{"busy tone", func(r *rand.Rand) []float64 {
		return scale(tone(4, func(t float64) float64 {
			if math.Mod(t, 1) > .5 {
				return 0
			}
			return math.Sin(2*math.Pi*480*t) + math.Sin(2*math.Pi*620*t)
		}), -20)
	}},
	{"DTMF", func(r *rand.Rand) []float64 {
		lo, hi := []float64{697, 770, 852, 941}, []float64{1209, 1336, 1477}
		b := make([]float64, 3*pcm.Rate)
		for i := range 8 {
			l, h := lo[r.IntN(4)], hi[r.IntN(3)]
			put(b, tone(.15, func(t float64) float64 { return math.Sin(2*math.Pi*l*t) + math.Sin(2*math.Pi*h*t) }), .3*float64(i))
		}
		return scale(b, -20)
	}},
	{"beeps", func(r *rand.Rand) []float64 {
		return scale(tone(3, func(t float64) float64 {
			if math.Mod(t, .3) > .1 {
				return 0
			}
			return math.Sin(2 * math.Pi * 880 * t)
		}), -20)
	}},
	{"square 150", func(r *rand.Rand) []float64 {
		return scale(tone(2, func(t float64) float64 { return math.Copysign(1, math.Sin(2*math.Pi*150*t)) }), -25)
	}},
	{"sweep", func(r *rand.Rand) []float64 {
		return scale(tone(3, func(t float64) float64 { return math.Sin(2 * math.Pi * (100*t + 150*t*t)) }), -20)
	}},
	{"siren", func(r *rand.Rand) []float64 {
		return scale(tone(4, func(t float64) float64 {
			return math.Sin(2*math.Pi*700*t - 300*math.Cos(2*math.Pi*.5*t))
		}), -20)
	}},
	{"clicks", func(r *rand.Rand) []float64 {
		b := make([]float64, 3*pcm.Rate)
		for range 15 {
			b[r.IntN(len(b))] = amp(-3) * (r.Float64() + .2)
		}
		return b
	}},
	{"clicks at 8 Hz", func(r *rand.Rand) []float64 {
		b := make([]float64, 3*pcm.Rate)
		for i := 0; i < len(b); i += pcm.Rate / 8 {
			b[i], b[i+1] = amp(-6), -amp(-9)
		}
		return b
	}},
	{"mouse", func(r *rand.Rand) []float64 {
		b := scale(white(r, 2), -65)
		for i := range 4 {
			n := shape(white(r, .02), func(t float64) float64 { return math.Exp(-t * 600) })
			put(b, scale(resonate(n, 4000, 1500), -25), .2+.4*float64(i))
			put(b, scale(resonate(n, 3500, 1500), -30), .3+.4*float64(i))
		}
		return b
	}},
	{"typing", func(r *rand.Rand) []float64 {
		b := scale(pink(r, 4), -62)
		for t := .1; t < 3.7; t += .08 + .15*r.Float64() {
			put(b, press(r), t)
		}
		return b
	}},
	{"fast typing", func(r *rand.Rand) []float64 {
		b := scale(pink(r, 4), -62)
		for t := .1; t < 3.7; t += .05 + .05*r.Float64() {
			put(b, press(r), t)
		}
		return b
	}},
	{"one key", func(r *rand.Rand) []float64 {
		b := scale(pink(r, 1), -62)
		put(b, press(r), .2)
		return b
	}},
	{"knocks", func(r *rand.Rand) []float64 {
		b := scale(pink(r, 2), -60)
		for i := range 4 {
			n := shape(white(r, .15), func(t float64) float64 { return math.Exp(-t * 60) })
			put(b, scale(resonate(n, 140+30*r.Float64(), 40), -12), .2+.35*float64(i))
		}
		return b
	}},
	{"microphone thump", func(r *rand.Rand) []float64 {
		b := scale(pink(r, 1), -60)
		put(b, scale(shape(tone(.3, func(t float64) float64 { return math.Sin(2 * math.Pi * (70 - 60*t) * t) }), func(t float64) float64 { return math.Exp(-t * 15) }), -6), .2)
		return b
	}},
	{"breath", func(r *rand.Rand) []float64 {
		n := add(resonate(white(r, 4), 900, 900), resonate(white(r, 4), 2200, 1200))
		return add(scale(shape(n, func(t float64) float64 { return math.Pow(math.Max(0, math.Sin(2*math.Pi*t/2)), 2) + 1e-3 }), -35), scale(white(r, 4), -65))
	}},
	{"breath into the microphone", func(r *rand.Rand) []float64 {
		n := add(scale(brown(r, 3), 0), scale(resonate(white(r, 3), 600, 500), 0))
		return scale(shape(n, func(t float64) float64 { return math.Pow(math.Abs(math.Sin(2*math.Pi*t/1.5)), 2) + 1e-3 }), -20)
	}},
	{"cough", func(r *rand.Rand) []float64 {
		b := scale(pink(r, 2), -60)
		for i := range 3 {
			n := add(resonate(white(r, .35), 500, 400), resonate(white(r, .35), 1500, 700))
			put(b, scale(shape(n, func(t float64) float64 { return math.Min(1, t/.01) * math.Exp(-t*12) }), -15), .2+.45*float64(i))
		}
		return b
	}},
	{"sniff", func(r *rand.Rand) []float64 {
		b := scale(white(r, 1), -62)
		put(b, scale(shape(resonate(white(r, .4), 2500, 1500), func(t float64) float64 { return math.Sin(math.Pi * t / .4) }), -30), .3)
		return b
	}},
	{"wind", func(r *rand.Rand) []float64 {
		x := 0.0
		g := tone(5, func(float64) float64 { x = .9997*x + .0003*40*r.NormFloat64(); return math.Abs(x) + .05 })
		n := brown(r, 5)
		for i := range n {
			n[i] *= g[i]
		}
		return scale(n, -22)
	}},
	{"fan", func(r *rand.Rand) []float64 {
		return add(scale(pink(r, 4), -38), scale(tone(4, harmonics(96, 6, 1)), -42))
	}},
	{"rain", func(r *rand.Rand) []float64 {
		b := scale(white(r, 4), -45)
		for range 400 {
			put(b, scale(shape(resonate(white(r, .01), 3000+3000*r.Float64(), 1000), func(t float64) float64 { return math.Exp(-t * 500) }), -30-10*r.Float64()), 4*r.Float64())
		}
		return b
	}},
	{"paper", func(r *rand.Rand) []float64 {
		g := 0.0
		n := resonate(white(r, 3), 3500, 3000)
		for i := range n {
			if r.IntN(400) == 0 {
				g = r.Float64()
			}
			g *= .9985
			n[i] *= g
		}
		return scale(n, -28)
	}},
	{"piano", func(r *rand.Rand) []float64 {
		b := make([]float64, 5*pcm.Rate)
		for i, n := range []int{60, 64, 67, 72, 67, 64, 60, 55, 60, 64, 67, 72} {
			put(b, note(midi(n), .6, 4, 10), .35*float64(i))
		}
		return scale(b, -22)
	}},
	{"organ chords", func(r *rand.Rand) []float64 {
		b := make([]float64, 5*pcm.Rate)
		for i, c := range [][]int{{48, 60, 64, 67}, {53, 60, 65, 69}, {55, 62, 67, 71}, {48, 60, 64, 67}} {
			for _, n := range c {
				put(b, note(midi(n), 1.2, 0, 8), 1.2*float64(i))
			}
		}
		return scale(b, -20)
	}},
	{"plucked bass", func(r *rand.Rand) []float64 {
		b := make([]float64, 4*pcm.Rate)
		for i := range 12 {
			put(b, note(midi(36+[]int{0, 0, 7, 5, 3, 0}[i%6]), .3, 6, 14), .3*float64(i))
		}
		return scale(b, -18)
	}},
	{"flute with vibrato", func(r *rand.Rand) []float64 {
		b := make([]float64, 4*pcm.Rate)
		for i, n := range []int{72, 74, 76, 79} {
			f := midi(n)
			put(b, tone(.9, func(t float64) float64 {
				p := 2*math.Pi*f*t + f*.008/5.5*math.Sin(2*math.Pi*5.5*t)
				return math.Min(1, t/.05) * math.Min(1, (.9-t)/.05) * (math.Sin(p) + .3*math.Sin(2*p) + .1*math.Sin(3*p))
			}), float64(i)*.95)
		}
		return add(scale(b, -22), scale(white(r, 4), -55))
	}},
	{"drums", func(r *rand.Rand) []float64 {
		b := make([]float64, 4*pcm.Rate)
		for i := range 16 {
			at := .25 * float64(i)
			if i%4 == 0 {
				put(b, scale(shape(tone(.2, func(t float64) float64 { return math.Sin(2 * math.Pi * (50*t - 2*math.Exp(-t*30))) }), func(t float64) float64 { return math.Exp(-t * 12) }), -12), at)
			}
			if i%4 == 2 {
				put(b, scale(shape(white(r, .2), func(t float64) float64 { return math.Exp(-t * 20) }), -18), at)
			}
			put(b, scale(shape(resonate(white(r, .05), 7000, 1500), func(t float64) float64 { return math.Exp(-t * 80) }), -28), at)
		}
		return b
	}},
	{"band", func(r *rand.Rand) []float64 {
		b := make([]float64, 5*pcm.Rate)
		for i := range 16 {
			at := .3 * float64(i)
			put(b, scale(shape(white(r, .1), func(t float64) float64 { return math.Exp(-t * 40) }), -28), at)
			put(b, scale(note(midi(36+[]int{0, 7, 5, 3}[i/4]), .3, 5, 10), -22), at)
			put(b, scale(note(midi(60+[]int{0, 4, 7, 12, 7, 4}[i%6]), .3, 5, 8), -24), at)
		}
		return b
	}},
	{"bell", func(r *rand.Rand) []float64 {
		return scale(tone(3, func(t float64) float64 {
			s := 0.0
			for i, k := range []float64{.5, 1, 1.19, 1.56, 2, 2.51, 2.66, 3.01} {
				s += math.Sin(2*math.Pi*520*k*t) * math.Exp(-t*(1+float64(i)*.7))
			}
			return s
		}), -20)
	}},
	{"telephone", func(r *rand.Rand) []float64 {
		return scale(tone(4, func(t float64) float64 {
			if math.Mod(t, 2) > 1 {
				return 0
			}
			return math.Sin(2*math.Pi*1100*t) * (1 + .5*math.Copysign(1, math.Sin(2*math.Pi*20*t)))
		}), -20)
	}},
	{"buzz, amplitude modulated", func(r *rand.Rand) []float64 {
		return scale(tone(3, func(t float64) float64 {
			return harmonics(110, 20, .6)(t) * (1 + .6*math.Sin(2*math.Pi*4*t))
		}), -25)
	}},
	{"motor", func(r *rand.Rand) []float64 {
		return add(scale(tone(4, func(t float64) float64 {
			p := 2 * math.Pi * (80*t + 8*t*t)
			return math.Sin(p) + .6*math.Sin(2*p) + .4*math.Sin(3*p) + .2*math.Sin(5*p)
		}), -25), scale(pink(r, 4), -40))
	}},
	{"chair", func(r *rand.Rand) []float64 {
		b := scale(pink(r, 2), -58)
		put(b, scale(tone(.4, func(t float64) float64 {
			p := 2 * math.Pi * (900*t + 500*t*t)
			return math.Sin(p) + .4*math.Sin(2*p)
		}), -25), .5)
		return b
	}},
}
