package vad

import (
	"math"
	"math/bits"
)

// hann is the window of a spectrum.
var hann = func() (w [span]float32) {
	for i := range w {
		w[i] = float32(0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/span))
	}
	return w
}()

// roots are the roots of unity, clockwise.
var roots = func() (r [span / 2]complex64) {
	for k := range r {
		sin, cos := math.Sincos(-2 * math.Pi * float64(k) / span)
		r[k] = complex(float32(cos), float32(sin))
	}
	return r
}()

// magnitudes writes the magnitudes of the spectrum of a sound under the window.
func magnitudes(out *[bins]float32, sound *[span]float32) {
	var x [span]complex64
	for i, v := range sound {
		x[bits.Reverse8(uint8(i))] = complex(hann[i]*v, 0)
	}
	for size := 2; size <= span; size *= 2 { // Cooley and Tukey, 1965
		for start := 0; start < span; start += size {
			low, high := x[start:start+size/2], x[start+size/2:start+size]
			for k := range low {
				a, b := low[k], high[k]*roots[k*(span/size)]
				low[k], high[k] = a+b, a-b
			}
		}
	}
	for k := range out {
		re, im := real(x[k]), imag(x[k])
		out[k] = float32(math.Sqrt(float64(re*re + im*im)))
	}
}
