package capture

import (
	"math"
	"math/bits"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// lowPass keeps what is below 1300 Hz: a windowed sinc.
var lowPass = func() (h [49]float64) {
	const cut = 1300.0 / pcm.Rate
	sum := 0.0
	for i := range h {
		x := float64(i - len(h)/2)
		h[i] = 2 * cut
		if x != 0 {
			h[i] = math.Sin(2*math.Pi*cut*x) / (math.Pi * x)
		}
		h[i] *= 0.54 + 0.46*math.Cos(2*math.Pi*x/float64(len(h)))
		sum += h[i]
	}
	for i := range h {
		h[i] /= sum
	}
	return h
}()

// decimate returns every fourth sample of the sound between 70 and 1300 Hz.
func decimate(s []int16) []float64 {
	highPass := math.Exp(-2 * math.Pi * 70 / lowRate)
	out := make([]float64, 0, len(s)/4+1)
	var x, before, y float64
	for i := 0; i < len(s); i += 4 {
		x = 0
		from := max(0, i-len(lowPass)/2)
		to := min(len(s), i+len(lowPass)/2+1)
		for k, v := range s[from:to] {
			x += lowPass[from+k-i+len(lowPass)/2] * float64(v)
		}
		y = highPass * (y + x - before)
		before = x
		out = append(out, y)
	}
	return out
}

func energy(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// pitchOf returns the logarithm of the frequency with which the beginning of
// the low sound repeats, and how alike the repetitions are, one being equal.
func pitchOf(x []float64) (log, strength float64) {
	r := correlations(x)
	best := 0
	peak := func(lag int) bool { return r[lag] >= r[lag-1] && r[lag] >= r[lag+1] }
	for lag := highest; lag <= lowest; lag++ {
		if peak(lag) && (best == 0 || r[lag] > r[best]) {
			best = lag
		}
	}
	if best == 0 {
		return 0, 0
	}
	// A sound that repeats after one period also does after two.
	for lag := highest; lag < best; lag++ {
		if peak(lag) && r[lag] > 0.9*r[best] {
			best = lag
			break
		}
	}
	// The peak lies between the lags: that of the parabola through three.
	a, b, c := r[best-1], r[best], r[best+1]
	off := 0.0
	if bend := a - 2*b + c; bend < 0 {
		off = 0.5 * (a - c) / bend
	}
	return math.Log(lowRate / (float64(best) + off)), b
}

// correlations returns, for each lag, how alike the first 40 ms of x are to
// what comes that much later.
func correlations(x []float64) (r [lowest + 2]float64) {
	first := x[:voiceSpan]
	e := energy(first)
	later := energy(x[highest-1 : highest-1+voiceSpan])
	for lag := highest - 1; lag <= lowest+1; lag++ {
		sum := 0.0
		for k, v := range x[lag : lag+voiceSpan] {
			sum += first[k] * v
		}
		r[lag] = sum / (math.Sqrt(e*later) + 1)
		if lag+voiceSpan < len(x) {
			later += x[lag+voiceSpan]*x[lag+voiceSpan] - x[lag]*x[lag]
		}
	}
	return r
}

// spectrumSize is the number of samples of a spectrum: 32 ms.
const spectrumSize = 512

// bandEdges are where the bands begin that are compared, in steps of 31 Hz: of
// about the width of an ear's, from 100 to 4000 Hz.
var bandEdges = [...]int{3, 8, 13, 19, 26, 34, 44, 58, 76, 100, 128}

// A powers is a spectrum up to 4000 Hz, in steps of 31 Hz.
type powers [130]float64

// spectrum returns that of the first 32 ms, or what there is of them.
func spectrum(s []int16) (p powers) {
	var x [spectrumSize]complex128
	for i, v := range s[:min(len(s), spectrumSize)] {
		x[i] = complex(float64(v)*(0.5-0.5*math.Cos(2*math.Pi*float64(i)/spectrumSize)), 0)
	}
	transform(&x)
	for i := range p {
		p[i] = real(x[i])*real(x[i]) + imag(x[i])*imag(x[i])
	}
	return p
}

// transform is the discrete Fourier transform, in place (Cooley and Tukey, 1965).
func transform(x *[spectrumSize]complex128) {
	const shift = 64 - 9 // of 2^9 places
	for i := range x {
		if j := int(bits.Reverse64(uint64(i)) >> shift); i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	for size := 2; size <= spectrumSize; size *= 2 {
		for k := range size / 2 {
			turn := twiddle[k*(spectrumSize/size)]
			for i := k; i < spectrumSize; i += size {
				a, b := x[i], x[i+size/2]*turn
				x[i], x[i+size/2] = a+b, a-b
			}
		}
	}
}

// twiddle are the roots of unity.
var twiddle = func() (t [spectrumSize / 2]complex128) {
	for k := range t {
		sin, cos := math.Sincos(-2 * math.Pi * float64(k) / spectrumSize)
		t[k] = complex(cos, sin)
	}
	return t
}()

// bands returns the level of each band in dB.
func bands(p *powers) (b [len(bandEdges) - 1]float64) {
	for i := range b {
		sum := 1e3 // so that silence has a level
		for _, v := range p[bandEdges[i]:bandEdges[i+1]] {
			sum += v
		}
		b[i] = 10 * math.Log10(sum)
	}
	return b
}

// change returns how much the bands changed on average, in dB, leaving aside
// what they all changed by.
func change(a, b *[len(bandEdges) - 1]float64) float64 {
	mean := 0.0
	for i := range a {
		mean += (b[i] - a[i]) / float64(len(a))
	}
	sum := 0.0
	for i := range a {
		sum += math.Abs(b[i] - a[i] - mean)
	}
	return sum / float64(len(a))
}

// pure reports whether nearly all the power is in one place.
func pure(p *powers) bool {
	total, most := 0.0, 0.0
	for i := 2; i < len(p)-1; i++ {
		total += p[i]
		most = max(most, p[i-1]+p[i]+p[i+1])
	}
	return most > 0.93*total
}
