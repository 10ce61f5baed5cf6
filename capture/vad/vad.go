// Package vad detects voices in sound. It evaluates Silero VAD, a recurrent neural
// network of 243,073 weights that was trained on voices in 6,000 languages. Source:
// https://github.com/snakers4/silero-vad, version 5, MIT.
package vad

import (
	"math"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// Window is how many samples at pcm.Rate the network evaluates at once: 32 ms.
const Window = int(pcm.VoiceFrame * pcm.Rate / time.Second)

// The shape of the network. The first convolution reads the magnitudes of a short-time
// Fourier transform. Each convolution halves or keeps the number of moments. The last
// one writes one moment, which the LSTM reads.
const (
	context = 64      // samples of the previous window, which the network reads again
	span    = 256     // samples of a spectrum
	hop     = 128     // samples from one spectrum to the next
	bins    = 129     // of a spectrum
	moments = 4       // spectra of a window
	units   = 128     // of the LSTM
	kernel  = 3       // moments that a convolution reads
	loudest = 1 << 15 // full scale of a sample
)

// A Detector finds the voice in one sound, window after window. It is for one goroutine.
type Detector struct {
	net *network

	sound     [context + Window + context]float32
	layers    [2][bins * moments]float32 // input and output of a convolution, by moments
	gates     [4 * units]float32
	hid, cell [units]float32 // the LSTM's state
}

// New returns a Detector for a new sound.
func New() *Detector { return &Detector{net: weights()} }

// Reset overwrites the sound and the state. The Detector is then like a new one.
func (d *Detector) Reset() { *d = Detector{net: d.net} }

// Next returns the probability that the next window of the sound holds a voice, from 0
// to 1. It panics if samples does not have Window samples.
func (d *Detector) Next(samples []int16) float32 {
	if len(samples) != Window {
		panic("vad: not a window of samples")
	}
	d.load(samples)
	for t := range moments {
		magnitudes((*[bins]float32)(d.layers[0][t*bins:]), (*[span]float32)(d.sound[t*hop:]))
	}
	in, out, n := d.layers[0][:], d.layers[1][:], moments
	for i := range d.net.layers {
		n = d.net.layers[i].apply(out, in, n)
		in, out = out, in
	}
	return d.recur(in[:units])
}

// load puts the samples after the end of the previous window, and appends a reflection
// of their end.
func (d *Detector) load(samples []int16) {
	const end = context + Window
	copy(d.sound[:context], d.sound[end-context:end])
	for i, v := range samples {
		d.sound[context+i] = float32(v) / loudest
	}
	for i := range context {
		d.sound[end+i] = d.sound[end-2-i]
	}
}

// recur computes the LSTM and the output.
func (d *Detector) recur(in []float32) float32 {
	n := d.net
	for i := range d.gates {
		d.gates[i] = n.bias[i] + dot(n.fromInput[i*units:(i+1)*units], in) + dot(n.fromState[i*units:(i+1)*units], d.hid[:])
	}
	y := n.outBias
	for i := range units {
		input, forget, value, output := d.gates[i], d.gates[units+i], d.gates[2*units+i], d.gates[3*units+i]
		d.cell[i] = sigmoid(forget)*d.cell[i] + sigmoid(input)*tanh(value)
		d.hid[i] = sigmoid(output) * tanh(d.cell[i])
		y += n.out[i] * max(d.hid[i], 0)
	}
	return sigmoid(y)
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
func tanh(x float32) float32    { return float32(math.Tanh(float64(x))) }

// dot returns the sum of the products. It computes four sums, which a processor can do
// in parallel.
func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// Detect returns the probability of a voice for each frame of a clip of any rate. The
// last frame may be incomplete.
func Detect(c pcm.Clip) pcm.Voice {
	samples := c.At(pcm.Rate)
	voice := make(pcm.Voice, 0, len(samples)/Window+1)
	d := New()
	var last [Window]int16
	for window := range slices.Chunk(samples, Window) {
		if len(window) < Window {
			copy(last[:], window)
			window = last[:]
		}
		voice = append(voice, d.Next(window))
	}
	return voice
}
